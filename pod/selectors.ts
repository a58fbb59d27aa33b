/** Label selectors as text, e.g. `app=web,tier in (front, back),!legacy,weight>5` (Kubernetes docs, "Labels and Selectors"). */
import { labelValue, qualifiedName } from './names.ts';

export type LabelOperator = 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt';

export interface LabelRequirement {
  key: string;
  operator: LabelOperator;
  values: string[];
}

/** All of them must hold; an empty one matches everything. */
export type LabelSelector = LabelRequirement[];

/** The text is not a selector; the message says what to write. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

const TOKEN = /\s*(==|!=|[=!,()<>]|[^\s=!,()<>]+)/y;
const EQUALITY: Record<string, LabelOperator> = { '=': 'in', '==': 'in', '!=': 'notin', '>': 'gt', '<': 'lt' };
const isSymbol = (token: string | undefined): boolean => token === undefined || /^[=!,()<>]/.test(token);

function tokens(text: string): string[] {
  const found: string[] = [];
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) found.push(match[1]!);
  return found;
}

/** Reads a label selector. An empty text selects everything. @throws {SelectorError} */
export function parseLabelSelector(text: string): LabelSelector {
  const rest = tokens(text);
  const fail = (wanted: string): never => {
    throw new SelectorError(
      `label selector ${JSON.stringify(text)}: expected ${wanted} ${rest.length ? `at ${JSON.stringify(rest[0])}` : 'at its end'}; write e.g. app=web,tier in (front,back),!legacy`,
    );
  };
  const word = (wanted: string): string => (isSymbol(rest[0]) ? fail(wanted) : rest.shift()!);
  /** A value may be left out: `a=` and `a in (x,)` mean the empty value. */
  const value = (): string => (isSymbol(rest[0]) ? '' : rest.shift()!);

  function set(): string[] {
    if (rest.shift() !== '(') fail("'('");
    const values = [value()];
    while (rest[0] === ',') {
      rest.shift();
      values.push(value());
    }
    if (rest[0] !== ')') fail("',' or ')'");
    rest.shift();
    return [...new Set(values)];
  }

  function requirement(): LabelRequirement {
    if (rest[0] === '!') {
      rest.shift();
      return { key: word("a label's key"), operator: 'absent', values: [] };
    }
    const key = word("a label's key");
    const next = rest[0];
    if (next === undefined || next === ',') return { key, operator: 'exists', values: [] };
    if (next === 'in' || next === 'notin') {
      rest.shift();
      return { key, operator: next, values: set() };
    }
    const operator = EQUALITY[next];
    if (operator === undefined) return fail("an operator (=, ==, !=, in, notin, <, >) or ','");
    rest.shift();
    return { key, operator, values: [value()] };
  }

  const selector: LabelSelector = [];
  while (rest.length > 0) {
    selector.push(checked(requirement()));
    if (rest.length === 0) break;
    if (rest[0] !== ',') fail("','");
    rest.shift();
    if (rest.length === 0) fail("a label's key");
  }
  return selector;
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const numeric = operator === 'gt' || operator === 'lt';
  const problems = [
    ...qualifiedName(key).map((message) => `key ${JSON.stringify(key)}: ${message}`),
    ...values.flatMap((value) =>
      (numeric && !/^-?\d+$/.test(value) ? ['must be an integer after < or >'] : labelValue(value)).map(
        (message) => `value ${JSON.stringify(value)} of ${JSON.stringify(key)}: ${message}`,
      ),
    ),
  ];
  if (problems.length > 0) throw new SelectorError(`label selector: ${problems.join('; ')}`);
  return requirement;
}

/** True when the labels meet every requirement. `notin` holds also where the key is absent. */
export const matchesLabels = (selector: LabelSelector, labels: Record<string, string> | undefined): boolean =>
  selector.every(({ key, operator, values }) => {
    const value = labels && Object.hasOwn(labels, key) ? labels[key]! : undefined;
    switch (operator) {
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
      case 'in':
        return value !== undefined && values.includes(value);
      case 'notin':
        return value === undefined || !values.includes(value);
      default: {
        if (value === undefined || !/^-?\d+$/.test(value)) return false;
        return operator === 'gt' ? BigInt(value) > BigInt(values[0]!) : BigInt(value) < BigInt(values[0]!);
      }
    }
  });
