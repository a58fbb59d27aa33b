/** The Pod that is measured, through durapod's API. */
import { randomUUID } from 'node:crypto';
import type { PodRef } from '../pod/types.ts';
import type { ApiClient, PodChange } from './api.ts';
import { IMAGE, INITS, MAIN } from './shape.ts';

export const PODS_PATH = '/api/v1/namespaces/default/pods';
const TIMEOUT_MS = 60_000;

const SPEC = {
  initContainers: INITS.map(({ name, command }) => ({ name, image: IMAGE, command })),
  containers: [{ name: MAIN.name, image: IMAGE, command: MAIN.command }],
};

export interface ReadyPod {
  ref: PodRef;
  /** From just before the POST to Ready seen on the watch. */
  ms: number;
}

/** Creates a Pod, of the shape that both sides run unless given, and waits until the watch shows it Ready. */
export async function startPod(api: ApiClient, spec: object = SPEC): Promise<ReadyPod> {
  const name = `bench-${randomUUID().slice(0, 8)}`;
  let uid = '';
  let at = 0;
  const ready = ({ object }: PodChange) => {
    uid = object.metadata.uid ?? '';
    at = performance.now();
    return object.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  };
  const seen = api.until(name, ready, TIMEOUT_MS);
  const from = performance.now();
  await Promise.all([seen, api.send('POST', PODS_PATH, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec })]);
  return { ref: { namespace: 'default', name, uid }, ms: at - from };
}

/** Deletes a Pod and waits until the watch shows that it is gone. */
export async function endPod(api: ApiClient, { ref }: ReadyPod): Promise<void> {
  const gone = api.until(ref.name, ({ type }) => type === 'DELETED', TIMEOUT_MS);
  await Promise.all([gone, api.send('DELETE', `${PODS_PATH}/${ref.name}`)]);
}
