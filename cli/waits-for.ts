import { isOver } from '../pod/phase.ts';
import type { Container, ContainerStatus, Event, Pod } from '../pod/types.ts';

/** What a Pod stands at, for people, and what to type next. */
export interface Outlook {
  /** `Init:0/2: waits for init container init-myapp` */
  text: string;
  /** Arguments of kubectl. */
  next: string[];
}

/** Tells what the Pod waits for, from its status; undefined while it is still on its way there. */
export function outlook(pod: Pod): Outlook | undefined {
  const name = pod.metadata.name ?? '';
  const { phase, initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const unscheduled = pod.status?.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (unscheduled)
    return { text: `cannot be placed: ${unscheduled.message ?? unscheduled.reason}`, next: describePod(name) };
  if (isOver(phase)) return { text: `has ended: ${phase}`, next: describePod(name) };

  for (const status of [...initContainerStatuses, ...containerStatuses]) {
    const problem = troubleOf(status);
    if (problem) return { text: `container ${status.name}: ${problem}`, next: describePod(name) };
  }
  const inits = pod.spec.initContainers ?? [];
  const done = initContainerStatuses.filter((status) => status.state?.terminated?.exitCode === 0).length;
  const running = initContainerStatuses.find((status) => status.state?.running && !status.ready);
  const init = inits.find(({ name: own }) => own === running?.name);
  if (init && init.restartPolicy !== 'Always') {
    const text = `Init:${done}/${inits.length}: waits for init container ${init.name} to succeed`;
    return { text, next: unblock(name, init) };
  }
  if (phase === 'Running' && containerStatuses.length > 0 && containerStatuses.every(({ state }) => state?.running)) {
    return { text: 'Running', next: ['logs', '-f', name] };
  }
  return undefined;
}

/** What a Pod that its status tells nothing of has been warned of last. */
export function lastWarning(pod: Pod, events: Event[]): Outlook | undefined {
  const warnings = events.filter(({ type }) => type === 'Warning');
  const last = warnings.toSorted((a, b) => String(a.lastTimestamp).localeCompare(String(b.lastTimestamp))).at(-1);
  const text = last && `${pod.status?.phase ?? 'Pending'}: ${last.reason}: ${last.message}`;
  return text ? { text, next: describePod(pod.metadata.name ?? '') } : undefined;
}

function describePod(name: string): string[] {
  return ['describe', 'pod', name];
}

/** Reasons that do not pass by themselves, or not soon. */
function troubleOf({ state }: ContainerStatus): string | undefined {
  const { reason, message } = state?.waiting ?? {};
  if (!reason || reason === 'ContainerCreating' || reason === 'PodInitializing') return undefined;
  return message ? `${reason} (${message})` : reason;
}

/** An init container whose script reads a file over and over waits for that file. */
function unblock(pod: string, init: Container): string[] {
  const script = [...(init.command ?? []), ...(init.args ?? [])].join(' ');
  const file = /\bcat\s+(\/[\w./-]+)/.exec(script)?.[1];
  return file ? ['exec', pod, '-c', init.name, '--', 'touch', file] : ['logs', '-f', pod, '-c', init.name];
}
