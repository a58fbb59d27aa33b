import { type Logger, multistream, pino } from 'pino';
import { rotateAtStart, rotateWhenLarge } from './log-file.ts';
import type { LogLevel } from './settings.ts';
import type { Steps } from './steps.ts';

const CHECK_MS = 10_000;

/** Fields that may hold a secret, wherever a log line carries them. */
const SECRET = ['token', 'authorization', 'password', 'key'];

/** A log that is closed with its file. */
export interface Log {
  logger: Logger;
  close(): void;
}

/** Structured lines go to `path` (bounded in size); warnings also to the terminal, for people. */
export function openLog(path: string, level: LogLevel, steps: Steps): Log {
  rotateAtStart(path);
  const file = pino.destination({ dest: path, append: true, sync: true, mode: 0o600 });
  const terminal = { write: (line: string) => steps.say(forPeople(line)) };
  const logger = pino(
    { level, base: undefined, redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`]), remove: true } },
    multistream([
      { level, stream: file },
      { level: 'warn', stream: terminal },
    ]),
  );
  const timer = setInterval(() => rotateWhenLarge(path), CHECK_MS).unref();
  return {
    logger,
    close() {
      clearInterval(timer);
      file.end();
    },
  };
}

/** `warning: Temporal died (its error)` */
export function forPeople(line: string): string {
  const { level, msg, err } = JSON.parse(line);
  const word = level >= 50 ? 'error' : 'warning';
  return `${word}: ${msg ?? 'something went wrong'}${err?.message ? ` (${err.message})` : ''}`;
}
