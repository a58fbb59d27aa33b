import { expect, test } from 'vitest';
import { createHolderOf, createIdentify } from './identity.ts';

const admin = { name: 'admin', groups: ['system:masters'] };
const holder = { ...admin, audiences: ['https://kubernetes.default.svc.cluster.local'] };
const identify = createIdentify(createHolderOf(new Map([['right', admin]])));

/** The bindings of a connection whose client showed this certificate. */
const connection = (subject?: object, authorized = subject !== undefined) => ({
  incoming: { socket: { authorized, getPeerCertificate: () => ({ subject }) } },
});
const node = { CN: 'system:node:n1', O: 'system:nodes' };

test.each([
  ['a token', 'Bearer right', connection(), holder],
  ['a token, other spelling', 'bearer  right', connection(), holder],
  ['a wrong token', 'Bearer wrong', connection(), undefined],
  ['a wrong token with a good certificate', 'Bearer wrong', connection(node), undefined],
  ['another scheme', 'Basic right', connection(node), undefined],
  ['a certificate', undefined, connection(node), { name: 'system:node:n1', groups: ['system:nodes'] }],
  ['one of several groups', undefined, connection({ CN: 'a', O: ['x', 'y'] }), { name: 'a', groups: ['x', 'y'] }],
  ['one without groups', undefined, connection({ CN: 'a' }), { name: 'a', groups: [] }],
  ['one from a stranger', undefined, connection(node, false), undefined],
  ['one without a name', undefined, connection({ O: 'x' }), undefined],
  ['nothing', undefined, connection(), undefined],
])('%s', async (_, authorization, env, identity) => {
  const headers: Record<string, string> = authorization ? { authorization } : {};
  expect(await identify(new Request('https://api/', { headers }), env)).toEqual(identity);
});
