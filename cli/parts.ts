import { messageOf } from '../pod/message-of.ts';
import { openCriRuntime } from '../runtime/cri/runtime.ts';
import { type Runtime, RuntimeError } from '../runtime/port.ts';
import { openSimRuntime } from '../runtime/sim/runtime.ts';
import type { Store } from '../store/port.ts';
import { openPostgresStore } from '../store/postgres.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { Home } from './home.ts';
import type { RuntimeChoice, Settings } from './settings.ts';
import { UserError } from './user-error.ts';

/** Opens the store the settings name. Throws UserError without the URL, which may carry a password. */
export async function openStore(home: Home, store: Settings['store']): Promise<Store> {
  try {
    if (store.kind === 'sqlite') return openSqliteStore(store.path ?? home.store);
    return await openPostgresStore(store.url);
  } catch (error) {
    const message = messageOf(error);
    const safe = store.kind === 'postgres' ? message.replaceAll(store.url, '(the URL)') : message;
    throw new UserError(`${safe}\nMake that right, or choose another store with --store`);
  }
}

/** Opens the runtime; `socket` is our containerd's. Throws UserError when it does not answer. */
export async function openRuntime(choice: RuntimeChoice, socket: string): Promise<Runtime> {
  if (choice.kind === 'sim') return openSimRuntime();
  const path = choice.kind === 'socket' ? choice.socket : socket;
  try {
    return await openCriRuntime({ socket: path });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw new UserError(`no container runtime at ${path} (${error.message}): start it, or check --runtime`);
  }
}
