import { readFileSync } from 'node:fs';
import { messageOf } from '../pod/message-of.ts';
import type { ApiTarget } from './api-client.ts';
import type { KeyPair } from './certificates.ts';
import type { Home } from './home.ts';
import { issueNode, openPki } from './pki.ts';
import { UserError } from './user-error.ts';

/** All that a node on another machine needs to join; made by `durapod node-file`. Holds secrets. */
export interface JoinFile {
  name: string;
  /** Under which the control side reaches it. */
  address: string;
  api: ApiTarget;
  tls: KeyPair;
  temporal: { temporal: string; temporalNamespace: string };
}

/** Reads one. Throws UserError. */
export function readJoinFile(path: string): JoinFile {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8'));
    const complete = [
      file.name,
      file.address,
      file.api?.url,
      file.api?.ca,
      file.api?.token,
      file.tls?.key,
      file.tls?.cert,
    ];
    if (![...complete, file.temporal?.temporal].every((value) => typeof value === 'string'))
      throw new Error('incomplete');
    return file;
  } catch (error) {
    throw new UserError(`cannot use ${path} to join (${messageOf(error)}): make it with \`durapod node-file NAME\``);
  }
}

/** Makes the file for a node elsewhere, from the keys of a home whose durapod is the control side. */
export async function makeJoinFile(
  home: Home,
  options: { name: string; nodeAddress: string; api: string; temporal: string; temporalNamespace: string },
): Promise<JoinFile> {
  const { name, nodeAddress, api, temporal, temporalNamespace } = options;
  const pki = await openPki(home.pki);
  return {
    name,
    address: nodeAddress,
    api: { url: api, ca: pki.ca.cert, token: pki.tokens.node },
    tls: await issueNode(pki, name, [nodeAddress]),
    temporal: { temporal, temporalNamespace },
  };
}
