/** Where the runtime keeps what durapod tells things by: the kubelet's names, so that crictl and others read them. */
export const LABELS = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
} as const;
export const RESTART_COUNT_ANNOTATION = 'io.kubernetes.container.restartCount';
/** The image as it was asked for: a runtime names any of the names that the same image has. */
export const IMAGE_ANNOTATION = 'durapod.io/image';
