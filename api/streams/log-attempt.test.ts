import { expect, test } from 'vitest';
import type { ContainerStatus, Pod } from '../../pod/types.ts';
import { chooseAttempt } from './log-attempt.ts';

const ended = { terminated: { exitCode: 1, containerID: 'containerd://x' } };
const running = { running: {} };
const waiting = (reason: string) => ({ waiting: { reason } });
const pod = (status?: Partial<ContainerStatus>): Pod =>
  ({ metadata: { name: 'web' }, status: { initContainerStatuses: status ? [{ name: 'c', ...status }] : [] } }) as never;

test.each<[string, Partial<ContainerStatus>, boolean, 'newest' | 'before']>([
  ['running', { state: running }, false, 'newest'],
  ['ended', { state: ended }, false, 'newest'],
  ['waiting to be restarted', { state: waiting('CrashLoopBackOff'), lastState: ended }, false, 'newest'],
  ['running again, previous', { state: running, lastState: ended }, true, 'before'],
  ['ended again, previous', { state: ended, lastState: ended }, true, 'before'],
  ['waiting to be restarted, previous', { state: waiting('CrashLoopBackOff'), lastState: ended }, true, 'newest'],
])('%s', (_, status, previous, attempt) => {
  expect(chooseAttempt(pod(status), 'c', previous)).toBe(attempt);
});

const where = 'container "c" in pod "web"';
test.each<[string, Pod, boolean, string]>([
  ['no status yet', pod(), false, `${where} is not available`],
  ['no previous', pod({ state: running }), true, `previous terminated ${where} not found`],
  ['waiting', pod({ state: waiting('PodInitializing') }), false, `${where} is waiting to start: PodInitializing`],
  ['no image', pod({ state: waiting('ErrImagePull') }), false, `${where} is waiting to start: image can't be pulled`],
  [
    'no image, again',
    pod({ state: waiting('ImagePullBackOff') }),
    false,
    `${where} is waiting to start: trying and failing to pull image`,
  ],
  ['never started', pod({ state: { terminated: { exitCode: 128 } } }), false, `${where} is terminated`],
  ['no state', pod({}), false, `${where} is waiting to start - no logs yet`],
])('refused: %s', (_, of, previous, message) => {
  expect(() => chooseAttempt(of, 'c', previous)).toThrow(expect.objectContaining({ code: 400, message }));
});
