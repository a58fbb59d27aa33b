import { expect, test } from 'vitest';
import { mainErrors, specErrors } from './testing.ts';

const AT = 'spec.containers[0].resources';

test.each<[object, string[]]>([
  [{ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', 'ephemeral-storage': '1Gi' } }, []],
  [{ requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } }, []],
  [{ requests: { cpu: '1', 'hugepages-2Mi': '4Mi' }, limits: { 'hugepages-2Mi': '4Mi' } }, []],
  [
    { requests: { cpu: 'x' } },
    [
      `${AT}.requests[cpu]: Invalid value: "x": must be a quantity: a number with an optional suffix, e.g. 500m, 2 or 128Mi`,
    ],
  ],
  [{ limits: { cpu: '-1' } }, [`${AT}.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0`]],
  [
    { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '1', memory: '1Mi' } },
    [
      `${AT}.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
      `${AT}.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 1Mi`,
    ],
  ],
  [
    { limits: { gpu: '1', '/x': '1' } },
    [
      `${AT}.limits[gpu]: Invalid value: "gpu": must be cpu, ephemeral-storage, memory, hugepages-<size> or a name with a domain (e.g. example.com/gpu)`,
      `${AT}.limits[/x]: Invalid value: "/x": the prefix before '/' must not be empty`,
    ],
  ],
  [
    { requests: { 'example.com/gpu': '500m' }, limits: { 'example.com/gpu': '1' } },
    [
      `${AT}.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
      `${AT}.requests: Invalid value: "500m": must be equal to example.com/gpu limit of 1`,
    ],
  ],
  [
    { requests: { 'example.com/gpu': '1' } },
    [`${AT}.limits: Required value: a limit must be set for example.com/gpu, which cannot be overcommitted`],
  ],
  [
    { limits: { 'requests.example.com/gpu': '1' } },
    [
      `${AT}.limits[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": must not start with 'requests.' and leave room for it in its name`,
    ],
  ],
  [
    { limits: { 'hugepages-2Mi': '3Mi' } },
    [
      `${AT}.limits[hugepages-2Mi]: Invalid value: "3Mi": must be a multiple of the page size in hugepages-2Mi`,
      `${AT}: Forbidden: huge pages require cpu or memory`,
    ],
  ],
  [
    { claims: [{ name: 'gpu' }, { name: '' }] },
    [
      `${AT}.claims[0]: Not found: "gpu": must be the name of one of spec.resourceClaims`,
      `${AT}.claims[1]: Required value`,
    ],
  ],
])('container %j', (resources, expected) => expect(mainErrors({ resources })).toEqual(expected));

const containers = (requests: object, limits: object = {}) => [
  {
    name: 'main',
    image: 'a',
    imagePullPolicy: 'Always',
    terminationMessagePolicy: 'File',
    resources: { requests, limits },
  },
];

test.each<[object, string[]]>([
  [{ resources: { requests: { cpu: '1' }, limits: { cpu: '2' } }, containers: containers({ cpu: '1' }) }, []],
  [
    { resources: { requests: { 'ephemeral-storage': '1' } } },
    [
      'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "memory", "hugepages-<size>"',
    ],
  ],
  [{ resources: { claims: [] } }, ['spec.resources.claims: Forbidden: claims may not be set for the whole Pod']],
  [
    { resources: { requests: { cpu: '1' }, limits: { cpu: '1' } }, containers: containers({ cpu: '2' }, { cpu: '2' }) },
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      'spec.containers[0].resources.limits[cpu]: Invalid value: "2": must be less than or equal to pod limits of 1',
    ],
  ],
])('pod %j', (spec, expected) => expect(specErrors(spec)).toEqual(expected));
