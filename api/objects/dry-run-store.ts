/** A store that decides as the real one does and writes nothing (Kubernetes docs, "Dry-run"). */
import { AlreadyExists, DELETE, NotFound, type Store } from '../../store/port.ts';

export function dryRunStore(store: Store): Store {
  return {
    ...store,
    async create(key, object) {
      if (await store.get(key)) throw new AlreadyExists(`${key.resource} ${key.name}`);
      return object;
    },
    async update(key, change) {
      const current = await store.get(key);
      if (!current) throw new NotFound(`${key.resource} ${key.name}`);
      const next = change(current);
      return next === DELETE || next === undefined ? current : next;
    },
  };
}
