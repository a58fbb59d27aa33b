/** Reads the schema from disk; apart from the app, which never touches files. */
import { readFile } from 'node:fs/promises';
import { type Definition, KubernetesSchema } from './definitions.ts';

/** Loads the `_definitions.json` of the package kubernetes-validate. Rejects with the path and what to do. */
export async function loadSchema(path: string): Promise<KubernetesSchema> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new Error(`cannot read the Kubernetes schema at ${path}: start durapod once with the network up`, { cause });
  });
  const { $defs } = JSON.parse(text) as { $defs?: Record<string, Definition> };
  if (!$defs) throw new Error(`${path} holds no schema definitions ($defs): delete it, it will be fetched again`);
  return new KubernetesSchema($defs);
}
