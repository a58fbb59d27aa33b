/** durapod's API as any client sees it: requests over kept connections, and one watch on all Pods. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import type { Pod } from '../pod/types.ts';

const REQUEST_MS = 30_000;

export interface PodChange {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: Pod;
}

interface Waiting {
  met: (change: PodChange) => boolean;
  resolve: () => void;
}

export class ApiClient {
  readonly #url: string;
  readonly #token: string;
  readonly #agent: Agent;
  readonly #waiting = new Map<string, Waiting>();
  #watch: IncomingMessage | undefined;

  /** A client with the address, authority and token of a kubeconfig, watching the Pods of `path` from now on. */
  static async open(kubeconfig: string, path: string): Promise<ApiClient> {
    const client = new ApiClient(kubeconfig);
    client.#watch = await client.#send('GET', `${path}?watch=true`);
    createInterface({ input: client.#watch }).on('line', (line) => client.#seen(JSON.parse(line) as PodChange));
    return client;
  }

  private constructor(kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8'));
    const { cluster } = clusters[0];
    this.#url = cluster.server;
    this.#token = users[0].user.token;
    this.#agent = new Agent({ keepAlive: true, ca: Buffer.from(cluster['certificate-authority-data'], 'base64') });
  }

  /** Sends a request and resolves when it was answered with success; the answer's body is not kept. */
  async send(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    const answer = await this.#send(method, path, body);
    answer.resume();
    await once(answer, 'end');
  }

  /** Resolves when a change of the Pod that satisfies `met` is seen. Ask before the act that brings it about. */
  async until(pod: string, met: Waiting['met'], timeoutMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = () => reject(new Error(`pod ${pod}: what was waited for did not come within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    this.#waiting.set(pod, { met, resolve });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(pod);
    }
  }

  close(): void {
    this.#watch?.destroy();
    this.#agent.destroy();
  }

  #seen(change: PodChange): void {
    const waiting = this.#waiting.get(change.object.metadata.name ?? '');
    if (waiting?.met(change)) waiting.resolve();
  }

  async #send(method: string, path: string, body?: object): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    const sent = request(`${this.#url}${path}`, { method, agent: this.#agent, headers });
    sent.setTimeout(REQUEST_MS, () => sent.destroy(new Error(`${method} ${path}: no answer in ${REQUEST_MS} ms`)));
    sent.end(body && JSON.stringify(body));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    sent.setTimeout(0);
    const code = answer.statusCode ?? 0;
    if (code < 200 || code > 299) {
      throw new Error(`${method} ${path}: ${code} ${Buffer.concat(await answer.toArray()).toString()}`);
    }
    return answer;
  }
}
