/** What Temporal's own UI shows of a Pod: search attributes, and a table of its containers. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type ContainerRecord, restartCount } from '../pod/record.ts';
import { type PodFacts, reasonOf } from '../pod/status.ts';
import type { PodStatus } from '../pod/types.ts';
import type { PodView } from '../pod/view.ts';

const PHASE = defineSearchAttributeKey('PodPhase', SearchAttributeType.KEYWORD);
const REASON = defineSearchAttributeKey('PodReason', SearchAttributeType.KEYWORD);
const NODE = defineSearchAttributeKey('PodNode', SearchAttributeType.KEYWORD);

/** Brings the search attributes up to date; costs a history event, so only when one differs. */
export function showPhase(pod: PodView, records: ContainerRecord[], facts: PodFacts, status: PodStatus): void {
  const next = [
    { key: PHASE, value: status.phase ?? 'Pending' },
    { key: REASON, value: reasonOf(pod, records, facts) },
    { key: NODE, value: pod.nodeName ?? '' },
  ];
  const shown = workflowInfo().typedSearchAttributes;
  const changed = next.filter(({ key, value }) => value !== '' && shown.get(key) !== value);
  if (changed.length > 0) upsertSearchAttributes(changed);
}

/** The live table of containers, as Markdown. */
export function describe(pod: PodView, records: ContainerRecord[], status: PodStatus): void {
  const rows = pod.containers.map((c) => {
    const record = records.find((r) => r.name === c.name);
    const state = record?.phase ?? 'waiting';
    const why =
      state === 'waiting'
        ? (record?.waiting?.reason ?? '')
        : state === 'exited'
          ? `${record?.exit?.reason} (${record?.exit?.exitCode})`
          : `since ${record?.startedAt ?? ''}`;
    return `| ${c.name} | ${c.kind} | ${state} | ${why} | ${record ? restartCount(record) : 0} |`;
  });
  const conditions = (status.conditions ?? []).map((c) => `${c.type}=${c.status}`).join(', ');
  setCurrentDetails(
    [
      `**${pod.namespace}/${pod.name}** ${status.phase} on ${pod.nodeName ?? 'no node yet'}, ${status.podIP ?? 'no address'}`,
      '',
      '| container | kind | state | why | restarts |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
      '',
      conditions,
    ].join('\n'),
  );
}
