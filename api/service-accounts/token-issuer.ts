/** Signs and reads the tokens of service accounts: JWTs as Kubernetes makes them (KEP-1205), ES256. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';

/** Who the tokens are from, and for when nobody else is named. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
/** Above it a token is meant to be unreadable garbage. */
const maxTokenLength = 16_384;

/** An object that a token names. */
export interface Bound {
  name: string;
  uid: string;
}

/** What a token says. */
export interface TokenClaims {
  namespace: string;
  serviceaccount: Bound;
  /** The token is void when one of these has gone. */
  pod?: Bound;
  secret?: Bound;
  node?: Bound;
}

export interface ReadToken {
  claims: TokenClaims;
  /** The audiences that were asked about and that it is for. */
  audiences: string[];
  /** The token's own id. */
  id: string;
}

export interface TokenIssuer {
  /** `expires` in seconds since 1970. */
  issue(claims: TokenClaims, audiences: string[], expires: number): Promise<string>;
  /** What the token says when it is ours, in force, and for one of `audiences`; else undefined. */
  read(token: string, audiences?: string[]): Promise<ReadToken | undefined>;
  /** For whom a token is that is ours and in force; else undefined. */
  audiencesOf(token: string): Promise<string[] | undefined>;
}

/** An issuer with a private key (PEM, P-256). */
export function createTokenIssuer(privateKey: string, now: () => Date): TokenIssuer {
  const key = createPrivateKey(privateKey);
  const publicKey = createPublicKey(key);
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  /** What a token says that is ours, in force, and for one of `audience` or whomever; else undefined. */
  const verified = async (token: string, audience?: string[]): Promise<JWTPayload | undefined> => {
    if (token.length > maxTokenLength) return undefined;
    const rules = { algorithms: ['ES256'], issuer: ISSUER, audience, currentDate: now() };
    try {
      return (await jwtVerify(token, publicKey, rules)).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
  return {
    issue: (claims, audiences, expires) => {
      const at = Math.floor(now().getTime() / 1000);
      return new SignJWT({ 'kubernetes.io': claims })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer(ISSUER)
        .setSubject(accountName(claims))
        .setAudience(audiences)
        .setJti(crypto.randomUUID())
        .setIssuedAt(at)
        .setNotBefore(at)
        .setExpirationTime(expires)
        .sign(key);
    },
    async read(token, audiences = [ISSUER]) {
      const payload = await verified(token, audiences);
      if (!payload) return undefined;
      const granted = meant(payload).filter((audience) => audiences.includes(audience));
      return { claims: payload['kubernetes.io'] as TokenClaims, audiences: granted, id: payload.jti ?? '' };
    },
    async audiencesOf(token) {
      const payload = await verified(token);
      return payload && meant(payload);
    },
  };
}

const meant = ({ aud = [] }: JWTPayload): string[] => [aud].flat();

/** The user a service account is (Kubernetes docs, "Authenticating": service account tokens). */
export const accountName = ({ namespace, serviceaccount }: TokenClaims): string =>
  `system:serviceaccount:${namespace}:${serviceaccount.name}`;
