import { expect, test } from 'vitest';
import { specErrors } from './testing.ts';

const AT = 'spec.volumes[0]';
const MODE = 'must be a number between 0 and 0777 (octal), both inclusive';

test.each<[object, string[]]>([
  [{ emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }, []],
  [
    { emptyDir: { sizeLimit: '-1' } },
    [`${AT}.emptyDir.sizeLimit: Invalid value: "-1": must be a quantity that is not negative, e.g. 64Mi`],
  ],
  [
    { emptyDir: { sizeLimit: 'x' } },
    [`${AT}.emptyDir.sizeLimit: Invalid value: "x": must be a quantity that is not negative, e.g. 64Mi`],
  ],
  [{}, [`${AT}: Required value: must specify a volume type`]],
  [{ emptyDir: {}, hostPath: { path: '/x' } }, [`${AT}.hostPath: Forbidden: may not specify more than 1 volume type`]],
  [{ hostPath: { path: '/x', type: 'Directory' } }, []],
  [{ hostPath: { path: '' } }, [`${AT}.hostPath.path: Required value`]],
  [{ hostPath: { path: '/a/../b' } }, [`${AT}.hostPath.path: Invalid value: "/a/../b": must not contain '..'`]],
  [
    { hostPath: { path: '/x', type: 'Dir' } },
    [
      `${AT}.hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"`,
    ],
  ],
  [{ secret: { secretName: 's', items: [{ key: 'k', path: 'p', mode: 0o600 }] } }, []],
  [
    { secret: { defaultMode: 0o1000, items: [{ key: '', path: '/p', mode: -1 }] } },
    [
      `${AT}.secret.secretName: Required value`,
      `${AT}.secret.defaultMode: Invalid value: 512: ${MODE}`,
      `${AT}.secret.items[0].key: Required value`,
      `${AT}.secret.items[0].path: Invalid value: "/p": must be a relative path`,
      `${AT}.secret.items[0].mode: Invalid value: -1: ${MODE}`,
    ],
  ],
  [
    { configMap: { items: [{ key: 'k', path: '' }] } },
    [`${AT}.configMap.name: Required value`, `${AT}.configMap.items[0].path: Required value`],
  ],
  [
    {
      downwardAPI: {
        items: [
          { path: 'a', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.labels' } },
          { path: 'b', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' } },
        ],
      },
    },
    [],
  ],
  [
    {
      downwardAPI: {
        items: [
          { path: '..a', fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } },
          { path: 'b', resourceFieldRef: { resource: 'limits.cpu' } },
          { path: 'c' },
          {
            path: 'd',
            fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' },
            resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' },
          },
        ],
      },
    },
    [
      `${AT}.downwardAPI.items[0].path: Invalid value: "..a": must not start with '..'`,
      `${AT}.downwardAPI.items[0].fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"`,
      `${AT}.downwardAPI.items[1].resourceFieldRef.containerName: Required value`,
      `${AT}.downwardAPI.items[2]: Required value: one of fieldRef and resourceFieldRef is required`,
      `${AT}.downwardAPI.items[3]: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously`,
    ],
  ],
])('%j', (source, expected) => expect(specErrors({ volumes: [{ name: 'v', ...source }] })).toEqual(expected));

test('names', () => {
  expect(
    specErrors({
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'V', emptyDir: {} },
        { name: '', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    }),
  ).toEqual([
    "spec.volumes[1].name: Invalid value: \"V\": must be a DNS label: lower-case letters, digits or '-', with a letter or digit at both ends (e.g. 'my-name' or '123-abc')",
    'spec.volumes[2].name: Required value',
    'spec.volumes[3].name: Duplicate value: "v"',
  ]);
});
