/** What a Secret of a known type must hold (https://kubernetes.io/docs/concepts/configuration/secret/#secret-types). */
import { type FieldError, invalid, required } from '../../pod/field-error.ts';
import type { KubeObject, ObjectMeta } from '../../pod/types.ts';

const SERVICE_ACCOUNT = 'kubernetes.io/service-account.name';

/** No error holds anything of the Secret's content. */
export function secretTypeErrors({ type, data = {}, metadata }: KubeObject): FieldError[] {
  const missing = (keys: string[]) => keys.filter((key) => !(key in data)).map((key) => required(`data[${key}]`));
  switch (type) {
    case 'kubernetes.io/service-account-token':
      return accountTokenErrors(metadata, data);
    case 'kubernetes.io/dockercfg':
      return jsonErrors(data, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return jsonErrors(data, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth': {
      const errors = missing(['username', 'password']);
      return errors.length === 2 ? errors : [];
    }
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')];
    case 'kubernetes.io/tls':
      return missing(['tls.crt', 'tls.key']);
    default:
      return [];
  }
}

/** No controller makes a token that never expires; a Secret without it would only mislead who waits for it. */
function accountTokenErrors({ annotations, namespace }: ObjectMeta, data: Record<string, string>): FieldError[] {
  const account = annotations?.[SERVICE_ACCOUNT];
  if (!account) return [required(`metadata.annotations[${SERVICE_ACCOUNT}]`)];
  const instead = `tokens are not filled in here: get one with \`kubectl create token ${account} -n ${namespace}\``;
  return data.token ? [] : [required('data[token]', instead)];
}

function jsonErrors(data: Record<string, string>, key: string): FieldError[] {
  const encoded = data[key];
  if (encoded === undefined) return [required(`data[${key}]`)];
  return isJsonObject(Buffer.from(encoded, 'base64').toString())
    ? []
    : [invalid(`data[${key}]`, '<secret contents redacted>', 'must be a JSON object')];
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
