import { expect, test } from 'vitest';
import type { Identity } from './deps.ts';
import { impersonating } from './impersonate.ts';

const admin: Identity = { name: 'admin', groups: ['system:masters'] };
const account: Identity = { name: 'system:serviceaccount:a:b', groups: ['system:serviceaccounts'] };

const identified = (asker: Identity | undefined, headers: [string, string][]) =>
  impersonating(async () => asker)(new Request('https://api/api/v1/pods', { headers }), {});

test.each<[string, [string, string][], Identity]>([
  ['nobody', [], admin],
  ['a user', [['Impersonate-User', 'bob']], { name: 'bob', groups: ['system:authenticated'] }],
  [
    'one of several groups',
    [
      ['Impersonate-User', 'bob'],
      ['Impersonate-Group', 'x'],
      ['Impersonate-Group', 'y'],
    ],
    { name: 'bob', groups: ['x', 'y', 'system:authenticated'] },
  ],
  [
    'all there is of one',
    [
      ['Impersonate-User', 'bob'],
      ['Impersonate-Uid', 'u'],
      ['Impersonate-Extra-Example.com%2fScope', 's'],
    ],
    { name: 'bob', uid: 'u', groups: ['system:authenticated'], extra: { 'example.com/scope': ['s'] } },
  ],
  [
    'a service account',
    [['Impersonate-User', 'system:serviceaccount:default:bob']],
    {
      name: 'system:serviceaccount:default:bob',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    },
  ],
  [
    'a stranger',
    [['Impersonate-User', 'system:anonymous']],
    { name: 'system:anonymous', groups: ['system:unauthenticated'] },
  ],
])('as %s', async (_, headers, identity) => {
  expect(await identified(admin, headers)).toEqual(identity);
});

test('who may not act as others', async () => {
  expect(await identified(undefined, [['Impersonate-User', 'bob']])).toBe(undefined);
  await expect(identified(account, [['Impersonate-User', 'bob']])).rejects.toMatchObject({
    code: 403,
    message: expect.stringMatching(
      /^users "bob" is forbidden: User "system:serviceaccount:a:b" cannot impersonate resource "users" in API group "" at the cluster scope: /,
    ),
  });
  await expect(identified(admin, [['Impersonate-Group', 'x']])).rejects.toMatchObject({ code: 400 });
});
