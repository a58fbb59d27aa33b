/** DeleteOptions: in the body, or in the query for clients that send none. */
import { type FieldError, invalid, notSupported } from '../../pod/field-error.ts';
import { badRequest } from '../errors.ts';
import type { DeleteOptions } from '../objects/deletion.ts';
import type { PropagationPolicy } from '../objects/propagation.ts';
import { conform, TypeMismatch } from '../schema/conform.ts';
import type { KubernetesSchema } from '../schema/definitions.ts';
import type { Parsed } from './body.ts';
import { flag } from './options.ts';
import { dryRunErrors, refuse } from './write-options.ts';

interface Sent extends Omit<DeleteOptions, 'propagationPolicy'> {
  kind?: string;
  propagationPolicy?: string;
  dryRun?: string[];
}

const DEFINITION = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const policies: readonly PropagationPolicy[] = ['Foreground', 'Background', 'Orphan'];

/** The options of a deletion. Throws 400 and 422. */
export function deleteOptions(
  schema: KubernetesSchema,
  body: Parsed | undefined,
  query: URLSearchParams,
): DeleteOptions & { dryRun: boolean } {
  const sent = body?.value ? read(schema, body.value) : fromQuery(query);
  if (sent.kind && sent.kind !== 'DeleteOptions') {
    throw badRequest(`the kind in the data (${sent.kind}) does not match the expected kind (DeleteOptions)`);
  }
  return checkedDeletion({ ...sent, dryRun: [...(sent.dryRun ?? []), ...query.getAll('dryRun')] });
}

/** What was sent as options of a deletion, when they are such. Throws 422. */
export function checkedDeletion({ dryRun = [], ...sent }: Sent): DeleteOptions & { dryRun: boolean } {
  refuse('DeleteOptions', [...policyErrors(sent), ...dryRunErrors(dryRun)]);
  const { gracePeriodSeconds, preconditions, orphanDependents } = sent;
  const propagationPolicy = sent.propagationPolicy as PropagationPolicy | undefined;
  return { gracePeriodSeconds, preconditions, propagationPolicy, orphanDependents, dryRun: dryRun.length > 0 };
}

function policyErrors({ propagationPolicy: policy, orphanDependents }: Sent): FieldError[] {
  if (policy === undefined) return [];
  const both = 'orphanDependents and deletionPropagation cannot be both set';
  const supported: readonly string[] = policies;
  return [
    ...(orphanDependents === undefined ? [] : [invalid('propagationPolicy', policy, both)]),
    ...(supported.includes(policy) ? [] : [notSupported('propagationPolicy', policy, [...policies, 'nil'])]),
  ];
}

function read(schema: KubernetesSchema, value: unknown): Sent {
  try {
    return conform(schema.type(DEFINITION), value, []) as Sent;
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    throw badRequest(`DeleteOptions in the body cannot be read: ${error.message}`);
  }
}

function fromQuery(query: URLSearchParams): Sent {
  const seconds = query.get('gracePeriodSeconds');
  if (seconds && !/^-?\d{1,9}$/.test(seconds)) {
    throw badRequest(`gracePeriodSeconds: Invalid value: "${seconds}": must be a whole number of seconds`);
  }
  return {
    ...(seconds ? { gracePeriodSeconds: Number(seconds) } : {}),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    ...(query.has('orphanDependents') ? { orphanDependents: flag(query, 'orphanDependents') } : {}),
  };
}
