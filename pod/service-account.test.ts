import { expect, test } from 'vitest';
import { withServiceAccount } from './service-account.ts';
import type { KubeObject, Pod } from './types.ts';
import { basePod } from './validation/testing.ts';

const path = '/var/run/secrets/kubernetes.io/serviceaccount';
const mount = { name: 'kube-api-access-x', readOnly: true, mountPath: path };
const account = (fields = {}): KubeObject => ({ metadata: { name: 'default' }, ...fields });
const given = (pod: Pod, fields = {}) => withServiceAccount(pod, account(fields), 'kube-api-access-x').spec;

test('every container gets the token, the certificate and the namespace', () => {
  const spec = given(basePod());
  expect(spec.volumes?.at(-1)).toEqual({
    name: 'kube-api-access-x',
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  });
  expect([spec.containers[0]?.volumeMounts, spec.initContainers?.[0]?.volumeMounts]).toEqual([[mount], [mount]]);
});

test("the Pod's word counts before the account's", () => {
  const asks = (value?: boolean): Pod => {
    const pod = basePod();
    if (value !== undefined) pod.spec.automountServiceAccountToken = value;
    return pod;
  };
  const mounts = (pod: Pod, own?: boolean) =>
    given(pod, own === undefined ? {} : { automountServiceAccountToken: own }).volumes?.length === 2;
  expect([
    mounts(asks(false)),
    mounts(asks(false), true),
    mounts(asks(), false),
    mounts(asks(true), false),
    mounts(asks(), true),
  ]).toEqual([false, false, false, true, true]);
});

test('a container that mounts something there keeps it; when all do there is no volume', () => {
  const pod = basePod();
  const own = { name: 'data', mountPath: path };
  pod.spec.containers[0]!.volumeMounts = [own];
  expect(given(pod).containers[0]?.volumeMounts).toEqual([own]);
  pod.spec.initContainers![0]!.volumeMounts = [own];
  expect(given(pod)).toEqual(pod.spec);
});

test("the account's image pull secrets are for Pods without their own", () => {
  const fields = { imagePullSecrets: [{ name: 'registry' }], automountServiceAccountToken: false };
  expect(given(basePod(), fields).imagePullSecrets).toEqual([{ name: 'registry' }]);
  const pod = basePod();
  pod.spec.imagePullSecrets = [{ name: 'mine' }];
  expect(given(pod, fields).imagePullSecrets).toEqual([{ name: 'mine' }]);
});
