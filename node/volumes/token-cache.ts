/** Tokens that are mounted, kept until they are due to be renewed: volumes are brought up to date far more often. */
import type { TokenRequest, VolumeContext } from './context.ts';

export interface GrantedToken {
  token: string;
  /** RFC 3339. */
  expirationTimestamp: string;
}

/** The kubelet's rule: renewed after 80 % of its life, and once a day whatever its life is (KEP-1205). */
const renewAfter = 0.8;
const maxAgeMs = 24 * 3_600_000;
/** More than any machine has Pods; the oldest go first, and are then asked for again. */
const maxTokens = 10_000;

/** Asks `grant` only for a token that is not at hand or is due. Two who ask at once share the answer. */
export function cachedTokens(
  grant: (request: TokenRequest) => Promise<GrantedToken>,
  now: () => number = Date.now,
): VolumeContext['serviceAccountToken'] {
  const known = new Map<string, { renewAt: number; token: Promise<string> }>();
  return (request) => {
    const key = JSON.stringify(request);
    const found = known.get(key);
    if (found && now() < found.renewAt) return found.token;
    const asked = now();
    const entry = { renewAt: Number.POSITIVE_INFINITY, token: granted() };
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > maxTokens && oldest) known.delete(oldest);
    return entry.token;

    async function granted(): Promise<string> {
      try {
        const { token, expirationTimestamp } = await grant(request);
        entry.renewAt = asked + Math.min((Date.parse(expirationTimestamp) - asked) * renewAfter, maxAgeMs);
        return token;
      } catch (error) {
        if (known.get(key) === entry) known.delete(key);
        throw error;
      }
    }
  };
}
