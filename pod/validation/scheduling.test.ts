import { expect, test } from 'vitest';
import { specErrors } from './testing.ts';

const T = 'spec.tolerations[0]';
const S = 'spec.topologySpreadConstraints';
const spread = (change: object) => ({ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', ...change });

test.each<[object, string[]]>([
  [{ operator: 'Exists' }, []],
  [{ key: 'a', value: 'b', effect: 'NoSchedule' }, []],
  [{ key: 'a', operator: 'Gt', value: '-5' }, []],
  [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: -1 }, []],
  [
    { value: 'a' },
    [
      `${T}.operator: Invalid value: "": operator must be Exists when \`key\` is empty, which means "match all values and all keys"`,
    ],
  ],
  [
    { key: '/', operator: 'Exists' },
    [
      `${T}.key: Invalid value: "/": the prefix before '/' must not be empty`,
      `${T}.key: Invalid value: "/": the name must not be empty`,
    ],
  ],
  [
    { key: 'a', operator: 'Exists', tolerationSeconds: 3 },
    [`${T}.effect: Invalid value: "": effect must be 'NoExecute' when \`tolerationSeconds\` is set`],
  ],
  [
    { key: 'a', operator: 'Exists', value: 'b' },
    [`${T}.value: Invalid value: "b": value must be empty when \`operator\` is 'Exists'`],
  ],
  [
    { key: 'a', operator: 'Lt', value: '1.5' },
    [`${T}.value: Invalid value: "1.5": must be a whole number (64 bit) when \`operator\` is 'Lt'`],
  ],
  [
    { key: 'a', operator: 'Gt', value: '9223372036854775808' },
    [`${T}.value: Invalid value: "9223372036854775808": must be a whole number (64 bit) when \`operator\` is 'Gt'`],
  ],
  [
    { key: 'a', operator: 'Is' },
    [`${T}.operator: Unsupported value: "Is": supported values: "Equal", "Exists", "Gt", "Lt"`],
  ],
  [
    { key: 'a', operator: 'Exists', effect: 'Never' },
    [`${T}.effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"`],
  ],
])('toleration %j', (toleration, expected) => expect(specErrors({ tolerations: [toleration] })).toEqual(expected));

test.each<[object, string[]]>([
  [{ readinessGates: [{ conditionType: 'example.com/a' }], schedulingGates: [{ name: 'a' }] }, []],
  [
    { readinessGates: [{ conditionType: '' }] },
    ['spec.readinessGates[0].conditionType: Invalid value: "": the name must not be empty'],
  ],
  [{ schedulingGates: [{ name: 'a' }, { name: 'a' }] }, ['spec.schedulingGates[1]: Duplicate value: "a"']],
  [
    { schedulingGates: [{ name: 'a' }], nodeName: 'n1' },
    ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  ],
  [{ topologySpreadConstraints: [spread({ minDomains: 2, nodeTaintsPolicy: 'Honor' })] }, []],
  [
    {
      topologySpreadConstraints: [
        spread({ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'x', nodeAffinityPolicy: 'y' }),
      ],
    },
    [
      `${S}[0].maxSkew: Invalid value: 0: must be greater than zero`,
      `${S}[0].topologyKey: Required value: can not be empty`,
      `${S}[0].whenUnsatisfiable: Unsupported value: "x": supported values: "DoNotSchedule", "ScheduleAnyway"`,
      `${S}[0].nodeAffinityPolicy: Unsupported value: "y": supported values: "Honor", "Ignore"`,
    ],
  ],
  [
    { topologySpreadConstraints: [spread({ minDomains: 0 }), spread({ maxSkew: 2 })] },
    [
      `${S}[0].minDomains: Invalid value: 0: must be greater than zero`,
      `${S}[1].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"`,
    ],
  ],
  [
    { topologySpreadConstraints: [spread({ minDomains: 1, whenUnsatisfiable: 'ScheduleAnyway' })] },
    [`${S}[0].minDomains: Invalid value: 1: can only be used if whenUnsatisfiable is DoNotSchedule`],
  ],
])('%j', (spec, expected) => expect(specErrors(spec)).toEqual(expected));
