/** A parameter that is a boolean: given without a value, or with any but `false` and `0`, it is true (as upstream). */
export function flag(params: URLSearchParams, name: string): boolean {
  const text = params.get(name);
  return text !== null && text !== 'false' && text !== '0';
}
