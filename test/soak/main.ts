/** `npm run soak`: kills what durapod consists of at random moments, many times, and counts what went wrong. */
import { InvalidArgumentError, program } from 'commander';
import { CONTAINER_TOOLS, ensureTools } from '../../cli/tools.ts';
import { Durapod } from '../durapod.ts';
import { header, row, type SoakResult, soak, VICTIMS, type Victim } from './soak.ts';

const MAX_KILLS = 10_000;
const KINDS = ['durapod', 'temporal', 'containerd', 'durapod,containerd', 'durapod,temporal,containerd'];

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= MAX_KILLS) return count;
  throw new InvalidArgumentError(`a whole number from 1 to ${MAX_KILLS} is wanted`);
}

function parseVictims(text: string, before: Victim[][] = []): Victim[][] {
  const victims = text.split(',') as Victim[];
  if (victims.every((v) => VICTIMS.includes(v))) return [...before, victims];
  throw new InvalidArgumentError(`it takes ${VICTIMS.join(', ')}, separated by commas`);
}

const options = program
  .name('soak')
  .description(
    'Starts Pods, kills durapod, its Temporal or its containerd meanwhile, and judges what became of the Pods.',
  )
  .option('--kills <n>', 'how often, for each kind of kill', parseCount, 15)
  .option(
    '--what <parts>',
    'what to kill at once, comma-separated; repeat it for several kinds (default: five kinds)',
    parseVictims,
  )
  .option('--pods <n>', 'Pods for each kill', parseCount, 5)
  .option('--seed <n>', 'of the random moments', parseCount, 1)
  .parse()
  .opts<{ kills: number; what?: Victim[][]; pods: number; seed: number }>();

await ensureTools([...CONTAINER_TOOLS, 'temporal', 'kubernetes-schema']);
const results: SoakResult[] = [];
for (const victims of options.what ?? KINDS.map((kind) => parseVictims(kind)[0] as Victim[])) {
  const durapod = await Durapod.start();
  try {
    const { kills, seed, pods: podsPerKill } = options;
    results.push(await soak({ durapod, kills, victims, seed, podsPerKill, say: (line) => console.log(line) }));
  } finally {
    await durapod.down();
  }
}
console.log([header(), ...results.map(row)].join('\n'));
if (results.some((result) => result.clean < result.pods)) process.exitCode = 1;
