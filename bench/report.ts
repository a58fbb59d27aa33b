/** What a run found, as a table for people. */
import type { Machine } from './machine.ts';
import type { HistoryFigures, LivesFigure, Pair, StartFigures } from './measure.ts';
import type { ProbeFigures } from './probes.ts';
import type { Summary } from './statistics.ts';

export interface Report extends StartFigures {
  machine: Machine;
  lives: LivesFigure[];
  history: HistoryFigures;
  /** Resident memory with one Pod at rest, in MiB. */
  memory: Record<string, number>;
  /** How long the run took. */
  seconds: number;
}

export interface ProbeReport extends ProbeFigures {
  machine: Machine;
  /** How long the run took, in seconds. */
  took: number;
}

export function formatProbes({
  machine,
  pods,
  seconds,
  historyPerHour,
  probesPerSecond,
  cpu,
  took,
}: ProbeReport): string {
  const rows = [
    ['Temporal events an hour at rest, three probes a second', String(historyPerHour)],
    [`${pods} Pods with an exec probe a second: probes a second`, probesPerSecond.toFixed(1)],
    ...Object.entries(cpu).map(([name, percent]) => [`processor time, ${name}`, `${percent.toFixed(1)} % of a core`]),
  ];
  return [describe(machine), `watched for ${seconds} s each, ${Math.round(took)} s in all`, '', ...align(rows)].join(
    '\n',
  );
}

function describe({ cpu, cores, kernel, runtime, node }: Machine): string {
  return `${cpu}, ${cores} cores, Linux ${kernel}, ${runtime}, Node ${node}`;
}

export function formatReport(report: Report): string {
  const { machine, pods, start, gap, lives, history, memory, seconds } = report;
  const rows = [
    ['', 'floor', 'durapod', 'ratio'],
    ...summaryRows('POST to Ready', start),
    ...summaryRows('init 1 exit to init 2 start', gap),
    ...lives.map(({ parallel, floor, durapod }) => [
      `whole lives a second, ${parallel} in parallel`,
      floor.toFixed(2),
      durapod.toFixed(2),
      (durapod / floor).toFixed(2),
    ]),
    ['Temporal events to Running', '', String(history.toRunning), ''],
    ['Temporal events an hour at rest', '', String(history.perHour), ''],
    ...Object.entries(memory).map(([name, mib]) => [`resident memory, ${name}`, '', `${mib} MiB`, '']),
  ];
  return [
    describe(machine),
    `${pods} Pods a side, floor and durapod in turn, ${Math.round(seconds)} s in all`,
    '',
    ...align(rows),
  ].join('\n');
}

function summaryRows(title: string, { floor, durapod }: Pair<Summary>): string[][] {
  return (['median', 'p90'] as const).map((which) => [
    `${title}, ${which}`,
    `${floor[which].toFixed(1)} ms`,
    `${durapod[which].toFixed(1)} ms`,
    (durapod[which] / floor[which]).toFixed(2),
  ]);
}

function align(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
