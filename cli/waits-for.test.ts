import { expect, test } from 'vitest';
import type { Event, Pod } from '../pod/types.ts';
import { lastWarning, outlook } from './waits-for.ts';

const loop = (file: string) => ['sh', '-c', `until cat ${file}; do sleep 2; done`];
const spec: Pod['spec'] = {
  initContainers: [
    { name: 'one', command: loop('/root/one') },
    { name: 'two', args: ['wait'] },
  ],
  containers: [{ name: 'main' }],
};
const status = (name: string, state: object, ready = false) => ({
  name,
  state,
  ready,
  image: '',
  imageID: '',
  restartCount: 0,
});
const running = { running: {} };
const done = { terminated: { exitCode: 0 } };
const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } });

const cases: [string, Pod['status'], ReturnType<typeof outlook>][] = [
  ['new', { phase: 'Pending' }, undefined],
  [
    'without a node',
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: 'no node' }] },
    { text: 'cannot be placed: no node', next: ['describe', 'pod', 'p'] },
  ],
  [
    'the first init container waits for a file',
    { phase: 'Pending', initContainerStatuses: [status('one', running), status('two', waiting('PodInitializing'))] },
    {
      text: 'Init:0/2: waits for init container one to succeed',
      next: ['exec', 'p', '-c', 'one', '--', 'touch', '/root/one'],
    },
  ],
  [
    'the second for something else',
    { phase: 'Pending', initContainerStatuses: [status('one', done, true), status('two', running)] },
    { text: 'Init:1/2: waits for init container two to succeed', next: ['logs', '-f', 'p', '-c', 'two'] },
  ],
  [
    'an image that is not there',
    { phase: 'Pending', initContainerStatuses: [status('one', waiting('ErrImagePull', 'not found'))] },
    { text: 'container one: ErrImagePull (not found)', next: ['describe', 'pod', 'p'] },
  ],
  ['on its way', { phase: 'Pending', containerStatuses: [status('main', waiting('ContainerCreating'))] }, undefined],
  [
    'runs',
    { phase: 'Running', containerStatuses: [status('main', running)] },
    { text: 'Running', next: ['logs', '-f', 'p'] },
  ],
  ['over', { phase: 'Succeeded' }, { text: 'has ended: Succeeded', next: ['describe', 'pod', 'p'] }],
];

test.each(cases)('%s', (_name, given, expected) => {
  expect(outlook({ metadata: { name: 'p' }, spec, status: given } as Pod)).toEqual(expected);
});

test('what nothing else is said of: the last warning', () => {
  const pod = { metadata: { name: 'p' }, spec, status: { phase: 'Pending' } } as Pod;
  const event = (type: string, reason: string, at: number) =>
    ({ type, reason, message: 'why', lastTimestamp: `2026-01-01T00:00:0${at}Z` }) as unknown as Event;
  const events = [event('Warning', 'FailedMount', 2), event('Warning', 'Failed', 1), event('Normal', 'Scheduled', 3)];
  const next = ['describe', 'pod', 'p'];
  expect(lastWarning(pod, events)).toEqual({ text: 'Pending: FailedMount: why', next });
  expect(lastWarning(pod, events.slice(2))).toBeUndefined();
});
