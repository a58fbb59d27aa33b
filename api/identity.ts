import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ApiDeps, Identity } from './deps.ts';
import { ISSUER } from './service-accounts/token-issuer.ts';

/** What @hono/node-server passes beside a request, as far as it is needed here. */
export interface NodeBindings {
  incoming: IncomingMessage;
}

/** Requests and TokenReviews ask the same one. */
type HolderOf = ApiDeps['holderOf'];

/** Knows fixed tokens, which are for the API alone, and what `accountOf` knows: those of service accounts. */
export function createHolderOf(fixed: ReadonlyMap<string, Identity>, accountOf?: HolderOf): HolderOf {
  // Looked up by digest: how long that takes says nothing of a token.
  const byDigest = new Map([...fixed].map(([token, identity]) => [digest(token), identity]));
  return async (token, audiences = [ISSUER]) => {
    const identity = byDigest.get(digest(token));
    if (!identity) return accountOf?.(token, audiences);
    return audiences.includes(ISSUER) ? { ...identity, audiences: [ISSUER] } : undefined;
  };
}

/**
 * Tells who a request is from: by its bearer token, else by its TLS client certificate (common name: the user,
 * organizations: the groups, as Kubernetes' X.509 authentication has it). Undefined for a stranger; a wrong token is
 * one, whatever certificate comes with it.
 */
export function createIdentify(holderOf: HolderOf): (request: Request, env: unknown) => Promise<Identity | undefined> {
  return async (request, env) => {
    const header = request.headers.get('authorization');
    if (header) {
      const token = /^Bearer +([^ ]+) *$/i.exec(header)?.[1];
      return token ? holderOf(token) : undefined;
    }
    return fromCertificate((env as NodeBindings).incoming.socket as TLSSocket);
  };
}

function fromCertificate(socket: TLSSocket): Identity | undefined {
  // `authorized`: the certificate is there, valid now and from the CA the server was given.
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const name = [subject?.CN ?? []].flat()[0];
  return name ? { name, groups: [subject.O ?? []].flat() } : undefined;
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
