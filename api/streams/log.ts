import type { Store } from '../../store/port.ts';
import { ApiError, badRequest, unavailable } from '../errors.ts';
import { chooseContainer } from './container-choice.ts';
import { chooseAttempt } from './log-attempt.ts';
import { parseLogOptions } from './log-options.ts';
import type { NodeConnector } from './node-connector.ts';
import { nodeOf, podPath, readPod, refOf } from './pod-target.ts';

/** What streaming needs of the API. */
export interface StreamDeps {
  store: Store;
  nodes: NodeConnector;
}

/** The log of a Pod's container, as it is read from the node. Throws ApiError. */
export async function openLog(
  { store, nodes }: StreamDeps,
  namespace: string,
  name: string,
  params: URLSearchParams,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const options = parseLogOptions(name, params);
  const pod = await readPod(store, namespace, name);
  const container = chooseContainer(pod, options.container);
  if (!pod.spec.nodeName) return new Blob([]).stream();
  const attempt = chooseAttempt(pod, container, options.previous);
  const node = await nodeOf(store, pod);
  if (attempt === 'before') options.query.set('previous', 'true');
  const path = `/containerLogs/${podPath(refOf(pod))}/${encodeURIComponent(container)}?${options.query}`;
  const response = await nodes.fetch(node, path, signal).catch((error: unknown) => {
    throw unreachable(node.name, error);
  });
  if (response.ok && response.body) return response.body;
  throw await refusal(response);
}

/** 503: the node does not answer. */
export function unreachable(node: string, error: unknown): ApiError {
  const code = (error as NodeJS.ErrnoException).code ?? 'no answer';
  return unavailable(`node "${node}" cannot be reached (${code}): is durapod's node role running there?`);
}

async function refusal(response: Response): Promise<ApiError> {
  const status = (await response.json().catch(() => ({}))) as { message?: string; reason?: string };
  if (response.status === 401)
    return new ApiError(500, 'InternalError', 'the node does not accept the token of its API');
  if (response.status === 400) return badRequest(status.message ?? 'the node refused the request');
  return new ApiError(
    response.status,
    status.reason ?? 'InternalError',
    status.message ?? `the node answered with ${response.status}`,
  );
}
