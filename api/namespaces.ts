/**
 * Looks after namespaces: gives each its service account and the API's certificate, and empties those that are going
 * (upstream's namespace, service account and root CA controllers).
 */
import type { Log } from '../pod/log.ts';
import type { KubeObject } from '../pod/types.ts';
import { allOf } from '../store/all-of.ts';
import { keepFollowing } from '../store/keep-following.ts';
import { type Change, DELETE, type Mutation, NotFound, type Store } from '../store/port.ts';
import { ensure } from './bootstrap.ts';
import { type Left, withLeft } from './namespace-conditions.ts';
import { mayGo, planDeletion } from './objects/deletion.ts';
import { timestamp } from './objects/time.ts';
import { configmaps, namespaces, resources, serviceaccounts } from './registry/index.ts';
import { contentFinalizer } from './registry/namespaces.ts';
import type { Resource } from './registry/resource.ts';
import { Retrying } from './retrying.ts';

const ROOT_CA = 'kube-root-ca.crt';
const DEFAULT_ACCOUNT = 'default';

export interface NamespaceDeps {
  store: Store;
  now(): Date;
  log: Log;
  /** The certificate (PEM) that the API's is verified by. */
  caCertificate: string;
}

/** Runs until the signal aborts; what fails is logged and tried again. */
export async function runNamespaces(deps: NamespaceDeps, signal: AbortSignal): Promise<void> {
  const work = new Retrying(
    (name) => reconcile(deps, name),
    (namespace, err, againInMs) => deps.log.warn({ err, namespace, againInMs }, 'looking after a namespace failed'),
  );
  const following = keepFollowing('namespaces', () => follow(deps, work, signal), deps.log, signal);
  await Promise.all([following, work.run(signal)]);
}

async function follow({ store }: NamespaceDeps, work: Retrying, signal: AbortSignal): Promise<void> {
  const since = await store.revision();
  const { items } = await store.list(namespaces.storage);
  for (const { metadata } of items) await work.attend(metadata.name ?? '');
  for await (const change of store.watch({ since, signal })) {
    const name = concerned(change);
    if (name) await work.attend(name);
  }
}

/** The namespace that a change gives something to do in. */
function concerned({ key, type }: Change): string | undefined {
  if (key.resource === namespaces.storage) return key.name;
  // What goes may be the last that a namespace waits for, or what it must always have.
  return type === 'DELETED' && key.namespace ? key.namespace : undefined;
}

/** Brings one namespace closer to what it should be. Safe to repeat. */
export async function reconcile(deps: NamespaceDeps, name: string): Promise<void> {
  const { store, now } = deps;
  const namespace = await store.get({ resource: namespaces.storage, namespace: '', name });
  if (!namespace || namespace.metadata.deletionTimestamp) {
    // Also when it has gone: a write that was under way may have come after it.
    const left = await empty(deps, name);
    await update(store, { resource: namespaces.storage, namespace: '', name }, (object) => {
      const told = withLeft(object, left, timestamp(now()));
      return left.resources.size + left.failures.length === 0 ? released(told) : told;
    });
    if (left.failures[0]) throw left.failures[0];
    return;
  }
  await ensure(store, serviceaccounts, name, { metadata: { name: DEFAULT_ACCOUNT } }, { now });
  const data = { 'ca.crt': deps.caCertificate };
  await ensure(store, configmaps, name, { metadata: { name: ROOT_CA }, data }, { now });
}

/** Deletes what is in the namespace; resolves with what is left of it. A resource that fails holds up no other. */
async function empty(deps: NamespaceDeps, namespace: string): Promise<Left> {
  const left: Left = { resources: new Map(), finalizers: new Map(), failures: [] };
  const stored = new Map(resources.filter((r) => r.namespaced).map((r) => [r.storage, r]));
  for (const resource of stored.values()) {
    try {
      for await (const { metadata } of remains(deps, resource, namespace)) {
        count(left.resources, `${resource.plural}.${resource.group}`);
        for (const finalizer of metadata.finalizers ?? []) count(left.finalizers, finalizer);
      }
    } catch (error) {
      left.failures.push(error as Error);
    }
  }
  return left;
}

/** Deletes what there is of a resource; gives what stays for now. */
async function* remains(
  { store, now }: NamespaceDeps,
  resource: Resource,
  namespace: string,
): AsyncGenerator<KubeObject> {
  for await (const { metadata } of allOf(store, resource.storage, namespace)) {
    const key = { resource: resource.storage, namespace, name: metadata.name ?? '' };
    const rest = await update(store, key, (object) =>
      planDeletion(resource, object, { propagationPolicy: 'Background' }, now()),
    );
    if (rest) yield rest;
  }
}

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);

/** Without what holds an empty namespace, which removes it when nobody else holds it. */
function released(object: KubeObject): Mutation {
  const finalizers = (object.spec?.finalizers ?? []).filter((f: string) => f !== contentFinalizer);
  const next = { ...object, spec: { ...object.spec, finalizers } };
  return mayGo(namespaces, next) ? DELETE : next;
}

/** Applies a decision; resolves with the object after it, undefined when it is gone. */
async function update(
  store: Store,
  key: Parameters<Store['get']>[0],
  decide: (object: KubeObject) => Mutation,
): Promise<KubeObject | undefined> {
  let gone = false;
  try {
    const object = await store.update(
      key,
      (current) => {
        const plan = decide(current);
        gone = plan === DELETE;
        return plan;
      },
      'client',
    );
    return gone ? undefined : object;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    return undefined;
  }
}
