/**
 * What the store asks of a database. A driver runs scripts and nothing more; what a create, a list or a watch means
 * is written once, in scripts, for all of them.
 */

/** SQL with its values. `name` is the same for the same text, so that a driver can keep it prepared. */
export interface Statement {
  name: string;
  sql: string;
  values: unknown[];
}

/** Rows of one statement. */
export type Rows = Record<string, unknown>[];

/**
 * Statements and what to do with their rows. A generator, because SQLite answers at once and PostgreSQL later: each
 * driver runs the same script in its own way. The statements of one step do not need each other's rows, so a driver
 * may send them together.
 */
export type Script<T> = Generator<Statement[], T, Rows[]>;

export interface Database {
  /** Runs statements that each stand alone and are safe to repeat. */
  run<T>(script: () => Script<T>): Promise<T>;
  /**
   * Runs a script in one transaction that excludes every other `write`, of this process and of others, from its first
   * statement to its commit: what it reads stays true, and revisions become visible in their order. Rolls back when the
   * script throws. The script may be started more than once.
   */
  write<T>(script: () => Script<T>): Promise<T>;
  /** Calls back with the newest revision when another process wrote; may miss some, so the store looks now and then. */
  onWrite(seen: (revision: number) => void): void;
  /** How often to look for the writes of other processes while someone watches, in milliseconds. */
  readonly lookEvery: number;
  close(): Promise<void>;
}

/** Runs a script where every statement is answered at once. */
export function runSync<T>(script: Script<T>, execute: (statement: Statement) => Rows): T {
  let step = script.next();
  while (!step.done) step = script.next(step.value.map(execute));
  return step.value;
}

/** Runs a script where the statements of a step are answered later. */
export async function runAsync<T>(
  script: Script<T>,
  execute: (statements: Statement[]) => Promise<Rows[]>,
): Promise<T> {
  let step = script.next();
  while (!step.done) step = script.next(await execute(step.value));
  return step.value;
}
