import { expect, test } from 'vitest';
import { specErrors } from './testing.ts';

const AT = 'spec.volumes[0].projected';
const S = `${AT}.sources[0]`;

test.each<[object[], string[]]>([
  [
    [
      { secret: { name: 's', items: [{ key: 'k', path: 'a' }] } },
      { configMap: { name: 'c', items: [{ key: 'k', path: 'b' }] } },
      { downwardAPI: { items: [{ path: 'c', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }] } },
      { serviceAccountToken: { path: 't', expirationSeconds: 600 } },
      { clusterTrustBundle: { name: 'example.com:signer:bundle', path: 'ca' } },
      { podCertificate: { signerName: 'example.com/s', keyType: 'ED25519', keyPath: 'key' } },
    ],
    [],
  ],
  [
    [{ secret: { items: [{ key: '', path: 'a' }] } }, { configMap: { name: 'c', items: [{ key: 'k', path: 'a' }] } }],
    [
      `${S}.secret.name: Required value`,
      `${S}.secret.items[0].key: Required value`,
      `${AT}: Invalid value: "a": conflicting duplicate paths`,
    ],
  ],
  [
    [{ secret: { name: 's' }, configMap: { name: 'c' } }],
    [`${S}: Forbidden: may not specify more than 1 volume type per source`],
  ],
  [
    [{ serviceAccountToken: { path: '', expirationSeconds: 599 } }],
    [
      `${S}.serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`,
      `${S}.serviceAccountToken.path: Required value`,
    ],
  ],
  [
    [{ serviceAccountToken: { path: 't', expirationSeconds: 2 ** 32 + 1 } }],
    [
      `${S}.serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
    ],
  ],
  [
    [{ clusterTrustBundle: { path: 'ca' } }],
    [`${S}.clusterTrustBundle: Required value: either name or signerName must be specified`],
  ],
  [
    [{ clusterTrustBundle: { signerName: 'signer', path: '../ca' } }],
    [
      `${S}.clusterTrustBundle.signerName: Invalid value: "signer": must be a domain with a path, e.g. 'example.com/my-signer'`,
      `${S}.clusterTrustBundle.path: Invalid value: "../ca": must not contain '..'`,
    ],
  ],
  [
    [{ podCertificate: { signerName: 'example.com/s', keyType: 'RSA', maxExpirationSeconds: 60 } }],
    [
      `${S}.podCertificate.keyType: Invalid value: "RSA": must be one of ECDSAP256, ECDSAP384, ECDSAP521, ED25519, RSA3072, RSA4096`,
      `${S}.podCertificate.maxExpirationSeconds: Invalid value: 60: must be at least 3600`,
      `${S}.podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath`,
    ],
  ],
])('%j', (sources, expected) => {
  expect(specErrors({ volumes: [{ name: 'v', projected: { sources } }] })).toEqual(expected);
});
