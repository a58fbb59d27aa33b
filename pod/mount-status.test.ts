import { expect, test } from 'vitest';
import { mountStatuses } from './mount-status.ts';
import type { Pod } from './types.ts';

const container = (name: string, ...volumeMounts: object[]) => ({
  name,
  ...(volumeMounts.length > 0 && { volumeMounts }),
});

test('each status names the mounts of its container, and what is mounted below a read-only one stays writable', () => {
  const pod = {
    spec: {
      initContainers: [container('init', { name: 'data', mountPath: '/data', subPath: 'part' })],
      containers: [
        container(
          'main',
          { name: 'data', mountPath: '/data', readOnly: true, recursiveReadOnly: 'IfPossible' },
          { name: 'host', mountPath: '/host', readOnly: false },
        ),
        container('bare'),
      ],
      ephemeralContainers: [container('debugger', { name: 'data', mountPath: '/d' })],
    },
  } as unknown as Pod;
  const status = {
    phase: 'Running',
    initContainerStatuses: [{ name: 'init' }],
    containerStatuses: [{ name: 'main' }, { name: 'bare' }, { name: 'gone' }],
    ephemeralContainerStatuses: [{ name: 'debugger' }],
  } as never;
  expect(mountStatuses(pod, status)).toEqual({
    phase: 'Running',
    initContainerStatuses: [{ name: 'init', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    containerStatuses: [
      {
        name: 'main',
        volumeMounts: [
          { name: 'data', mountPath: '/data', readOnly: true, recursiveReadOnly: 'Disabled' },
          { name: 'host', mountPath: '/host' },
        ],
      },
      { name: 'bare' },
      { name: 'gone' },
    ],
    ephemeralContainerStatuses: [{ name: 'debugger', volumeMounts: [{ name: 'data', mountPath: '/d' }] }],
  });
});

test('a status without containers stays as it is', () => {
  expect(mountStatuses({ spec: { containers: [] } } as never, { phase: 'Pending' })).toEqual({ phase: 'Pending' });
});
