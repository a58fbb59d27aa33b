import { expect, test } from 'vitest';
import { resources } from '../registry/index.ts';
import type { Type } from '../schema/definitions.ts';
import { testApi, testSchema } from '../testing.ts';
import { decodeProtobuf, NotReadAsProtobuf } from './decode.ts';
import { numberedFields } from './field-numbers.ts';

const schema = await testSchema();

/** A field with text, bytes, a small number, or fields of its own. */
function field(number: number, content: string | number | Uint8Array): Uint8Array {
  if (typeof content === 'number') return Uint8Array.of(number << 3, content);
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const tag = (number << 3) | 2;
  return join(
    tag < 128 ? Uint8Array.of(tag) : Uint8Array.of((tag & 127) | 128, tag >> 7),
    Uint8Array.of(bytes.length),
    bytes,
  );
}
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const object = (apiVersion: string, kind: string, raw: Uint8Array): Uint8Array =>
  join(new TextEncoder().encode('k8s\0'), field(1, join(field(1, apiVersion), field(2, kind))), field(2, raw));

test('a ConfigMap', () => {
  const metadata = join(
    field(1, 'cm'),
    field(2, ''),
    field(7, 0),
    field(8, new Uint8Array()),
    field(11, join(field(1, 'a'), field(2, 'b'))),
  );
  const raw = join(
    field(1, metadata),
    field(2, join(field(1, 'k'), field(2, 'v'))),
    field(2, join(field(1, 'empty'))),
    field(3, join(field(1, 'bin'), field(2, Uint8Array.of(0, 255)))),
    field(4, 0),
  );
  expect(decodeProtobuf(schema, object('v1', 'ConfigMap', raw))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cm', labels: { a: 'b' } },
    data: { k: 'v', empty: '' },
    binaryData: { bin: 'AP8=' },
    immutable: false,
  });
});

test('a Service, with ports that are numbers or names', () => {
  const port = (name: string, target: Uint8Array) =>
    field(1, join(field(1, name), field(3, 80), field(4, target), field(5, 0)));
  const spec = join(
    port('a', join(field(1, 0), field(2, 8), field(3, ''))),
    port('b', join(field(1, 1), field(3, 'http'))),
    field(4, 'ClusterIP'),
  );
  const decoded = decodeProtobuf(schema, object('v1', 'Service', join(field(2, spec), field(3, new Uint8Array()))));
  expect(decoded.spec).toEqual({
    ports: [
      { name: 'a', port: 80, targetPort: 8 },
      { name: 'b', port: 80, targetPort: 'http' },
    ],
    type: 'ClusterIP',
  });
});

test('an Eviction without grace', () => {
  const decoded = decodeProtobuf(schema, object('policy/v1', 'Eviction', field(2, field(1, 0))));
  expect(decoded.deleteOptions).toEqual({ gracePeriodSeconds: 0 });
});

test('times', () => {
  const raw = field(1, field(8, join(field(1, 1), field(2, 0))));
  expect(decodeProtobuf(schema, object('v1', 'Secret', raw)).metadata).toEqual({
    creationTimestamp: '1970-01-01T00:00:01.000Z',
  });
});

test('a Lease that was given up, to the microsecond', () => {
  const renewTime = join(field(1, 1), Uint8Array.of(16, 0x88, 0xf9, 0x61));
  const spec = join(field(1, ''), field(4, renewTime), field(5, 0));
  expect(decodeProtobuf(schema, object('coordination.k8s.io/v1', 'Lease', field(2, spec))).spec).toEqual({
    holderIdentity: '',
    renewTime: '1970-01-01T00:00:01.001604Z',
    leaseTransitions: 0,
  });
});

/** The messages of which a value of this type may consist. */
function messagesOf(type: Type, found = new Set<string>()): Set<string> {
  if (type.kind === 'list') return messagesOf(type.items, found);
  if (type.kind === 'map') return messagesOf(type.values, found);
  if (type.kind !== 'object' || !type.name || found.has(type.name)) return found;
  found.add(type.name);
  for (const field of type.fields.values()) messagesOf(field.type(), found);
  return found;
}

/** Of a Pod some may be missing: see `pod-fields.ts`. */
const whole = resources.filter(({ kind }) => !kind.startsWith('Pod'));

test.each(whole.map((kind) => [`${kind.group}/${kind.kind}`, kind] as const))(
  'every field of %s is read as protobuf',
  (_, kind) => {
    const messages = [...messagesOf(schema.typeOf(kind))].filter((name) => !name.endsWith('.ManagedFieldsEntry'));
    expect(messages.filter((name) => !numberedFields(name))).toEqual([]);
  },
);

test.each([
  ['what is not read as protobuf', object('batch/v1', 'Job', new Uint8Array()), 415],
  ['an unknown kind', object('v1', 'Thing', new Uint8Array()), 415],
  ['other bytes', new TextEncoder().encode('{}'), 400],
  ['a message cut short', object('v1', 'ConfigMap', Uint8Array.of(10, 99)), 400],
  ['a number without end', object('v1', 'ConfigMap', new Uint8Array(20).fill(255)), 400],
])('%s is refused', async (_, body, code) => {
  await using api = await testApi();
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const answer = await api.send('POST', '/api/v1/namespaces/default/configmaps', body, headers);
  expect([answer.status, answer.body.code]).toEqual([code, code]);
});

test('what kubectl creates with it', async () => {
  await using api = await testApi();
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const body = object('v1', 'Namespace', field(1, field(1, 'made')));
  const answer = await api.send('POST', '/api/v1/namespaces', body, headers);
  expect([answer.status, answer.body.metadata.name, answer.body.status]).toEqual([201, 'made', { phase: 'Active' }]);
});

test('a Pod, with messages whose fields are those of the one around them', () => {
  const key = join(field(1, field(1, 'settings')), field(2, 'color'));
  const container = join(
    field(1, 'main'),
    field(2, 'busybox:v1'),
    field(7, join(field(1, 'COLOR'), field(3, field(3, key)))),
    field(10, join(field(1, field(3, field(1, join(field(1, 0), field(2, 80))))), field(4, 5))),
    field(16, 1),
    field(17, 0),
  );
  const volume = join(field(1, 'scratch'), field(2, field(2, join(field(1, '')))));
  const spec = join(field(1, volume), field(2, container), field(3, 'Never'), field(4, 0), field(11, 0));
  const raw = join(field(1, field(1, 'web')), field(2, spec), field(3, field(1, '')));
  expect(decodeProtobuf(schema, object('v1', 'Pod', raw))).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: {
      volumes: [{ name: 'scratch', emptyDir: {} }],
      containers: [
        {
          name: 'main',
          image: 'busybox:v1',
          env: [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } }],
          livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 5 },
          stdin: true,
        },
      ],
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
    },
  });
});

test('a volume of a kind that no node has is not read as protobuf', () => {
  const volume = join(field(1, 'far'), field(2, field(7, field(1, 'server'))));
  const raw = join(field(1, field(1, 'web')), field(2, field(1, volume)));
  expect(() => decodeProtobuf(schema, object('v1', 'Pod', raw))).toThrow(NotReadAsProtobuf);
});
