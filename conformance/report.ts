/** What a run of the specs came to, from the report that their runner writes. */

/** The parts of ginkgo's JSON report that are looked at. */
export interface SuiteReport {
  SpecReports?: SpecReport[] | null;
}
interface SpecReport {
  ContainerHierarchyTexts?: string[] | null;
  ContainerHierarchyLabels?: string[][] | null;
  LeafNodeType: string;
  LeafNodeText: string;
  State: string;
  /** Nanoseconds. */
  RunTime: number;
  Failure?: { Message?: string; Location?: { FileName?: string; LineNumber?: number } };
}

export interface Outcome {
  name: string;
  /** The words before what it should do: `[sig-node] InitContainer`. */
  family: string;
  result: 'passed' | 'failed' | 'skipped';
  seconds: number;
  /** Why it failed, or skipped itself. */
  message?: string;
}

/** The specs that were in focus. One that was filtered out has neither run nor a message. */
export function outcomes(suites: SuiteReport[]): Outcome[] {
  return suites
    .flatMap((suite) => suite.SpecReports ?? [])
    .filter((spec) => spec.State !== 'skipped' || spec.Failure?.Message)
    .filter((spec) => spec.LeafNodeType === 'It' || spec.State !== 'passed')
    .map((spec) => {
      const name = [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText || `[${spec.LeafNodeType}]`].join(' ');
      const message = spec.Failure?.Message;
      return {
        name,
        family: familyOf(spec.ContainerHierarchyTexts?.[0] ?? spec.LeafNodeType),
        result: spec.State === 'passed' || spec.State === 'skipped' ? spec.State : 'failed',
        seconds: spec.RunTime / 1e9,
        ...(message && { message }),
      };
    });
}

/** `[sig-node] [NodeConformance] Probing container` is of the family `[sig-node] Probing container`. */
function familyOf(text: string): string {
  const [sig = '', ...rest] = text.split(/(?<=\])\s+/);
  return [sig, ...rest.map((part) => part.replaceAll(/\s*\[[^\]]*\]/g, '')).filter(Boolean)].join(' ');
}

/** A table of families as Markdown: how many ran, how many passed. */
export function familyTable(list: Outcome[]): string {
  const families = [...new Set(list.map(({ family }) => family))].sort();
  const rows = families.map((family) => {
    const ran = list.filter((one) => one.family === family && one.result !== 'skipped');
    return `| ${family} | ${ran.length} | ${ran.filter(({ result }) => result === 'passed').length} |`;
  });
  return ['| family | run | passed |', '| --- | --- | --- |', ...rows].join('\n');
}

const MAX_MESSAGE = 600;

/** The summary for people: the totals come last. */
export function summary(list: Outcome[]): string {
  const of = (result: Outcome['result']) => list.filter((one) => one.result === result);
  const failed = of('failed').map(({ name, message }) => `FAILED ${name}\n${indented(message ?? 'no reason given')}`);
  return [
    familyTable(list),
    '',
    ...failed,
    `${of('passed').length} passed, ${of('failed').length} failed, ${of('skipped').length} skipped themselves`,
  ].join('\n');
}

function indented(text: string): string {
  return text.slice(0, MAX_MESSAGE).trimEnd().replaceAll(/^/gm, '    ');
}
