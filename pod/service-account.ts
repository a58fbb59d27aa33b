/**
 * What a Pod gets from its service account when it is created: credentials of the API, mounted, and the account's image
 * pull secrets. Source: Kubernetes docs, "Configure Service Accounts for Pods", and KEP-1205.
 */
import type { Container, KubeObject, Pod, Volume } from './types.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
export const API_ACCESS_PREFIX = 'kube-api-access-';
/** Upstream's number, by which it knows tokens that it mounted itself. */
const TOKEN_SECONDS = 3607;

/** The Pod (defaulted) with what its account gives; `volumeName` is for a volume it does not have yet. */
export function withServiceAccount(pod: Pod, account: KubeObject, volumeName: string): Pod {
  const { imagePullSecrets } = pod.spec;
  const secrets = imagePullSecrets?.length ? imagePullSecrets : account.imagePullSecrets;
  const given = secrets?.length ? { ...pod, spec: { ...pod.spec, imagePullSecrets: secrets } } : pod;
  const mounts = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return mounts ? withApiAccess(given, volumeName) : given;
}

function withApiAccess(pod: Pod, volumeName: string): Pod {
  const { containers, initContainers, volumes = [] } = pod.spec;
  const lacking = [...containers, ...(initContainers ?? [])].some((container) => !hasOwn(container));
  if (!lacking) return pod;
  const known = volumes.find(({ name, projected }) => name.startsWith(API_ACCESS_PREFIX) && projected);
  const name = known?.name ?? volumeName;
  const mounted = (container: Container): Container =>
    hasOwn(container)
      ? container
      : {
          ...container,
          volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }],
        };
  return {
    ...pod,
    spec: {
      ...pod.spec,
      volumes: known ? volumes : [...volumes, apiAccess(name)],
      ...(initContainers ? { initContainers: initContainers.map(mounted) } : {}),
      containers: containers.map(mounted),
    },
  };
}

const hasOwn = ({ volumeMounts }: Container): boolean =>
  volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH) ?? false;

const apiAccess = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
});
