import { ageOf } from '../duration.ts';
import type { Event, KubeObject } from '../types.ts';
import { type Cell, column, wideColumn } from './column.ts';

export const eventPrinter = {
  columns: [
    column('Last Seen', 'How long ago it happened the last time.'),
    column('Type', 'Normal or Warning.'),
    column('Reason', 'What happened, in one word.'),
    column('Object', 'What it happened to.'),
    wideColumn('Subobject', 'The part of the object.'),
    wideColumn('Source', 'Who reported it.'),
    column('Message', 'What happened.'),
    wideColumn('First Seen', 'How long ago it happened the first time.'),
    wideColumn('Count', 'How often it happened.'),
    { ...wideColumn('Name', "The event's name."), format: 'name' },
  ],
  cells(object: KubeObject, now: number): Cell[] {
    const event = object as unknown as Event;
    const { involvedObject = {}, series, source } = event;
    const first = event.firstTimestamp ?? event.eventTime;
    const last = series ? series.lastObservedTime : (event.lastTimestamp ?? first);
    const component = source?.component || event.reportingComponent;
    const instance = source?.host || event.reportingInstance;
    return [
      ageOf(last, now),
      event.type ?? '',
      event.reason ?? '',
      [(involvedObject.kind ?? '').toLowerCase(), involvedObject.name].filter(Boolean).join('/'),
      involvedObject.fieldPath ?? '',
      [component, instance].filter(Boolean).join(', '),
      (event.message ?? '').trim(),
      ageOf(first, now),
      series?.count ?? (event.count || 1),
      event.metadata.name ?? '',
    ];
  },
};
