/** The signals, updates and queries of a Pod's workflow. */
import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { FileResult } from '../pod/contract.ts';
import type { ContainerExited, CreateFile, Evicted, ProbeChanged, SandboxLost } from '../pod/messages.ts';
import { restartCount } from '../pod/record.ts';
import type { PodStatus } from '../pod/types.ts';
import type { PodView } from '../pod/view.ts';
import type { PodContext } from './context.ts';
import { createFile, validateFile } from './files.ts';
import { takeProbe } from './probes.ts';
import { validateContainerRestart, validatePodRestart } from './restart-asked.ts';
import type { TimelineEntry } from './state.ts';

/** The Pod's object changed (or is gone): what the workflow decides on, as it is now. */
export const podChanged = defineSignal<[PodView]>('podChanged');
export const containerExited = defineSignal<[ContainerExited]>('containerExited');
export const probeChanged = defineSignal<[ProbeChanged]>('probeChanged');
export const sandboxLost = defineSignal<[SandboxLost]>('sandboxLost');
/** The Pod uses more of the node than it may. */
export const evicted = defineSignal<[Evicted]>('evicted');
/** What the Pod waits for may have come: it need not wait for its next look. */
export const lookAgain = defineSignal('lookAgain');
/** Creates a file in a container; one that does not run yet gets it when it does. */
export const createFileSignal = defineSignal<[CreateFile]>('createFile');

/** The same for a caller who wants to know. */
export const createFileUpdate = defineUpdate<FileResult, [CreateFile]>('createFile');
export const restartContainer = defineUpdate<{ restartCount: number }, [{ container: string }]>('restartContainer');
export const restartPod = defineUpdate<void, [{ message: string }]>('restartPod');

export const statusQuery = defineQuery<PodStatus>('status');
export const timelineQuery = defineQuery<TimelineEntry[]>('timeline');

export function handleMessages(ctx: PodContext): void {
  setHandler(podChanged, (view) => takeView(ctx, view));
  setHandler(containerExited, (report) => ctx.reportExit(report));
  setHandler(probeChanged, (change) => takeProbe(ctx, change));
  setHandler(sandboxLost, ({ sandboxId, message }) => {
    if (ctx.state.sandbox?.id === sandboxId) ctx.interrupt({ kind: 'sandbox-lost', message });
  });
  setHandler(evicted, (eviction) => {
    if (!ctx.state.over) ctx.interrupt({ kind: 'evicted', ...eviction });
  });
  setHandler(lookAgain, () => {
    // Earlier sequences did not know it.
    if (ctx.version >= 3) ctx.calls++;
  });
  setHandler(createFileSignal, (file) => {
    ctx.state.files.push(file);
  });
  setHandler(createFileUpdate, (file) => createFile(ctx, file), { validator: (file) => validateFile(ctx, file) });
  setHandler(
    restartContainer,
    ({ container }) => {
      const record = ctx.record(container);
      ctx.kills.set(container, { message: `Container ${container} restarts, as asked`, always: true });
      return { restartCount: restartCount(record) };
    },
    { validator: ({ container }) => validateContainerRestart(ctx, container) },
  );
  setHandler(restartPod, ({ message }) => ctx.interrupt({ kind: 'restart', message, keepSandbox: false }), {
    validator: (_) => validatePodRestart(ctx),
  });
  setHandler(statusQuery, () => ctx.status());
  setHandler(timelineQuery, () => ctx.state.timeline);
}

function takeView(ctx: PodContext, view: PodView): void {
  const before = ctx.pod;
  if (!view.deletion?.gone && Number(view.resourceVersion) <= Number(before.resourceVersion)) return;
  // The node is this workflow's own choice; a view drawn before it was written must not take it back.
  ctx.state.view = { ...view, nodeName: view.nodeName ?? before.nodeName };
  ctx.changed();
  if (view.deletion || ctx.state.over || view.initImageChange === 'Ignore') return;
  for (const c of view.containers) {
    const record = ctx.record(c.name);
    const image = ctx.ordered.get(c.name)?.image ?? (record.phase === 'waiting' ? c.image : record.image);
    if (c.kind !== 'init' || image === c.image) continue;
    const message = `Image of init container ${c.name} changed: the Pod restarts`;
    ctx.interrupt({ kind: 'restart', message, keepSandbox: false });
  }
}
