/**
 * `node test/record-histories.ts`: plays Pods and writes their histories down, for the replay test. Histories are kept
 * for good: record under a new prefix when the workflow learns something, and leave the old ones as they are.
 */
import { writeFileSync } from 'node:fs';
import proto from '@temporalio/proto';
import { isReady, type LivePod, openStage, ScriptedNode } from './stage.ts';

const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', ...more });
const INITS = {
  initContainers: [container('a'), container('side', { restartPolicy: 'Always' }), container('b')],
  containers: [container('main', { lifecycle: { preStop: { sleep: { seconds: 1 } } } })],
  terminationGracePeriodSeconds: 1,
};

const MISSING = {
  outcome: 'failed',
  reason: 'CreateContainerConfigError',
  message: 'configmap "settings" not found',
  retry: true,
} as const;
const RULE = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } };
const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
const requesting = (cpu: string, memory: string) => ({ requests: { cpu, memory } });
const resized = (pod: LivePod, generation: number, resources: object) =>
  pod.change((p) => ({
    ...p,
    metadata: { ...p.metadata, generation },
    spec: { ...p.spec, containers: p.spec.containers.map((c) => ({ ...c, resources })) },
  }));

interface Play {
  name: string;
  spec?: object;
  node: ScriptedNode;
  within(pod: LivePod): Promise<void>;
}

const plays: Play[] = [
  {
    name: 'whole-life',
    node: new ScriptedNode({ a: [1, 1, 0], b: [0] }),
    async within(pod) {
      await pod.until(isReady);
      await pod.handle.signal('createFile', { container: 'main', path: '/x', content: 'y' });
      await pod.exit('main', 7);
      await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
      await pod.delete();
    },
  },
  {
    name: 'sandbox-lost',
    node: new ScriptedNode({ a: [0, 0], b: [0, 0] }),
    async within(pod) {
      await pod.until(isReady);
      await pod.handle.signal('sandboxLost', { sandboxId: 'sandbox-0', message: 'rebooted' });
      await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
      await pod.delete();
    },
  },
  {
    name: 'failed',
    spec: { ...INITS, restartPolicy: 'Never' },
    node: new ScriptedNode({ a: [3] }),
    async within(pod) {
      await pod.until((s) => s.phase === 'Failed');
      await pod.delete();
    },
  },
  {
    name: 'ended',
    spec: { ...INITS, restartPolicy: 'Never' },
    node: new ScriptedNode({ a: [0], b: [0] }),
    async within(pod) {
      await pod.until(isReady);
      await pod.exit('main', 0);
      await pod.until((s) => s.phase === 'Succeeded');
      await pod.delete();
    },
  },
  {
    name: 'restart-all',
    spec: {
      restartPolicy: 'Never',
      containers: [container('main', { restartPolicyRules: [RULE] }), container('other')],
    },
    node: new ScriptedNode({}),
    async within(pod) {
      await pod.until(isReady);
      await pod.exit('main', 42);
      await pod.until((s) => isReady(s) && s.containerStatuses?.[1]?.restartCount === 1);
      await pod.delete();
    },
  },
  {
    name: 'waits',
    spec: { schedulingGates: [{ name: 'quota' }], containers: [container('main')] },
    node: new ScriptedNode({ main: [MISSING, MISSING, 'runs'] }),
    async within(pod) {
      await pod.until((s) => s.conditions?.[0]?.reason === 'SchedulingGated');
      await pod.change((p) => ({ ...p, spec: { ...p.spec, schedulingGates: [] } }));
      await pod.until((s) => s.containerStatuses?.[0]?.state?.waiting?.reason === MISSING.reason);
      await pod.handle.signal('lookAgain');
      await pod.until(isReady);
      await pod.delete();
    },
  },
  {
    name: 'put-on-node',
    spec: { ...INITS, nodeName: 'stage' },
    node: new ScriptedNode({ a: [0], b: [0] }),
    async within(pod) {
      await pod.until(isReady);
      await pod.delete();
    },
  },
  {
    name: 'turned-away',
    spec: { ...INITS, nodeName: 'stage', nodeSelector: { disk: 'ssd' } },
    node: new ScriptedNode({}),
    async within(pod) {
      await pod.until((s) => s.phase === 'Failed');
      await pod.delete();
    },
  },
  {
    name: 'deadline',
    spec: { ...INITS, activeDeadlineSeconds: 30 },
    node: new ScriptedNode({ a: [0], b: [0] }),
    async within(pod) {
      await pod.until((s) => s.phase === 'Failed');
      await pod.delete();
    },
  },
  {
    name: 'resize',
    spec: { containers: [container('main', { resizePolicy, resources: requesting('100m', '1Mi') })] },
    node: new ScriptedNode({}),
    async within(pod) {
      await pod.until(isReady);
      await resized(pod, 2, requesting('200m', '1Mi'));
      await pod.until((s) => s.containerStatuses?.[0]?.resources?.requests?.cpu === '200m');
      await resized(pod, 3, requesting('200m', '2Mi'));
      await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
      await pod.delete();
    },
  },
];

const prefix = process.argv[2];
if (!prefix) throw new Error('usage: node test/record-histories.ts PREFIX (for example a date)');
const stage = await openStage();
for (const { name, spec = INITS, node, within } of plays) {
  await stage.play({ name, spec }, node, async (pod) => {
    await within(pod);
    await pod.handle.result();
    const history = await pod.handle.fetchHistory();
    const path = new URL(`./histories/${prefix}-${name}.bin`, import.meta.url);
    writeFileSync(path, proto.temporal.api.history.v1.History.encode(history).finish());
  });
}
await stage.close();
