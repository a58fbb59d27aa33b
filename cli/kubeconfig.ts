import { stringify } from 'yaml';
import { writeFileAtomic } from './files.ts';
import type { Pki } from './pki.ts';

const NAME = 'durapod';

/** A kubeconfig for the administrator: CA, token and client certificate inside it, so one file is all a client needs. */
export function kubeconfig(server: string, pki: Pki): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server, 'certificate-authority-data': base64(pki.ca.cert) } }],
    users: [
      {
        name: 'admin',
        user: {
          token: pki.tokens.admin,
          'client-certificate-data': base64(pki.admin.cert),
          'client-key-data': base64(pki.admin.key),
        },
      },
    ],
    contexts: [{ name: NAME, context: { cluster: NAME, user: 'admin', namespace: 'default' } }],
    'current-context': NAME,
  });
}

/** Writes it, readable for its owner only. */
export function writeKubeconfig(path: string, server: string, pki: Pki): void {
  writeFileAtomic(path, kubeconfig(server, pki), 0o600);
}
