import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';
import { UserError } from './user-error.ts';

const TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Resolves when the API shows the node as Ready: Pods can be placed on it from then on. Throws UserError saying why not. */
export async function untilNodeReady(api: ApiClient, name: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  let last = 'the API does not know it';
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    const { code, body } = await api('GET', `/api/v1/nodes/${name}`);
    const conditions: { type: string; status: string; message?: string }[] =
      code === 200 ? body.status?.conditions : [];
    const ready = conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True') return;
    if (ready) last = ready.message ?? 'it says nothing more';
    await sleep(POLL_MS);
  }
  throw new UserError(`node ${name} is not ready after ${TIMEOUT_MS / 1000} s (${last}): see durapod's log`);
}
