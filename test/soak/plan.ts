/** Pods for the soak: what each of their containers is to do, and from that what must come of the Pod. */
import { join } from 'node:path';
import type { Pod } from '../../pod/types.ts';

/** A program: how its successive runs end. After the last it runs on, or ends as the last did. */
interface Program {
  name: string;
  exits: number[];
  runsOn: boolean;
  /** How long a run that ends takes, in seconds. */
  takes: number;
}

export interface PodPlan {
  name: string;
  restartPolicy: 'Always' | 'OnFailure' | 'Never';
  inits: Program[];
  main: Program;
}

/** What has to stand in the status, and outside, when a Pod has come to rest. */
export interface Expected {
  phase: string;
  containers: { name: string; runs: number; restarts: number; exitCode?: number }[];
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How inits and main end, by policy: undisturbed lives, one failure that is made good, and failures that are final. */
const SHAPES: { restartPolicy: PodPlan['restartPolicy']; inits: number[][]; main: number[] | 'runs on' }[] = [
  { restartPolicy: 'Always', inits: [[0], [0], [0]], main: 'runs on' },
  { restartPolicy: 'OnFailure', inits: [[0], [3, 0], [0]], main: [0] },
  { restartPolicy: 'Never', inits: [[0], [0], [0]], main: [7] },
  { restartPolicy: 'Never', inits: [[0], [0], [0]], main: 'runs on' },
  { restartPolicy: 'Never', inits: [[0], [0], [5]], main: [0] },
  { restartPolicy: 'Always', inits: [[4, 0], [0], [0]], main: 'runs on' },
  { restartPolicy: 'Never', inits: [[0], [0], [0]], main: [0] },
  { restartPolicy: 'OnFailure', inits: [[0], [0], [6, 0]], main: [9, 0] },
];

/** The `count` Pods of a batch; over several batches every shape has its turn. */
export function planBatch(batch: number, count: number, random: () => number): PodPlan[] {
  return Array.from({ length: count }, (_, i) => {
    const shape = SHAPES[(batch * count + i) % SHAPES.length] as (typeof SHAPES)[number];
    const takes = () => Math.round(random() * 300) / 1000;
    const inits = shape.inits.map((exits, n) => ({ name: `init-${n + 1}`, exits, runsOn: false, takes: takes() }));
    const runsOn = shape.main === 'runs on';
    const main = { name: 'main', exits: shape.main === 'runs on' ? [] : shape.main, runsOn, takes: takes() };
    return { name: `soak-${batch}-${i}`, restartPolicy: shape.restartPolicy, inits, main };
  });
}

/** Each run of a program adds a line with its name to this file, on the host. */
export function runsFile(directory: string, pod: string): string {
  return join(directory, pod, 'runs');
}

export function manifest(plan: PodPlan, directory: string): Pod {
  const container = (program: Program) => ({
    name: program.name,
    image: 'busybox:v1',
    command: ['sh', '-c', script(program)],
    volumeMounts: [{ name: 'out', mountPath: '/out' }],
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: plan.name },
    spec: {
      restartPolicy: plan.restartPolicy,
      terminationGracePeriodSeconds: 1,
      initContainers: plan.inits.map(container),
      containers: [container(plan.main)],
      volumes: [{ name: 'out', hostPath: { path: join(directory, plan.name), type: 'DirectoryOrCreate' } }],
    },
  };
}

function script({ name, exits, runsOn, takes }: Program): string {
  const lines = [`touch /out/runs; n=$(grep -cx ${name} /out/runs); echo ${name} >>/out/runs`];
  exits.forEach((code, n) => {
    const isLast = n === exits.length - 1 && !runsOn;
    lines.push(`[ $n ${isLast ? '-ge' : '-eq'} ${n} ] && sleep ${takes} && exit ${code}`);
  });
  if (runsOn) lines.push("trap 'exit 0' TERM; sleep 3600 & wait");
  return lines.join('\n');
}

/** What the restart policy makes of a plan when nothing goes wrong. */
export function expectedOf({ restartPolicy, inits, main }: PodPlan): Expected {
  const containers: Expected['containers'] = [];
  let failed = false;
  for (const program of [...inits, main]) {
    if (failed) {
      containers.push({ name: program.name, runs: 0, restarts: 0 });
      continue;
    }
    const runs = restartPolicy === 'Never' ? 1 : program.exits.length + (program.runsOn ? 1 : 0);
    const code = program.runsOn && runs > program.exits.length ? undefined : program.exits[runs - 1];
    containers.push({ name: program.name, runs, restarts: runs - 1, ...(code !== undefined && { exitCode: code }) });
    failed = code !== undefined && code !== 0;
  }
  const last = containers.at(-1);
  const phase = failed ? 'Failed' : last?.exitCode === 0 ? 'Succeeded' : 'Running';
  return { phase, containers };
}
