import { type FieldError, forbidden, invalid as invalidField, notSupported } from '../../pod/field-error.ts';
import { badRequest, invalid } from '../errors.ts';
import { flag } from './flag.ts';

/** What a client asks of a log, checked (Kubernetes' PodLogOptions). */
export interface LogOptions {
  container: string | undefined;
  previous: boolean;
  /** What the node is asked for, but which attempt. */
  query: URLSearchParams;
}

/** Reads and checks a log request's parameters. Throws 400 for what cannot be read, 422 for what makes no sense. */
export function parseLogOptions(pod: string, params: URLSearchParams): LogOptions {
  const errors: FieldError[] = [];
  const query = new URLSearchParams();
  const minimum = { tailLines: 0, limitBytes: 1, sinceSeconds: 1 };
  for (const [name, least] of Object.entries(minimum)) {
    const value = integer(params, name);
    if (value === undefined) continue;
    const detail = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0';
    if (value < least) errors.push(invalidField(name, value, detail));
    query.set(name, String(value));
  }
  const sinceTime = params.get('sinceTime');
  if (sinceTime) {
    if (Number.isNaN(Date.parse(sinceTime))) throw badRequest(`sinceTime "${sinceTime}" is not an RFC 3339 time`);
    if (query.has('sinceSeconds'))
      errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be given'));
    query.set('sinceTime', sinceTime);
  }
  const stream = params.get('stream');
  if (stream) {
    const known = ['All', 'Stdout', 'Stderr'];
    if (!known.includes(stream)) errors.push(notSupported('stream', stream, known));
    if (stream !== 'All' && query.has('tailLines')) {
      errors.push(forbidden('', '`tailLines` and one `stream` exclude one another'));
    }
    query.set('stream', stream);
  }
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, errors);
  for (const name of ['follow', 'timestamps']) if (flag(params, name)) query.set(name, 'true');
  return { container: params.get('container') || undefined, previous: flag(params, 'previous'), query };
}

function integer(params: URLSearchParams, name: string): number | undefined {
  const text = params.get(name);
  if (!text) return undefined;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(`${name} must be a whole number, not "${text}"`);
}
