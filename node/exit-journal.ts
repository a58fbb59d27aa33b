/**
 * The ends of containers as they were first seen, kept on disk from that moment: what a restarted runtime says later
 * (255 `Unknown`) changes nothing. Rows go when their container is removed.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Exit } from '../pod/record.ts';

/** The end of a container, as an event had it. */
export interface SeenExit {
  id: string;
  exitCode: number;
  at: string;
}

export interface JournalEntry extends Omit<SeenExit, 'id'> {
  /** The whole story, once reason and message are read. */
  exit?: Exit;
  /** The workflow knows. */
  delivered: boolean;
}

export class ExitJournal {
  readonly #db: DatabaseSync;
  readonly #see;
  readonly #complete;
  readonly #deliver;
  readonly #get;
  readonly #forget;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;');
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS ends (id TEXT PRIMARY KEY, code INTEGER NOT NULL, at TEXT NOT NULL, exit TEXT, delivered INTEGER NOT NULL DEFAULT 0)',
    );
    this.#see = this.#db.prepare('INSERT OR IGNORE INTO ends (id, code, at) VALUES (?, ?, ?)');
    this.#complete = this.#db.prepare('UPDATE ends SET exit = ? WHERE id = ? AND exit IS NULL');
    this.#deliver = this.#db.prepare('UPDATE ends SET delivered = 1 WHERE id = ?');
    this.#get = this.#db.prepare('SELECT code, at, exit, delivered FROM ends WHERE id = ?');
    this.#forget = this.#db.prepare('DELETE FROM ends WHERE id = ?');
  }

  /** Records an end the moment it is seen; the first word stands. */
  see(id: string, exitCode: number, at: string): void {
    this.#see.run(id, exitCode, at);
  }

  /** Records what was seen by somebody else. */
  seeAll(exits: SeenExit[]): void {
    this.#db.exec('BEGIN');
    for (const { id, exitCode, at } of exits) this.see(id, exitCode, at);
    this.#db.exec('COMMIT');
  }

  complete(id: string, exit: Exit): void {
    this.#complete.run(JSON.stringify(exit), id);
  }

  delivered(id: string): void {
    this.#deliver.run(id);
  }

  get(id: string): JournalEntry | undefined {
    const row = this.#get.get(id) as { code: number; at: string; exit: string | null; delivered: number } | undefined;
    if (!row) return undefined;
    return {
      exitCode: row.code,
      at: row.at,
      ...(row.exit && { exit: JSON.parse(row.exit) as Exit }),
      delivered: row.delivered === 1,
    };
  }

  forget(id: string): void {
    this.#forget.run(id);
  }

  /** Drops what is of no container any more. */
  keepOnly(ids: Set<string>): void {
    for (const { id } of this.#db.prepare('SELECT id FROM ends').all() as { id: string }[]) {
      if (!ids.has(id)) this.forget(id);
    }
  }

  close(): void {
    this.#db.close();
  }
}
