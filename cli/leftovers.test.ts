import { expect, test } from 'vitest';
import { mountsBelow, undoRules } from './leftovers.ts';

test('mounts below a directory, the deepest first', () => {
  const line = (path: string) => `31 23 0:28 / ${path} rw,relatime - tmpfs tmpfs rw,mode=755`;
  const mountinfo = ['/', '/home/d', '/home/d/a\\040b', '/home/d/a\\040b/c', '/home/dd'].map(line).join('\n');
  expect(mountsBelow(mountinfo, '/home/d')).toEqual(['/home/d/a b/c', '/home/d/a b', '/home/d']);
});

test("only one network's rules and chains are undone", () => {
  const comment = (name: string, id: string) => `-m comment --comment "name: \\"${name}\\" id: \\"${id}\\""`;
  const rules = [
    '-P POSTROUTING ACCEPT',
    '-N CNI-aaaaa1',
    '-N CNI-bbbbb2',
    '-N CNI-HOSTPORT-DNAT',
    '-N CNI-DN-ccccc3',
    `-A POSTROUTING -s 10.0.0.2/32 ${comment('durapod1', 'x')} -j CNI-aaaaa1`,
    `-A POSTROUTING -s 10.1.0.2/32 ${comment('durapod2', 'y')} -j CNI-bbbbb2`,
    `-A CNI-aaaaa1 -d 10.0.0.0/22 ${comment('durapod1', 'x')} -j ACCEPT`,
    `-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"durapod1\\" id: \\"x\\"" -j CNI-DN-ccccc3`,
    '-A CNI-DN-ccccc3 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80',
  ].join('\n');
  expect(undoRules(rules, 'durapod1')).toEqual([
    [
      '-D',
      'POSTROUTING',
      '-s',
      '10.0.0.2/32',
      '-m',
      'comment',
      '--comment',
      'name: "durapod1" id: "x"',
      '-j',
      'CNI-aaaaa1',
    ],
    [
      '-D',
      'CNI-HOSTPORT-DNAT',
      '-p',
      'tcp',
      '-m',
      'comment',
      '--comment',
      'dnat name: "durapod1" id: "x"',
      '-j',
      'CNI-DN-ccccc3',
    ],
    ['-F', 'CNI-aaaaa1'],
    ['-F', 'CNI-DN-ccccc3'],
    ['-X', 'CNI-aaaaa1'],
    ['-X', 'CNI-DN-ccccc3'],
  ]);
});
