import { expect, test } from 'vitest';
import type { PodEvent } from '../pod/contract.ts';
import { eventObject } from './events.ts';

const at = '2026-03-04T05:06:07.008Z';
const event: PodEvent = { type: 'Warning', reason: 'Said', message: 'why', at, firstAt: at, sequence: 1, count: 1 };

test('an event of a Pod names its container, one of a node has no namespace to look in', () => {
  const pod = { namespace: 'default', name: 'web', uid: 'u1' };
  const container: PodEvent['container'] = { name: 'main', list: 'containers' };
  expect(eventObject(pod, { ...event, container }, 'box').involvedObject).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    ...pod,
    fieldPath: 'spec.containers{main}',
  });
  const node = { kind: 'Node', namespace: 'default', name: 'box', uid: 'box' } as const;
  expect(eventObject(node, event, 'box')).toMatchObject({
    metadata: { namespace: 'default', name: expect.stringMatching(/^box\.[0-9a-f]{16}$/) },
    involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'box', uid: 'box' },
    source: { component: 'durapod', host: 'box' },
  });
});
