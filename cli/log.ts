import { type Logger, multistream, pino } from 'pino';
import { messageOf } from '../pod/message-of.ts';
import { rotateAtStart, rotateWhenLarge } from './log-file.ts';
import type { LogLevel } from './settings.ts';
import type { Steps } from './steps.ts';

const CHECK_MS = 10_000;

/** Fields that may hold a secret, wherever a log line carries them. */
const SECRET = ['token', 'authorization', 'password', 'key'];

/** Lines that the file does not take now are kept up to so many bytes, those after them are dropped. */
const MAX_WAITING_BYTES = 256 * 1024;

/** The log in its file; `close` ends both. */
export interface LogFile {
  logger: Logger;
  close(): void;
}

/** Structured lines go to `path` (bounded in size); warnings also to the terminal, for people. */
export function openLog(path: string, level: LogLevel, steps: Steps): LogFile {
  rotateAtStart(path);
  const file = openFile(path, steps);
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

/** A file for lines. That it cannot be written (its disk is full) is said once and is nobody's failure who logs. */
export function openFile(path: string, steps: Steps) {
  const file = pino.destination({ dest: path, append: true, sync: true, mode: 0o600, maxLength: MAX_WAITING_BYTES });
  file.once('error', (error) => steps.say(`warning: ${path} cannot be written (${messageOf(error)}): lines are lost`));
  file.on('error', () => undefined);
  return file;
}

/** `warning: Temporal died (its error)` */
export function forPeople(line: string): string {
  const { level, msg, err } = JSON.parse(line);
  const word = level >= 50 ? 'error' : 'warning';
  return `${word}: ${msg ?? 'something went wrong'}${err?.message ? ` (${err.message})` : ''}`;
}
