import { expect, test } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import { secretTypeErrors } from './secret-types.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const fieldsOf = (type: string, data: Record<string, string>, annotations?: Record<string, string>) =>
  secretTypeErrors({ metadata: { name: 's', annotations }, type, data } as unknown as KubeObject).map(
    (error) => `${error.field} ${error.type}`,
  );

test.each([
  ['Opaque', {}, []],
  ['example.org/own', {}, []],
  ['dockerconfigjson', {}, ['data[.dockerconfigjson] Required']],
  ['dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' }, []],
  ['dockerconfigjson', { '.dockerconfigjson': 'hunter2' }, ['data[.dockerconfigjson] Invalid']],
  ['dockercfg', {}, ['data[.dockercfg] Required']],
  ['dockercfg', { '.dockercfg': '{}' }, []],
  ['dockercfg', { '.dockercfg': '[]' }, ['data[.dockercfg] Invalid']],
  ['basic-auth', {}, ['data[username] Required', 'data[password] Required']],
  ['basic-auth', { password: 'x' }, []],
  ['ssh-auth', { 'ssh-privatekey': '' }, ['data[ssh-privatekey] Required']],
  ['ssh-auth', { 'ssh-privatekey': 'x' }, []],
  ['tls', { 'tls.crt': '' }, ['data[tls.key] Required']],
  ['tls', { 'tls.crt': '', 'tls.key': '' }, []],
  ['service-account-token', {}, ['metadata.annotations[kubernetes.io/service-account.name] Required']],
])('%s with %j', (name, data, errors) => {
  const type = name === 'Opaque' || name.includes('/') ? name : `kubernetes.io/${name}`;
  const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)]));
  expect(fieldsOf(type, encoded)).toEqual(errors);
});

test('the token of a service account names it, and is there: nobody fills it in', () => {
  const annotations = { 'kubernetes.io/service-account.name': 'builder' };
  const type = 'kubernetes.io/service-account-token';
  const metadata = { name: 's', namespace: 'ci', annotations };
  expect(secretTypeErrors({ metadata, type } as unknown as KubeObject)).toEqual([
    {
      type: 'Required',
      field: 'data[token]',
      detail: 'tokens are not filled in here: get one with `kubectl create token builder -n ci`',
    },
  ]);
  expect(fieldsOf(type, { token: base64('x') }, annotations)).toEqual([]);
});

test('what is wrong is said without the content', () => {
  const secret = {
    metadata: { name: 's' },
    type: 'kubernetes.io/dockercfg',
    data: { '.dockercfg': base64('hunter2') },
  };
  expect(secretTypeErrors(secret as unknown as KubeObject)).toEqual([
    {
      type: 'Invalid',
      field: 'data[.dockercfg]',
      value: '<secret contents redacted>',
      detail: 'must be a JSON object',
    },
  ]);
});
