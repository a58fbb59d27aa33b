import { expect, test } from 'vitest';
import { testApi } from '../api/testing.ts';
import type { PodEvent } from '../pod/contract.ts';
import { storeApi } from '../worker/store-api.ts';
import type { ApiClient } from './api-client.ts';
import { remoteNodeApi } from './node-api.ts';

const pod = { namespace: 'default', name: 'web', uid: 'u1' };
const event: PodEvent = {
  type: 'Warning',
  reason: 'Unhealthy',
  message: 'Readiness probe failed: broken',
  container: { name: 'main', list: 'containers' },
  at: '2030-01-01T00:00:00.500Z',
  firstAt: '2030-01-01T00:00:00.500Z',
  sequence: 0x8000,
  count: 1,
};
const again = { ...event, at: '2030-01-01T00:00:09.500Z', count: 7 };

test.each(['in the same process', 'on another machine'])(
  'a node %s writes events and counts them up',
  async (where) => {
    await using api = await testApi();
    const remote: ApiClient = async (method, path, content, type = 'application/json') => {
      const body = content === undefined ? undefined : JSON.stringify(content);
      const answer = await api.send(method, path, body, { 'content-type': type });
      return { code: answer.status, body: answer.body };
    };
    const noTokens = () => Promise.reject(new Error('not used'));
    const node = where === 'in the same process' ? storeApi(api.store, noTokens) : remoteNodeApi(remote);
    const shown = async () => {
      const { items } = (await api.send('GET', '/api/v1/namespaces/default/events')).body;
      return items.map(({ metadata, ...rest }: { metadata: { name: string } }) => ({ name: metadata.name, ...rest }));
    };
    const first = {
      name: 'web.01b8dac5b5f48000',
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'default',
        name: 'web',
        uid: 'u1',
        fieldPath: 'spec.containers{main}',
      },
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: broken',
      count: 1,
      firstTimestamp: '2030-01-01T00:00:00Z',
      lastTimestamp: '2030-01-01T00:00:00Z',
      source: { component: 'durapod', host: 'node-1' },
      reportingComponent: 'durapod',
      reportingInstance: 'node-1',
    };
    await node.writeEvent(pod, event, 'node-1');
    await node.writeEvent(pod, event, 'node-1');
    expect(await shown()).toEqual([first]);
    await node.writeEvent(pod, again, 'node-1');
    const counted = { ...first, count: 7, lastTimestamp: '2030-01-01T00:00:09Z' };
    expect(await shown()).toEqual([counted]);
    await api.send('DELETE', `/api/v1/namespaces/default/events/${first.name}`);
    await node.writeEvent(pod, again, 'node-1');
    expect(await shown()).toEqual([counted]);
  },
);
