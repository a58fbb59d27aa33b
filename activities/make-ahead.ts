/**
 * Making containers before their turn: while one starts, the next in line is created (not started), so that less is left
 * to do when it may start. One that does not fit any more is made anew, and one that a dead process left behind is found
 * by its name.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Container, Pod } from '../pod/types.ts';
import type { Ahead, Made, Plan } from './containers-ahead.ts';
import { type CreateInput, createContainer, type NotMade, planContainer } from './create-container.ts';
import type { NodeContext } from './node-context.ts';

/** So long after it was made from a Pod that is still the same, a container is as one made now. */
const FRESH_MS = 500;

/** Where the containers of a Pod are made. */
type Place = Pick<CreateInput, 'pod' | 'sandboxId' | 'sandboxAttempt' | 'podIPs'>;

/** Begins to make what comes after the container `after`, or first in the Pod. Only in a Pod's first life: later attempts are the workflow's to count. */
export function makeNext(node: NodeContext, pod: Pod, place: Place, after?: string): void {
  if (place.sandboxAttempt > 0) return;
  const { pod: ref, sandboxId, sandboxAttempt, podIPs } = place;
  let before: Promise<unknown> = Promise.resolve();
  for (const { name: container, image = '' } of nextInLine(pod, after).filter(mayBeAhead)) {
    const input = { pod: ref, container, image, attempt: 0, sandboxId, sandboxAttempt, podIPs };
    const previous = before;
    before = node.ahead.keep(ref.uid, container, () => previous.then(() => make(node, input, pod)));
  }
}

async function make(node: NodeContext, input: CreateInput, pod: Pod): Promise<Ahead | undefined> {
  const at = performance.now();
  const plan = await planContainer(node, input, pod);
  if ('outcome' in plan) return undefined;
  const made = await createContainer(node, input, pod, plan);
  const { sandboxId, image } = input;
  return 'outcome' in made
    ? undefined
    : { ...made, ...plan, sandboxId, image, generation: pod.metadata.generation, at };
}

function nextInLine({ spec }: Pod, after: string | undefined): Container[] {
  const inits = spec.initContainers ?? [];
  const next = inits.findIndex(({ name }) => name === after) + 1;
  if (after !== undefined && next === 0) return [];
  const init = inits[next];
  return init ? [init] : spec.containers;
}

/** What a subPath leads to is made by the containers before; which image `Always` comes to, the pull says. */
function mayBeAhead({ volumeMounts = [], imagePullPolicy }: Container): boolean {
  return imagePullPolicy !== 'Always' && volumeMounts.every(({ subPath, subPathExpr }) => !subPath && !subPathExpr);
}

/** Makes a container, or takes the one made ahead when it is what would be made now. */
export async function obtain(node: NodeContext, input: CreateInput, pod: Pod): Promise<Made | NotMade> {
  const ahead = await node.ahead.take(input.pod.uid, input.container);
  const plan = ahead && isFresh(ahead, pod) ? ahead : await planContainer(node, input, pod);
  if (ahead) {
    if (fits(ahead, input, plan) && (await isCreated(node, ahead.id))) return ahead;
    await node.runtime.removeContainer(ahead.id);
  }
  return 'outcome' in plan ? plan : createContainer(node, input, pod, plan);
}

function isFresh({ generation, at }: Ahead, pod: Pod): boolean {
  return generation === pod.metadata.generation && performance.now() - at < FRESH_MS;
}

function fits(ahead: Ahead, { sandboxId, image }: CreateInput, plan: Plan | NotMade): boolean {
  if ('outcome' in plan || ahead.sandboxId !== sandboxId || ahead.image !== image) return false;
  return ahead.imageId === plan.imageId && isDeepStrictEqual(ahead.spec, plan.spec);
}

async function isCreated({ runtime }: NodeContext, id: string): Promise<boolean> {
  const status = await runtime.containerStatus(id).catch(() => undefined);
  return status?.state === 'created';
}
