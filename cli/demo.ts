import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, KubeObject, Pod } from '../pod/types.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { collectionPath, createObject } from './manifest.ts';
import type { Steps } from './steps.ts';
import { findProgram } from './tools/context.ts';
import type { Up } from './up.ts';
import { lastWarning, type Outlook, outlook } from './waits-for.ts';

const SETTLE_MS = 20_000;
const POLL_MS = 200;

/** Creates the objects of a manifest, waits until its Pods stand at something and says at what, and what to type next. */
export async function demonstrate(up: Up, objects: KubeObject[], steps: Steps, signal: AbortSignal): Promise<void> {
  const api = createApiClient(up.api);
  const waiting: { pod: Pod; outlook?: Outlook }[] = [];
  for (const object of objects) {
    const what = `${object.kind?.toLowerCase()}/${object.metadata.name ?? object.metadata.generateName}`;
    const created = await steps.step(
      `creating ${what}`,
      () => createObject(api, object),
      ({ existed }) => (existed ? 'it is there already' : ''),
    );
    if (created.object.kind === 'Pod') waiting.push(await settle(api, created.object as Pod, signal));
  }
  steps.say('');
  for (const { pod, outlook: stands } of waiting) {
    steps.say(`Pod ${pod.metadata.name}: ${stands?.text ?? `${pod.status?.phase ?? 'Pending'}, still on its way`}`);
  }
  steps.say(whereThingsAre(up));
  const [first] = waiting;
  if (first) steps.say(`\nNext, in another shell:\n${nextCommand(up, first.pod, first.outlook)}`);
}

/** Where a person finds what runs. */
export function whereThingsAre({ home, api, temporalUi, temporalCli }: Up): string {
  const lines = [
    ['API', api.url],
    ['kubeconfig', home.kubeconfig],
    ['Temporal UI', temporalUi ?? "(its own server's)"],
    ['Temporal CLI', temporalCli],
    ['state, logs', home.root],
  ];
  return lines.map(([name, where]) => `${name!.padEnd(12)} ${where}`).join('\n');
}

/** With kubectl where it is installed, with curl otherwise. */
export function nextCommand(
  { home, api, simulated }: Up,
  pod: Pod,
  stands: Outlook | undefined,
  env = process.env,
): string {
  const next = stands?.next ?? ['get', 'pod', pod.metadata.name!, '-w'];
  const { namespace = 'default', name } = pod.metadata;
  if (findProgram('kubectl', env)) {
    const [verb, , , container, , , file] = next;
    if (simulated && verb === 'exec') {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/files?container=${container}&path=${file}`;
      return `  export KUBECONFIG=${home.kubeconfig}\n  kubectl create --raw '${path}' -f /dev/null`;
    }
    const elsewhere = namespace === 'default' ? [] : ['-n', namespace];
    return `  export KUBECONFIG=${home.kubeconfig}\n  kubectl ${[...elsewhere, ...next].join(' ')}`;
  }
  const url = `${api.url}/api/v1/namespaces/${namespace}/pods/${name}`;
  const curl = `  curl --cacert ${join(home.pki, 'ca.crt')} -H "Authorization: Bearer $(cat ${join(home.pki, 'admin.token')})"`;
  const [verb, , , container, , , file] = next;
  if (verb === 'exec') return `${curl} -X POST '${url}/files?container=${container}&path=${file}'`;
  if (verb === 'logs') return `${curl} '${url}/log?follow=true${next[3] === '-c' ? `&container=${next[4]}` : ''}'`;
  return `${curl} '${url}'`;
}

async function settle(api: ApiClient, created: Pod, signal: AbortSignal): Promise<{ pod: Pod; outlook?: Outlook }> {
  const path = `${await collectionPath(api, created)}/${encodeURIComponent(created.metadata.name!)}`;
  const deadline = Date.now() + SETTLE_MS;
  let pod = created;
  while (Date.now() < deadline && !signal.aborted) {
    const stands = outlook(pod);
    if (stands) return { pod, outlook: stands };
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    const { code, body } = await api('GET', path);
    if (code === 200) pod = body;
  }
  return { pod, outlook: outlook(pod) ?? lastWarning(pod, await eventsOf(api, pod)) };
}

async function eventsOf(api: ApiClient, { metadata: { namespace = 'default', uid } }: Pod): Promise<Event[]> {
  const { code, body } = await api(
    'GET',
    `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.uid=${uid}`,
  );
  return code === 200 ? body.items : [];
}
