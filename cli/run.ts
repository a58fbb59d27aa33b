import type { KubeObject } from '../pod/types.ts';
import { demonstrate, whereThingsAre } from './demo.ts';
import type { Settings } from './settings.ts';
import { type Steps, seconds } from './steps.ts';
import { onInterrupt } from './until-signal.ts';
import { type Roles, up } from './up.ts';

/** Runs durapod until Ctrl-C or SIGTERM. `objects` are created once it is up. */
export async function run(settings: Settings, roles: Roles, steps: Steps, objects?: KubeObject[]): Promise<void> {
  const { signal, requested } = onInterrupt((line) => steps.say(line));
  try {
    const began = performance.now();
    const running = await up(settings, roles, steps, signal);
    steps.say(`durapod is up … ${seconds(performance.now() - began)}`);
    try {
      if (objects) await demonstrate(running, objects, steps, signal);
      else if (roles.control) steps.say(`\n${whereThingsAre(running)}`);
      steps.say('\nCtrl-C stops durapod and leaves the Pods running; `durapod down` removes everything.');
      await requested;
    } finally {
      await running.close();
    }
  } catch (error) {
    if (error !== signal.reason) throw error;
  }
}
