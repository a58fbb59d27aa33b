import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from './port.ts';
import { openSqliteStore } from './sqlite.ts';
import { storeSuite } from './suite.ts';

const temporary = () => mkdtempSync(join(tmpdir(), 'durapod-store-'));

storeSuite('SQLite', async () => {
  const directory = temporary();
  return {
    open: async () => openSqliteStore(join(directory, 'store.db')),
    remove: async () => rmSync(directory, { recursive: true }),
  };
});

describe('SQLite file', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = temporary();
    path = join(directory, 'store.db');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is readable by its owner only', async () => {
    const store = openSqliteStore(path);
    await store.create({ resource: 'secrets', namespace: '', name: 'a' }, { metadata: {} }, 'client');
    const modes = ['', '-wal', '-shm'].map((suffix) => statSync(path + suffix).mode & 0o777);
    await store.close();
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  test('that is no store, or a newer one, is refused by name', () => {
    writeFileSync(path, 'something else, and long enough to be looked at as a database header'.repeat(20));
    expect(() => openSqliteStore(path)).toThrow(`cannot open the store ${path}: file is not a database`);
    expect(() => openSqliteStore(join(directory, 'no', 'store.db'))).toThrow('cannot open the store');
    const newer = join(directory, 'newer.db');
    const db = new DatabaseSync(newer);
    db.exec('pragma user_version = 99');
    db.close();
    expect(() => openSqliteStore(newer)).toThrow('written by a newer durapod');
  });

  test('keeps every acknowledged write of a process that is killed, and watchers elsewhere see them', async () => {
    const store = openSqliteStore(path);
    const script = `
      import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)};
      const store = openSqliteStore(${JSON.stringify(path)});
      for (let i = 1; ; i++) {
        const { metadata } = await store.create({ resource: 'pods', namespace: '', name: 'p' + i }, { metadata: {} }, 'client');
        process.stdout.write(metadata.resourceVersion + '\\n');
        await new Promise(setImmediate);
      }`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    writer.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const closed = once(writer, 'close');
    const changes: Change[] = [];
    for await (const change of store.watch({ since: 0 })) {
      changes.push(change);
      if (changes.length === 100) writer.kill('SIGKILL');
      if (changes.length >= 100 && change.revision === (await store.revision())) break;
    }
    await closed;
    const acknowledged = output.split('\n').slice(0, -1).map(Number);
    expect(changes.slice(0, 100).map(({ revision }) => revision)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(acknowledged.length).toBeGreaterThanOrEqual(99);
    expect(await store.revision()).toBeGreaterThanOrEqual(acknowledged.length);
    await store.close();
  });
});
