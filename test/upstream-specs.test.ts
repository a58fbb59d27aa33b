/** Families of Kubernetes' own specs, where the binary is built (`npm run conformance` builds it, which takes long). */
import { expect, it } from 'vitest';
import { createSteps } from '../cli/steps.ts';
import { runConformance, SKIP } from '../conformance/run.ts';
import { isBuilt } from '../conformance/upstream.ts';

const LIMIT_MS = 900_000;
const FOCUS = String.raw`sig-node\] (InitContainer|Container Lifecycle Hook|Probing container)`;

if (isBuilt()) {
  it('of init containers, hooks and probes pass', { timeout: LIMIT_MS }, async () => {
    // Most of them wait most of the time.
    const { outcomes } = await runConformance({ focus: FOCUS, skip: SKIP, processes: 14 }, createSteps());
    expect(outcomes.filter(({ result }) => result !== 'passed')).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(30);
  });
} else {
  it.skip('are not built here: pod-rules.test.ts, seed-session.test.ts and workflows/*.test.ts hold the same rules', () => {});
}
