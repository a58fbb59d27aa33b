/** A moment as Kubernetes writes it: RFC 3339, UTC, whole seconds. Takes ms since the epoch or any RFC 3339 text. */
export function kubeTime(moment: number | string): string {
  return new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');
}
