import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ApiAnswer } from './api-client.ts';
import { createObject, readManifest } from './manifest.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-manifest-'));
  path = join(directory, 'manifest.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } };

test('documents, lists and JSON', () => {
  writeFileSync(
    path,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: n}\n',
  );
  expect(readManifest(path)).toEqual([pod, secret]);
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod, secret] }));
  expect(readManifest(path)).toEqual([pod, secret]);
});

test('what is no manifest is named', () => {
  expect(() => readManifest(join(directory, 'none'))).toThrow(/^cannot read the manifest: ENOENT.*none/);
  writeFileSync(path, 'a: [');
  expect(() => readManifest(path)).toThrow(/manifest\.yaml is not valid YAML: /);
  for (const text of ['', 'kind: Pod', '{"apiVersion":"v1","kind":"Pod"}']) {
    writeFileSync(path, text);
    expect(() => readManifest(path)).toThrow('every object needs apiVersion, kind and metadata.name');
  }
});

const resources = [
  { name: 'pods/log', kind: 'Pod', namespaced: true },
  { name: 'pods', kind: 'Pod', namespaced: true },
  { name: 'secrets', kind: 'Secret', namespaced: true },
];

test('objects go where their kind is served', async () => {
  const calls: string[] = [];
  const answers: Record<string, ApiAnswer> = {
    'GET /api/v1': { code: 200, body: { resources } },
    'POST /api/v1/namespaces/default/pods': { code: 201, body: { ...pod, created: true } },
    'POST /api/v1/namespaces/n/secrets': { code: 409, body: { reason: 'AlreadyExists', message: 'exists' } },
    'GET /api/v1/namespaces/n/secrets/s': { code: 200, body: { ...secret, old: true } },
  };
  const api = async (method: string, at: string) => {
    calls.push(`${method} ${at}`);
    return answers[`${method} ${at}`] ?? { code: 404, body: {} };
  };
  expect(await createObject(api, pod)).toEqual({ object: { ...pod, created: true }, existed: false });
  expect(await createObject(api, secret)).toEqual({ object: { ...secret, old: true }, existed: true });
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' } };
  await expect(createObject(api, job)).rejects.toThrow('this API does not serve batch/v1 Job');
  expect(calls.at(-1)).toBe('GET /apis/batch/v1');
});
