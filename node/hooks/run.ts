import type { Container } from '../../pod/types.ts';
import { TimedOut, withDeadline } from '../handlers/deadline.ts';
import { execCommand } from '../handlers/exec.ts';
import { BodyError, httpGet, NotTlsError } from '../handlers/http.ts';
import { describeUrl, type HttpGetAction, type HttpRequest, httpRequest } from '../handlers/http-request.ts';
import { sleep } from '../handlers/sleep.ts';
import type { Target } from '../handlers/target.ts';
import { reasonOf } from '../handlers/text.ts';
import { HOOK_USER_AGENT } from '../handlers/user-agent.ts';

export type Hook = NonNullable<NonNullable<Container['lifecycle']>['postStart']>;

export interface HookResult {
  ok: boolean;
  /**
   * What the command printed, at most 10 KiB, for an event and the timeline. Not what a server answered: with a `host`
   * of the handler's own it would show others what only the node can reach (kubernetes#99425).
   */
  output: string;
  /** Why it failed; with `ok` a warning, or empty. Never holds the output. */
  message: string;
}

/**
 * Runs a postStart or preStop hook once, by the kubelet's rules: a command must end with 0; an httpGet must be answered,
 * with whatever status, and falls back from HTTPS to HTTP when the server speaks that; tcpSocket has never been
 * implemented and always fails. Never rejects: a failure, the time-out and the signal's abort are results.
 */
export async function runHook(
  hook: Hook,
  target: Target,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<HookResult> {
  try {
    if (hook.exec) return await runCommand(hook.exec.command ?? [], target, timeoutMs, signal);
    const { httpGet: action, sleep: pause } = hook;
    if (action) {
      return await withDeadline(timeoutMs, signal, (deadline) => runHttp(action, target, deadline));
    }
    if (pause) {
      await withDeadline(timeoutMs, signal, (deadline) => sleep(pause.seconds, deadline));
      return { ok: true, output: '', message: '' };
    }
    if (hook.tcpSocket) return failed('tcpSocket is not supported in lifecycle hooks: use exec, httpGet or sleep');
    return failed('the hook has no handler: give it exec, httpGet or sleep');
  } catch (error) {
    return failed(signal.aborted && !(error instanceof TimedOut) ? 'cancelled before it ended' : reasonOf(error));
  }
}

function failed(message: string, output = ''): HookResult {
  return { ok: false, output, message };
}

async function runCommand(
  command: string[],
  target: Target,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<HookResult> {
  const { exitCode, timedOut, output } = await execCommand(
    target.runtime,
    target.containerId,
    command,
    timeoutMs,
    signal,
  );
  if (timedOut) return failed(`the command timed out after ${timeoutMs / 1000}s`, output);
  if (exitCode !== 0) return failed(`the command exited with ${exitCode}`, output);
  return { ok: true, output, message: '' };
}

async function runHttp(action: HttpGetAction, target: Target, signal: AbortSignal): Promise<HookResult> {
  const request = httpRequest(action, target, HOOK_USER_AGENT);
  try {
    await ask(request, signal);
    return { ok: true, output: '', message: '' };
  } catch (error) {
    const where = describeUrl(request.url);
    if (request.url.protocol !== 'https:' || !(error instanceof NotTlsError))
      throw new Error(`GET ${where}: ${reasonOf(error)}`);
    await ask(withoutTls(request), signal);
    return { ok: true, output: '', message: `${where} does not speak TLS: asked again by plain HTTP` };
  }
}

/** Any answer will do, also one that breaks off. */
async function ask(request: HttpRequest, signal: AbortSignal): Promise<void> {
  try {
    await httpGet(request, signal);
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
  }
}

/** The same request in the clear, without the credentials that were meant for TLS. */
function withoutTls({ url, host, headers }: HttpRequest): HttpRequest {
  const plain = new URL(url);
  plain.protocol = 'http:';
  // Without it, HTTPS's default port would become HTTP's.
  plain.port = url.port || '443';
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  return { url: plain, host, headers: Object.fromEntries(kept) };
}
