/** What is known of Pods and their nodes, and since when a node that Pods are on has been missing. */
import type { Node, Pod } from '../../pod/types.ts';
import type { Change } from '../../store/port.ts';
import { nodes } from '../registry/index.ts';
import { type Due, dueOf, factsOf, type NodeState, nodeState, type PodFacts } from './decide.ts';

/** So long a node may stay away that Pods are on, ms. */
const QUARANTINE_MS = 40_000;

export class Census {
  /** By uid. */
  readonly #pods = new Map<string, PodFacts>();
  readonly #nodes = new Map<string, NodeState>();
  /** Since when, on the clock of whoever asks. */
  readonly #missing = new Map<string, number>();

  putPod(pod: Pod): void {
    const facts = factsOf(pod);
    this.#pods.set(facts.uid, facts);
  }

  putNode(node: Node): void {
    const { name = '' } = node.metadata;
    this.#nodes.set(name, nodeState(node));
    this.#missing.delete(name);
  }

  take({ type, key, object }: Change): void {
    const isNode = key.resource === nodes.storage;
    if (type !== 'DELETED') isNode ? this.putNode(object as Node) : this.putPod(object as Pod);
    else if (isNode) this.#nodes.delete(key.name);
    else this.#pods.delete(object.metadata.uid ?? '');
  }

  /** The Pods that are due at this moment (ms, on a clock that only goes forward). A node first missed now has its time. */
  due(now: number): Due[] {
    const pods = [...this.#pods.values()];
    const missed = new Set(pods.flatMap(({ nodeName }) => (nodeName && !this.#nodes.has(nodeName) ? [nodeName] : [])));
    for (const name of this.#missing.keys()) if (!missed.has(name)) this.#missing.delete(name);
    for (const name of missed) if (!this.#missing.has(name)) this.#missing.set(name, now);
    const since = (name: string) => this.#missing.get(name) ?? now;
    return dueOf(pods, (name) => this.#nodes.get(name) ?? (now - since(name) >= QUARANTINE_MS ? 'gone' : 'missing'));
  }
}
