/** The strategy of kinds that are only kept: metadata is validated, and a few fields where a wrong one would mislead. */
import type { FieldError } from '../../pod/field-error.ts';
import { dns1123Subdomain, type NameRule } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { validateMetadata, validateMetadataUpdate } from '../../pod/validation/index.ts';
import { type Strategy, statusUpdate, type UpdateStrategy } from './resource.ts';

/** What there is to say of such a kind. */
export interface Plain {
  namespaced: boolean;
  nameRule?: NameRule;
  defaults?(object: KubeObject): KubeObject;
  validate?(object: KubeObject): FieldError[];
  /** What must hold of a new one beside that. */
  validateNew?(object: KubeObject): FieldError[];
  showsDeleted?: boolean;
  createsOnUpdate?: boolean;
  replacesKnown?: boolean;
  validateUpdate?(next: KubeObject, old: KubeObject): FieldError[];
}

export function plain({
  namespaced,
  nameRule = dns1123Subdomain,
  defaults,
  validate = () => [],
  validateNew = () => [],
  validateUpdate = () => [],
  showsDeleted = false,
  createsOnUpdate = false,
  replacesKnown = false,
}: Plain): Strategy {
  const check = (object: KubeObject): FieldError[] => [
    ...validateMetadata(object.metadata, { namespaced, nameRule }),
    ...validate(object),
    ...validateNew(object),
  ];
  return {
    ...(defaults ? { defaults } : {}),
    create: { validate: check },
    update: {
      prepare: (next) => next,
      validate: (next, old) => [
        ...validateMetadataUpdate(next.metadata, old.metadata),
        ...validate(next),
        ...validateUpdate(next, old),
      ],
    },
    createsOnUpdate,
    replacesKnown,
    deletion: { showsObject: showsDeleted },
  };
}

/** `/status` of such a kind. */
export const plainStatus = (validate: UpdateStrategy['validate']): UpdateStrategy =>
  statusUpdate((next, old) => [...validateMetadataUpdate(next.metadata, old.metadata), ...validate(next, old)]);
