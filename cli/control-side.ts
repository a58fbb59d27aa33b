import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createApp } from '../api/app.ts';
import { startControllers } from '../api/controllers.ts';
import type { Identity } from '../api/deps.ts';
import { createHolderOf, createIdentify } from '../api/identity.ts';
import { impersonating } from '../api/impersonate.ts';
import { loadSchema } from '../api/schema/load.ts';
import { serve } from '../api/server.ts';
import { accountOf } from '../api/service-accounts/identity.ts';
import type { TokenIssuer } from '../api/service-accounts/token-issuer.ts';
import { createNodeConnector, type NodeConnector } from '../api/streams/node-connector.ts';
import { streamRoutes } from '../api/streams/routes.ts';
import { createUpgrade } from '../api/streams/upgrade.ts';
import { KUBERNETES } from '../pod/kubernetes.ts';
import { messageOf } from '../pod/message-of.ts';
import { startCompactor } from '../store/compactor.ts';
import type { Store } from '../store/port.ts';
import { startControl } from '../worker/control.ts';
import type { TemporalHandle } from '../worker/temporal.ts';
import { mountUploads } from './node-api.ts';
import type { Pki } from './pki.ts';
import { podControl } from './pod-control.ts';
import { temporalAnswers } from './temporal.ts';
import { cacheDirectory } from './tools/context.ts';
import { UserError } from './user-error.ts';
import { VERSION } from './version.ts';

/** What the control side runs on. */
export interface ControlSideOptions {
  store: Store;
  temporal: TemporalHandle;
  pki: Pki;
  /** Of service accounts. */
  tokens: TokenIssuer;
  now(): Date;
  /** The file of the Kubernetes schema. */
  schema: string;
  host: string;
  port: number;
  /** The node in this process, and where its endpoint listens, whatever address it announces. */
  localNode?: { name: string; host: string };
  log: Logger;
}

/** API, dispatcher and workflow worker. Resolves when the API answers. */
export async function startControlSide(options: ControlSideOptions): Promise<{ close(): Promise<void> }> {
  const { store, temporal, pki, tokens, now, host, port, log } = options;
  const stopping = new AbortController();
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const holderOf = createHolderOf(identities(pki), (...asked) => accountOf({ store, tokens, now }, ...asked));
  const identify = impersonating(createIdentify(holderOf));
  const nodes = reachingLocal(options.localNode, createNodeConnector({ ca: pki.ca.cert, token: pki.tokens.node }));
  const app = createApp({
    store,
    schema: await loadSchema(options.schema),
    identify,
    holderOf,
    tokens,
    pods: podControl(temporal.client, store),
    podStreams(app) {
      streamRoutes(app, { store, nodes });
      mountUploads(app, store);
    },
    version: { gitVersion: `${KUBERNETES}+durapod.${VERSION}` },
    now,
    log,
    metrics,
    stopping: stopping.signal,
    readyChecks: { temporal: () => temporalAnswers(temporal.address, temporal.namespace) },
  });

  await using started = new AsyncDisposableStack();
  const compacting = startCompactor(store, {
    onError: (error) => log.warn({ err: error }, "the store's log was not compacted"),
  });
  started.defer(compacting);
  const control = await startControl({ temporal, store, cache: cacheDirectory(), log });
  started.defer(() => control.stop());
  const stopControllers = await startControllers({ store, log, now, port, caCertificate: pki.ca.cert });
  started.defer(stopControllers);
  const server = await serve({
    fetch: (request, env) => app.fetch(request, env),
    upgrade: createUpgrade({ store, nodes, identify, log }),
    host,
    port,
    tls: { ...pki.server, ca: pki.ca.cert },
  }).catch((error) => {
    throw new UserError(`the API cannot listen on ${host}:${port} (${messageOf(error)}): choose another with --port`);
  });
  started.defer(() => {
    stopping.abort();
    return server.close();
  });
  const stack = started.move();
  return { close: () => stack.disposeAsync() };
}

function identities({ tokens }: Pki): Map<string, Identity> {
  return new Map([
    [tokens.admin, { name: 'admin', groups: ['system:masters', 'system:authenticated'] }],
    [tokens.node, { name: 'system:node', groups: ['system:nodes', 'system:authenticated'] }],
  ]);
}

function reachingLocal(local: ControlSideOptions['localNode'], nodes: NodeConnector): NodeConnector {
  const reach: <T extends { name: string; host: string }>(node: T) => T = (node) =>
    node.name === local?.name ? { ...node, host: local.host } : node;
  return {
    fetch: (node, path, signal) => nodes.fetch(reach(node), path, signal),
    upgrade: (node, path, inbound) => nodes.upgrade(reach(node), path, inbound),
  };
}
