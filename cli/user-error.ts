import { messageOf } from '../pod/message-of.ts';

/** A failure the user can do something about: the message names it in one line, and no stack is shown. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

const ELSEWHERE = 'or choose another place with --home';
const ADVICE: Record<string, string> = {
  ENOSPC: `make room, ${ELSEWHERE}`,
  EDQUOT: `make room, ${ELSEWHERE}`,
  EROFS: `make it writable, ${ELSEWHERE}`,
  EACCES: `let this user do so, ${ELSEWHERE}`,
  EPERM: `let this user do so, ${ELSEWHERE}`,
};
/** SQLite's result code for a full disk. */
const SQLITE_FULL = 13;

/** The failure as one the user can do something about: what the system refuses is that wherever it is met. */
export function asUserError(error: unknown): UserError | undefined {
  if (error instanceof UserError) return error;
  const full = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
  const advice = ADVICE[full ? 'ENOSPC' : (codeOf(error) ?? '')];
  return advice ? new UserError(`${messageOf(error)}: ${advice}`) : undefined;
}

/** The code of a system error (`ENOENT`), or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
