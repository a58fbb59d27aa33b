/** The package brings no types. */
declare module 'json-merge-patch' {
  /** Applies an RFC 7396 patch to `target` itself, and returns it. */
  function apply(target: unknown, patch: unknown): unknown;
  const mergePatch: { apply: typeof apply };
  export default mergePatch;
}
