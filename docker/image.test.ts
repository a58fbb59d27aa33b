import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

test('whatever the code in the image imports is in the image', () => {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  const folders = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const files = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: ROOT },
  ).filter((file) => !file.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(100);
  const missing = files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(/(?:from|import) '(\.{1,2}\/[^']+)'/g)]
      .map(([, path = '']) => relative(ROOT, join(ROOT, dirname(file), path)))
      .filter((path) => !folders.some((folder) => path === folder || path.startsWith(`${folder}/`)))
      .map((path) => `${file} imports ${path}`);
  });
  expect(missing).toEqual([]);
});
