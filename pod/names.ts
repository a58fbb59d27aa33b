/**
 * What Kubernetes accepts as a name, by the place it stands in (docs: "Object Names and IDs", "Labels and Selectors";
 * RFC 1123). Each rule returns what is wrong, in words to act on; nothing when the value is fine.
 */

export type NameRule = (value: string) => string[];

const label1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const atMost = (max: number, value: string): string[] =>
  value.length > max ? [`must be no more than ${max} characters, not ${value.length}`] : [];
const shaped = (pattern: RegExp, value: string, message: string): string[] => (pattern.test(value) ? [] : [message]);

/** A DNS label (RFC 1123), at most 63 characters: names of namespaces, Services, containers, volumes. */
export const dns1123Label: NameRule = (value) => [
  ...atMost(63, value),
  ...shaped(
    label1123,
    value,
    "must be a DNS label: lower-case letters, digits or '-', with a letter or digit at both ends (e.g. 'my-name' or '123-abc')",
  ),
];

/** A DNS subdomain (RFC 1123), at most 253 characters: names of Pods and most objects. */
export const dns1123Subdomain: NameRule = (value) => [
  ...atMost(253, value),
  ...shaped(
    subdomain1123,
    value,
    "must be a DNS subdomain: lower-case letters, digits, '-' or '.', each part with a letter or digit at both ends (e.g. 'example.com')",
  ),
];

/** What can stand in a URL's path as one step: the least that is asked of any name. */
export const pathSegment: NameRule = (value) => [
  ...(value === '.' || value === '..' ? [`may not be '${value}'`] : []),
  ...['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`),
];

/** `name` or `prefix/name`: keys of labels, annotations, resources, finalizers. */
export const qualifiedName: NameRule = (value) => {
  const parts = value.split('/');
  if (parts.length > 2) return ["must be a name with at most one prefix before a '/' (e.g. 'example.com/MyName')"];
  const name = parts.at(-1)!;
  const prefix = parts.length === 2 ? parts[0]! : undefined;
  const prefixErrors =
    prefix === undefined
      ? []
      : prefix === ''
        ? ["the prefix before '/' must not be empty"]
        : dns1123Subdomain(prefix).map((message) => `the prefix ${message}`);
  const nameErrors =
    name === ''
      ? ['the name must not be empty']
      : [
          ...atMost(63, name).map((message) => `the name ${message}`),
          ...shaped(
            qualifiedPart,
            name,
            "the name must be letters, digits, '-', '_' or '.', with a letter or digit at both ends (e.g. 'MyName' or 'my.name')",
          ),
        ];
  return [...prefixErrors, ...nameErrors];
};

/** A label's value: empty, or at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends. */
export const labelValue: NameRule = (value) =>
  value === ''
    ? []
    : [
        ...atMost(63, value),
        ...shaped(
          qualifiedPart,
          value,
          "a label's value must be empty, or letters, digits, '-', '_' or '.' with a letter or digit at both ends (e.g. 'MyValue' or '12345')",
        ),
      ];

/** An environment variable's name: printable ASCII without '=' (KEP-4369). */
export const envName: NameRule = (value) =>
  shaped(/^[ -<>-~]+$/, value, "an environment variable's name must be printable ASCII characters other than '='");

/** A port's name (IANA service name): at most 15 lower-case letters, digits or single inner '-', at least one letter. */
export const portName: NameRule = (value) => [
  ...(value.length > 15 ? [`must be no more than 15 characters, not ${value.length}`] : []),
  ...shaped(/^[-a-z0-9]+$/, value, "must be lower-case letters, digits or '-'"),
  ...shaped(/[a-z]/, value, 'must contain at least one letter'),
  ...(value.includes('--') ? ["must not contain '--'"] : []),
  ...(/^-|-$/.test(value) ? ["must not start or end with '-'"] : []),
];

/** A port's number, 1 to 65535. */
export const portNumber = (value: unknown): string[] =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535
    ? []
    : ['must be a port number from 1 to 65535'];

/** A key in a ConfigMap's or Secret's data: a file name of letters, digits, '-', '_' or '.'. */
export const configKey: NameRule = (value) => [
  ...atMost(253, value),
  ...shaped(/^[-._a-zA-Z0-9]+$/, value, "a key must be letters, digits, '-', '_' or '.' (e.g. 'key.name')"),
  ...(value === '.' || value === '..' ? ["must not be '.' or '..'"] : []),
  ...(value.startsWith('..') && value !== '..' ? ["must not start with '..'"] : []),
];

/** The name of an HTTP header. */
export const httpHeaderName: NameRule = (value) =>
  shaped(/^[-A-Za-z0-9]+$/, value, "must be letters, digits or '-' (e.g. 'X-Header-Name')");

/** A name to which the API appends random characters: the rule without what the ending would repair. */
export const generated =
  (rule: NameRule): NameRule =>
  (value) =>
    rule(value.endsWith('-') ? `${value.slice(0, -1)}a` : value);
