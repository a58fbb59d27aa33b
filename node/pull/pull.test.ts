import { expect, test } from 'vitest';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { type ImageCredentials, RuntimeError } from '../../runtime/port.ts';
import type { NodeEvent } from '../event-recorder.ts';
import { type PullContext, pullImage } from './pull.ts';

const IMAGE = 'registry.example/team/app:v1';

const secret = (name: string, auths: Record<string, string>) =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/dockerconfigjson',
    data: {
      '.dockerconfigjson': Buffer.from(
        JSON.stringify({
          auths: Object.fromEntries(
            Object.entries(auths).map(([registry, username]) => [registry, { username, password: 'p' }]),
          ),
        }),
      ).toString('base64'),
    },
  }) as unknown as KubeObject;

const SECRETS = [
  secret('wrong', { 'registry.example': 'wrong' }),
  secret('right', { 'registry.example': 'right' }),
  secret('elsewhere', { 'other.example': 'right' }),
];

/** Pulls with these Secrets in the Pod, from a registry that knows one user, and says what happened. */
async function pull(names: (string | undefined)[], image = IMAGE, fails?: RuntimeError) {
  const tried: (ImageCredentials | undefined)[] = [];
  const events: NodeEvent[] = [];
  const context: PullContext = {
    runtime: {
      async pullImage(_image, credentials) {
        tried.push(credentials);
        if (fails) throw fails;
        if (credentials?.username === 'right') return 'sha256:1';
        throw new RuntimeError('Failed', `denied to ${credentials?.username ?? 'nobody'}`);
      },
    },
    read: async (resource, namespace, name) =>
      resource === 'secrets' && namespace === 'default'
        ? SECRETS.find(({ metadata }) => metadata.name === name)
        : undefined,
    record: (_pod, event) => void events.push(event),
  };
  const pod = {
    metadata: { namespace: 'default', name: 'pod', uid: 'uid-1' },
    spec: { containers: [], imagePullSecrets: names.map((name) => ({ name })) },
  } as unknown as Pod;
  const result = await pullImage(context, pod, image, new AbortController().signal).catch((error) => error.message);
  return { result, tried: tried.map((credentials) => credentials?.username), events };
}

test.each([
  ['the login of the registry', ['right'], ['right'], 'sha256:1'],
  ['one after the other', ['wrong', 'right'], ['wrong', 'right'], 'sha256:1'],
  ['no more than needed', ['right', 'wrong'], ['right'], 'sha256:1'],
  ['none for this registry', ['elsewhere'], [undefined], 'denied to nobody'],
  ['no Secrets', [], [undefined], 'denied to nobody'],
  ['a reference without a name', [undefined], [undefined], 'denied to nobody'],
  ['refused', ['wrong'], ['wrong'], 'denied to wrong'],
  ['the same said twice', ['wrong', 'wrong'], ['wrong', 'wrong'], 'denied to wrong'],
])('%s', async (_, names, tried, result) => {
  expect(await pull(names)).toEqual({ result, tried, events: [] });
});

test('Secrets that are not there are one event, and the others are tried', async () => {
  expect(await pull(['lost', 'right', 'gone'])).toEqual({
    result: 'sha256:1',
    tried: ['right'],
    events: [
      {
        type: 'Warning',
        reason: 'FailedToRetrieveImagePullSecret',
        message:
          'Unable to retrieve some image pull secrets (lost, gone); attempting to pull the image may not succeed.',
      },
    ],
  });
});

test('a runtime that is away is not asked again with the next login', async () => {
  const away = new RuntimeError('Unavailable', 'away');
  expect(await pull(['wrong', 'right'], IMAGE, away)).toEqual({ result: 'away', tried: ['wrong'], events: [] });
});

test('what is no name is for the runtime to refuse', async () => {
  const invalid = new RuntimeError('InvalidImageName', 'invalid');
  expect(await pull(['right'], 'UPPER', invalid)).toEqual({ result: 'invalid', tried: [undefined], events: [] });
});
