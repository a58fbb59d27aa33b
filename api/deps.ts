/** What the API is given: everything it touches beyond the request. */
import type { Hono } from 'hono';
import type { Registry } from 'prom-client';
import type { Log } from '../pod/log.ts';
import type { PodRef } from '../pod/types.ts';
import type { Store } from '../store/port.ts';
import type { KubernetesSchema } from './schema/definitions.ts';
import type { TokenIssuer } from './service-accounts/token-issuer.ts';

/** Who is asking. */
export interface Identity {
  name: string;
  groups: string[];
  uid?: string;
  /** What else its credential says. */
  extra?: Record<string, string[]>;
}

/** Whose a token is, and for whom among those that were asked about. */
export interface TokenHolder extends Identity {
  audiences: string[];
}

/** What acts on a running Pod now, not through the store. Each resolves when it is done or throws an ApiError. */
export interface PodControl {
  /** Creates a file in the container, as seen from inside it; waits for a container that has not started yet. */
  createFile(file: {
    pod: PodRef;
    container: string;
    path: string;
    content: Uint8Array;
    /** Permission bits. */
    mode: number;
  }): Promise<void>;
  restartContainer(target: { pod: PodRef; container: string }): Promise<void>;
  /** New sandbox, all init containers again. */
  restartPod(target: { pod: PodRef }): Promise<void>;
}

export interface VersionInfo {
  /** e.g. `v1.36.3+durapod.0.1.0`. */
  gitVersion: string;
}

/** What the app keeps for the length of a request. */
export type AppEnv = { Bindings: object; Variables: { identity: Identity; verb?: string; resource?: string } };
export type App = Hono<AppEnv>;

export interface ApiDeps {
  store: Store;
  schema: KubernetesSchema;
  /** Resolves with undefined for a stranger. `env` is what the host passes beside the request (Node: its sockets). */
  identify(request: Request, env: unknown): Promise<Identity | undefined>;
  /** Whose a token is; undefined when it is nobody's or for others than `audiences` (this API when not said). */
  holderOf(token: string, audiences?: string[]): Promise<TokenHolder | undefined>;
  pods: PodControl;
  /** Of service accounts. */
  tokens: TokenIssuer;
  /** Mounts `log`, `exec` and what else streams; called after authentication and before the resources. */
  podStreams?: (app: App) => void;
  version: VersionInfo;
  now(): Date;
  log: Log;
  metrics: Registry;
  /** Aborts when the process is about to end: watches end, so that a server can close. */
  stopping?: AbortSignal;
  /** What readiness depends on, by name; each rejects while it is not ready. */
  readyChecks?: Record<string, () => Promise<void>>;
}
