import { expect, test } from 'vitest';
import type { Pod } from '../../pod/types.ts';
import { chooseContainer } from './container-choice.ts';

function pod(mains: string[], inits: string[] = [], annotations = {}): Pod {
  const named = (names: string[]) => names.map((name) => ({ name }));
  return {
    metadata: { name: 'web', annotations },
    spec: { containers: named(mains), initContainers: named(inits), ephemeralContainers: named(['debug']) },
  } as Pod;
}
const preferring = (name: string) => ({ 'kubectl.kubernetes.io/default-container': name });

test.each<[string, Pod, string | undefined, string]>([
  ['the only one', pod(['a'], ['c']), undefined, 'a'],
  ['one by name', pod(['a', 'b']), 'b', 'b'],
  ['an init container by name', pod(['a'], ['c']), 'c', 'c'],
  ['an ephemeral one by name', pod(['a']), 'debug', 'debug'],
  ['the one of the annotation', pod(['a', 'b'], [], preferring('b')), undefined, 'b'],
  ['a name before the annotation', pod(['a', 'b'], [], preferring('b')), 'a', 'a'],
])('%s', (_, of, asked, chosen) => {
  expect(chooseContainer(of, asked)).toBe(chosen);
});

const must = 'a container name must be specified for pod web, choose one of: [a b]';
test.each<[string, Pod, string | undefined, string]>([
  ['several', pod(['a', 'b']), undefined, must],
  ['several, with init containers', pod(['a', 'b'], ['c', 'd']), '', `${must} or one of the init containers: [c d]`],
  ['an annotation that names none of them', pod(['a', 'b'], [], preferring('x')), undefined, must],
  ['no such container', pod(['a']), 'x', 'container x is not valid for pod web'],
])('refused: %s', (_, of, asked, message) => {
  expect(() => chooseContainer(of, asked)).toThrow(
    expect.objectContaining({ code: 400, reason: 'BadRequest', message }),
  );
});
