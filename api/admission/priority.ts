/** The priority of a Pod is its class's, as upstream's admission plugin Priority has it; there are the system's classes only. */
import { PREEMPTION_POLICY, priorityOfClass } from '../../pod/priority.ts';
import type { KubeObject } from '../../pod/types.ts';
import { forbidden } from '../errors.ts';

const PODS = { group: '', plural: 'pods', kind: 'Pod' };

/** Throws 403 for a defaulted Pod of no class that there is, or that says of itself what its class does not. */
export function admitPriority({ metadata, spec }: KubeObject): void {
  const { priority, priorityClassName, preemptionPolicy } = spec;
  const refuse = (why: string) => forbidden(PODS, metadata.name ?? '', why);
  const refuseValue = (what: string, computed: unknown) =>
    refuse(
      `the ${what} must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`,
    );
  const computed = priorityOfClass(priorityClassName);
  if (computed === undefined) throw refuse(`no PriorityClass with name ${priorityClassName} was found`);
  if (priority !== computed) throw refuseValue(`integer value of priority (${priority})`, computed);
  if (preemptionPolicy !== PREEMPTION_POLICY) {
    throw refuseValue(`string value of PreemptionPolicy (${preemptionPolicy})`, PREEMPTION_POLICY);
  }
}
