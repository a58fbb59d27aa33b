/** What a client wants to read: the format, and which representation of the object. */
import { notAcceptable } from '../errors.ts';

export interface Accepted {
  format: 'json' | 'yaml';
  /** Another representation of the object (Kubernetes docs, "Receiving resources as Tables" and "metadata-only"). */
  as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';
  /** The version of that representation. */
  version?: string;
}

const representations: Record<string, { group: string; versions: string[] }> = {
  Table: { group: 'meta.k8s.io', versions: ['v1', 'v1beta1'] },
  PartialObjectMetadata: { group: 'meta.k8s.io', versions: ['v1', 'v1beta1'] },
  PartialObjectMetadataList: { group: 'meta.k8s.io', versions: ['v1', 'v1beta1'] },
  APIGroupDiscoveryList: { group: 'apidiscovery.k8s.io', versions: ['v2'] },
};
const formats: Record<string, Accepted['format']> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};

/** The first alternative that can be served here with one of the representations in `possible`. Throws 406. */
export function accepted(header: string | null, possible: readonly NonNullable<Accepted['as']>[] = []): Accepted {
  if (!header?.trim()) return { format: 'json' };
  for (const alternative of header.split(',')) {
    const [type, ...rest] = alternative.split(';').map((part) => part.trim());
    const format = formats[type!.toLowerCase()];
    if (!format) continue;
    const { as, g, v } = Object.fromEntries(rest.map((p) => p.split('=').map((s) => s.trim()))) as Record<
      string,
      string | undefined
    >;
    if (!as) return { format };
    const known = representations[as];
    const wanted = possible.find((name) => name === as);
    if (wanted && known && g === known.group && known.versions.includes(v ?? '')) {
      return { format, as: wanted, version: v };
    }
  }
  throw notAcceptable(header);
}
