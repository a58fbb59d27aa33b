/**
 * Strategic merge patch: a merge patch that knows which lists are merged by a key, and that can say how
 * (`$patch`, `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`). Source of the rules:
 * Kubernetes' "Strategic Merge Patch" contributor document; what merges by which key comes from the schema.
 */
import { badRequest } from '../errors.ts';
import { equal } from '../objects/equal.ts';
import type { Field, Type } from '../schema/definitions.ts';
import { inOrder } from './list-order.ts';

type Fields = Record<string, unknown>;

const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const ORDER = '$setElementOrder/';
const REMOVE = '$deleteFromPrimitiveList/';

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isDirective = (key: string): boolean => key.startsWith('$');

/** `object` with `patch` merged in; neither is changed. Throws 400 for a patch that contradicts itself. */
export function strategicMerge(type: Type, object: Fields, patch: Fields): Fields {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return withoutDirectives(omit(patch, DIRECTIVE)) as Fields;
  if (directive === 'delete') return {};
  if (directive !== undefined) throw badRequest(`unknown directive $patch: ${JSON.stringify(directive)}`);

  const result = retained(object, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(REMOVE)) {
      const list = key.slice(REMOVE.length);
      const gone = listOf(value, key);
      if (Array.isArray(result[list])) result[list] = result[list].filter((item) => !gone.some((g) => equal(g, item)));
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    if (isDirective(key)) continue;
    if (value === null) delete result[key];
    else {
      const merged = mergeValue(fieldOf(type, key), result[key], value, patch[ORDER + key]);
      if (merged === undefined) delete result[key];
      else result[key] = merged;
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith(ORDER)) continue;
    const list = key.slice(ORDER.length);
    const order = listOf(value, key);
    if (list in patch || !Array.isArray(result[list])) continue;
    const field = fieldOf(type, list);
    result[list] = inOrder(result[list], order, result[list], field?.patch.mergeKey);
  }
  return result;
}

/** The type and patch rules of a field; undefined where the schema knows none (then values replace or merge as JSON). */
function fieldOf(type: Type, key: string): Field | undefined {
  if (type.kind === 'object') return type.fields.get(key);
  if (type.kind !== 'map') return undefined;
  const { values } = type;
  return { type: () => values, patch: { merge: false, retainKeys: false } };
}

function mergeValue(field: Field | undefined, old: unknown, value: unknown, order: unknown): unknown {
  const type = field?.type() ?? { kind: 'any' as const };
  if (isFields(value)) return isFields(old) ? strategicMerge(type, old, value) : withoutDirectives(value);
  if (!Array.isArray(value) || !Array.isArray(old) || !field?.patch.merge) return withoutDirectives(value);
  const { mergeKey } = field.patch;
  const merged = mergeKey
    ? mergeByKey(type.kind === 'list' ? type.items : { kind: 'any' }, old, value, mergeKey)
    : [...old, ...value.filter((item, i) => ![...old, ...value.slice(0, i)].some((other) => equal(other, item)))];
  return inOrder(merged, Array.isArray(order) ? order : value, old, mergeKey);
}

function mergeByKey(itemType: Type, old: unknown[], patch: unknown[], mergeKey: string): unknown[] {
  const items = patch.map((item) => {
    if (!isFields(item)) throw badRequest(`items of a list that merges by ${mergeKey} must be objects`);
    return item;
  });
  const plain = items.filter((item) => !(DIRECTIVE in item));
  if (items.some((item) => item[DIRECTIVE] === 'replace')) return plain.map(withoutDirectives);
  const gone = items.filter((item) => item[DIRECTIVE] === 'delete').map((item) => keyValue(item, mergeKey));
  const result = old.filter((item) => !(isFields(item) && gone.includes(item[mergeKey])));
  for (const item of plain) {
    const key = keyValue(item, mergeKey);
    const at = result.findIndex((other) => isFields(other) && other[mergeKey] === key);
    if (at < 0) result.push(withoutDirectives(item));
    else result[at] = strategicMerge(itemType, result[at] as Fields, item);
  }
  return result;
}

function keyValue(item: Fields, mergeKey: string): unknown {
  if (!(mergeKey in item)) throw badRequest(`an item of the patch has no ${mergeKey}, by which its list merges`);
  return item[mergeKey];
}

/** With `$retainKeys` only the keys it lists stay; the patch must not set others. */
function retained(object: Fields, patch: Fields): Fields {
  if (!(RETAIN in patch)) return { ...object };
  const keys = listOf(patch[RETAIN], RETAIN);
  const stray = Object.keys(patch).find((key) => !isDirective(key) && patch[key] !== null && !keys.includes(key));
  if (stray) throw badRequest(`$retainKeys does not list ${stray}, which the patch sets`);
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}

function listOf(value: unknown, key: string): unknown[] {
  if (!Array.isArray(value)) throw badRequest(`${key} must be a list`);
  return value;
}

const omit = (object: Fields, key: string): Fields =>
  Object.fromEntries(Object.entries(object).filter(([k]) => k !== key));

/** What is new is taken as it is, but for directives and nulls; what is only a directive is nothing. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isFields(value)) return value;
  if (DIRECTIVE in value) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !isDirective(key) && item !== null)
      .map(([key, item]) => [key, withoutDirectives(item)] as const)
      .filter(([, item]) => item !== undefined),
  );
}
