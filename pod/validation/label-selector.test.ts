import { expect, test } from 'vitest';
import { fieldErrorMessage } from '../field-error.ts';
import { type LabelSelectorObject, validateLabelSelector } from './label-selector.ts';

test.each<[LabelSelectorObject | undefined, string[]]>([
  [undefined, []],
  [{ matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'In', values: ['d'] }] }, []],
  [
    {
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'b', operator: 'Exists', values: ['x'] },
      ],
    },
    [
      "s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "s.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ],
  ],
  [
    { matchExpressions: [{ key: '', operator: 'Gt', values: ['1'] }] },
    [
      's.matchExpressions[0].operator: Invalid value: "Gt": must be one of In, NotIn, Exists, DoesNotExist',
      's.matchExpressions[0].key: Invalid value: "": the name must not be empty',
    ],
  ],
])('%j', (selector, expected) => expect(validateLabelSelector(selector, 's').map(fieldErrorMessage)).toEqual(expected));
