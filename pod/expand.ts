/**
 * `$(NAME)` references in a container's command, args and environment, as Kubernetes documents them: a reference to
 * an unknown name stays as it is, and `$$` stands for one `$`, so `$$(NAME)` is never a reference.
 */

/** Replaces the references in a text by their values. */
export const expand = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (values.get(name) ?? whole),
  );

/**
 * The references in an exec probe's command replaced by values of the container's `env` as the spec writes them: one
 * that comes from elsewhere (`valueFrom`) is empty here, and `envFrom` is unknown, as with the kubelet.
 */
export const expandStatic = (
  command: readonly string[],
  env: readonly { name: string; value?: string }[],
): string[] => {
  const values = new Map(env.map(({ name, value }) => [name, value ?? '']));
  return command.map((part) => expand(part, values));
};

export interface EnvEntry {
  name: string;
  value: string;
  /** The value came from a reference (a Secret, a field): it is taken as it is. */
  literal?: boolean;
}

/**
 * A container's environment: the entries in order over `envFrom`, each value expanded with what stands before it and
 * with the Services' variables, which are added last where nothing else has their name.
 */
export function expandEnv(
  envFrom: Iterable<readonly [string, string]>,
  entries: readonly EnvEntry[],
  services: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const own = new Map(envFrom);
  const known = new Map([...services, ...own]);
  for (const { name, value, literal } of entries) {
    const final = literal ? value : expand(value, known);
    own.set(name, final);
    known.set(name, final);
  }
  return new Map([...own, ...[...services].filter(([name]) => !own.has(name))]);
}
