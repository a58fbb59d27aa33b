/** One at a time for a key, in their order: two activities may prepare a Pod's volumes when the first was given up too early. */
const tails = new Map<string, Promise<unknown>>();

export async function serially<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const result = before.then(work, work);
  tails.set(key, result);
  try {
    return await result;
  } finally {
    if (tails.get(key) === result) tails.delete(key);
  }
}
