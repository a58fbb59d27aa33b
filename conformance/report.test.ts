import { expect, test } from 'vitest';
import { familyTable, outcomes, type SuiteReport, summary } from './report.ts';

const spec = (text: string, leaf: string, state: string, message?: string) => ({
  ContainerHierarchyTexts: [text],
  LeafNodeType: 'It',
  LeafNodeText: leaf,
  State: state,
  RunTime: 2_500_000_000,
  ...(message && { Failure: { Message: message } }),
});
const REPORT: SuiteReport[] = [
  {
    SpecReports: [
      { LeafNodeType: 'SynchronizedBeforeSuite', LeafNodeText: '', State: 'passed', RunTime: 1 },
      spec('[sig-node] InitContainer [NodeConformance]', 'should run', 'passed'),
      spec(
        '[sig-node] [NodeConformance] [FeatureGate:SidecarContainers] Probing',
        'should probe',
        'failed',
        'timed out\nafter 60 s',
      ),
      spec('[sig-node] Filtered out', 'by focus', 'skipped'),
      spec('[sig-node] Sysctls', 'should skip itself', 'skipped', 'not on this machine'),
    ],
  },
];

test('what was in focus, with its family', () => {
  expect(outcomes(REPORT)).toEqual([
    {
      name: '[sig-node] InitContainer [NodeConformance] should run',
      family: '[sig-node] InitContainer',
      result: 'passed',
      seconds: 2.5,
    },
    {
      name: '[sig-node] [NodeConformance] [FeatureGate:SidecarContainers] Probing should probe',
      family: '[sig-node] Probing',
      result: 'failed',
      seconds: 2.5,
      message: 'timed out\nafter 60 s',
    },
    {
      name: '[sig-node] Sysctls should skip itself',
      family: '[sig-node] Sysctls',
      result: 'skipped',
      seconds: 2.5,
      message: 'not on this machine',
    },
  ]);
});

test('a set-up that fails is an outcome', () => {
  const report = [
    { SpecReports: [{ LeafNodeType: 'SynchronizedBeforeSuite', LeafNodeText: '', State: 'failed', RunTime: 0 }] },
  ];
  expect(outcomes(report)).toEqual([
    { name: '[SynchronizedBeforeSuite]', family: 'SynchronizedBeforeSuite', result: 'failed', seconds: 0 },
  ]);
});

test('the summary', () => {
  const list = outcomes(REPORT);
  expect(familyTable(list)).toBe(`| family | run | passed |
| --- | --- | --- |
| [sig-node] InitContainer | 1 | 1 |
| [sig-node] Probing | 1 | 0 |
| [sig-node] Sysctls | 0 | 0 |`);
  expect(
    summary(list),
  ).toContain(`FAILED [sig-node] [NodeConformance] [FeatureGate:SidecarContainers] Probing should probe
    timed out
    after 60 s
1 passed, 1 failed, 1 skipped themselves`);
});
