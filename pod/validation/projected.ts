/** Volumes that project several sources into one directory. */
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { dns1123Subdomain } from '../names.ts';
import type { Volume } from '../types.ts';
import { each, fileMode, follows, volumePath } from './check.ts';
import { validateLabelSelector } from './label-selector.ts';
import { validateDownwardFile, validateItems } from './volume-items.ts';

type Projected = NonNullable<Volume['projected']>;
type Projection = NonNullable<Projected['sources']>[number];
type TrustBundle = NonNullable<Projection['clusterTrustBundle']>;
type Certificate = NonNullable<Projection['podCertificate']>;

const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;
const KEY_TYPES = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096'];

export const validateProjected = ({ defaultMode, sources }: Projected, path: string): FieldError[] => [
  ...fileMode(`${path}.defaultMode`, defaultMode),
  ...each(sources, `${path}.sources`, validateSource),
  ...conflicts(sources ?? [], path),
];

/** Two sources may not make the same file. */
function conflicts(sources: Projection[], path: string): FieldError[] {
  const files = sources.flatMap((s) => [
    ...[s.secret, s.configMap, s.downwardAPI].flatMap((part) => (part?.items ?? []).map((item) => item.path)),
    s.clusterTrustBundle?.path,
    s.podCertificate?.credentialBundlePath,
    s.podCertificate?.keyPath,
    s.podCertificate?.certificateChainPath,
  ]);
  return files.flatMap((file, index) =>
    file && files.indexOf(file) < index ? [invalid(path, file, 'conflicting duplicate paths')] : [],
  );
}

function validateSource(source: Projection, path: string): FieldError[] {
  const { clusterTrustBundle, configMap, downwardAPI, podCertificate, secret, serviceAccountToken } = source;
  const kinds = Object.values(source).filter((part) => part != null).length;
  const named = (part: { name?: string; items?: Parameters<typeof validateItems>[0] }, at: string) => [
    ...(part.name ? [] : [required(`${at}.name`)]),
    ...validateItems(part.items, `${at}.items`),
  ];
  return [
    ...(secret ? named(secret, `${path}.secret`) : []),
    ...(configMap ? named(configMap, `${path}.configMap`) : []),
    ...(downwardAPI ? each(downwardAPI.items, `${path}.downwardAPI.items`, validateDownwardFile) : []),
    ...(serviceAccountToken ? validateToken(serviceAccountToken, `${path}.serviceAccountToken`) : []),
    ...(clusterTrustBundle ? validateTrustBundle(clusterTrustBundle, `${path}.clusterTrustBundle`) : []),
    ...(podCertificate ? validateCertificate(podCertificate, `${path}.podCertificate`) : []),
    ...(kinds > 1 ? [forbidden(path, 'may not specify more than 1 volume type per source')] : []),
  ];
}

function validateToken(
  { expirationSeconds = 3600, path: file }: NonNullable<Projection['serviceAccountToken']>,
  path: string,
): FieldError[] {
  const at = `${path}.expirationSeconds`;
  return [
    ...(expirationSeconds < MIN_TOKEN_SECONDS
      ? [invalid(at, expirationSeconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(expirationSeconds > MAX_TOKEN_SECONDS
      ? [invalid(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...requiredFile(file, `${path}.path`),
  ];
}

const requiredFile = (file: string | undefined, path: string): FieldError[] =>
  file ? volumePath(path, file) : [required(path)];

function validateTrustBundle(bundle: TrustBundle, path: string): FieldError[] {
  const { labelSelector, name, path: file, signerName } = bundle;
  const source =
    name !== undefined && signerName !== undefined
      ? [invalid(path, bundle, 'only one of name and signerName may be used')]
      : name !== undefined
        ? [
            ...(name
              ? follows(dns1123Subdomain, `${path}.name`, name.replaceAll(':', '.'))
              : [required(`${path}.name`)]),
            ...(labelSelector
              ? [invalid(`${path}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified')]
              : []),
          ]
        : signerName !== undefined
          ? [
              ...validateSigner(signerName, `${path}.signerName`),
              ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
            ]
          : [required(path, 'either name or signerName must be specified')];
  return [...source, ...requiredFile(file, `${path}.path`)];
}

function validateCertificate(certificate: Certificate, path: string): FieldError[] {
  const { keyType, maxExpirationSeconds, signerName } = certificate;
  const files = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const;
  return [
    ...validateSigner(signerName, `${path}.signerName`),
    ...(KEY_TYPES.includes(keyType)
      ? []
      : [invalid(`${path}.keyType`, keyType, `must be one of ${KEY_TYPES.join(', ')}`)]),
    ...(maxExpirationSeconds !== undefined && maxExpirationSeconds < 3600
      ? [invalid(`${path}.maxExpirationSeconds`, maxExpirationSeconds, 'must be at least 3600')]
      : []),
    ...files.flatMap((name) => (certificate[name] ? volumePath(`${path}.${name}`, certificate[name]) : [])),
    ...(files.some((name) => certificate[name])
      ? []
      : [required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath')]),
  ];
}

/** `domain/path`, as in `example.com/my-signer`. */
function validateSigner(name: string, path: string): FieldError[] {
  const [domain = '', ...rest] = (name ?? '').split('/');
  return rest.join('/') !== '' && dns1123Subdomain(domain).length === 0 && domain.includes('.')
    ? []
    : [invalid(path, name, "must be a domain with a path, e.g. 'example.com/my-signer'")];
}
