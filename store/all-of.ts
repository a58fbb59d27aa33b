import type { Store, StoredObject } from './port.ts';

const PAGE_SIZE = 500;

/** All objects of a resource (in a namespace), read page by page: what comes or goes meanwhile may be among them or not. */
export async function* allOf(
  store: Pick<Store, 'list'>,
  resource: string,
  namespace?: string,
): AsyncGenerator<StoredObject> {
  let after: { namespace: string; name: string } | undefined;
  do {
    const page = await store.list(resource, { namespace, limit: PAGE_SIZE, after });
    yield* page.items;
    const last = page.items.at(-1)?.metadata;
    after = page.more && last ? { namespace: last.namespace ?? '', name: last.name ?? '' } : undefined;
  } while (after);
}
