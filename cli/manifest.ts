import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { messageOf } from '../pod/message-of.ts';
import type { KubeObject } from '../pod/types.ts';
import type { ApiClient } from './api-client.ts';
import { UserError } from './user-error.ts';

/** Reads the objects of a manifest: YAML documents, or JSON. Throws UserError. */
export function readManifest(path: string): KubeObject[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read the manifest: ${messageOf(error)}`);
  }
  const documents = parseAllDocuments(text);
  const [problem] = documents.flatMap((document) => document.errors);
  if (problem) throw new UserError(`${path} is not valid YAML: ${problem.message.split('\n')[0]}`);
  const objects = documents.map((document) => document.toJS() as KubeObject | null).filter((object) => object !== null);
  const flat = objects.flatMap((object) => (object.kind === 'List' ? (object.items as KubeObject[]) : [object]));
  const lacking = flat.find(
    (object) => !object.apiVersion || !object.kind || !(object.metadata?.name || object.metadata?.generateName),
  );
  if (flat.length === 0 || lacking) {
    throw new UserError(`${path}: every object needs apiVersion, kind and metadata.name`);
  }
  return flat;
}

/** An object as the API has it now. */
export interface Created {
  object: KubeObject;
  /** It was there before; it is as it was. */
  existed: boolean;
}

/** Creates an object where its kind is served; one that is there already stays as it is. Throws UserError. */
export async function createObject(api: ApiClient, object: KubeObject): Promise<Created> {
  const path = await collectionPath(api, object);
  const created = await api('POST', path, object);
  if (created.code === 201) return { object: created.body, existed: false };
  if (created.code === 409 && created.body.reason === 'AlreadyExists') {
    const existing = await api('GET', `${path}/${encodeURIComponent(object.metadata.name!)}`);
    if (existing.code === 200) return { object: existing.body, existed: true };
  }
  throw new UserError(
    `${object.kind} ${object.metadata.name}: ${created.body?.message ?? `the API answered ${created.code}`}`,
  );
}

/** Where objects of its kind are, by the API's discovery. */
export async function collectionPath(api: ApiClient, { apiVersion, kind, metadata }: KubeObject): Promise<string> {
  const root = `/${apiVersion?.includes('/') ? 'apis' : 'api'}/${apiVersion}`;
  const { code, body } = await api('GET', root);
  const resources: { name: string; kind: string; namespaced: boolean }[] = code === 200 ? body.resources : [];
  const resource = resources.find((one) => one.kind === kind && !one.name.includes('/'));
  if (!resource) throw new UserError(`this API does not serve ${apiVersion} ${kind}: see \`kubectl api-resources\``);
  const namespace = resource.namespaced ? `namespaces/${encodeURIComponent(metadata.namespace ?? 'default')}/` : '';
  return `${root}/${namespace}${resource.name}`;
}
