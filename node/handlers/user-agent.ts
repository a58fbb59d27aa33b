/** The Kubernetes version whose kubelet this node behaves as: servers tell probes from traffic by the User-Agent. */
const KUBE_VERSION = '1.36';

export const PROBE_USER_AGENT = `kube-probe/${KUBE_VERSION}`;
export const HOOK_USER_AGENT = `kube-lifecycle/${KUBE_VERSION}`;
