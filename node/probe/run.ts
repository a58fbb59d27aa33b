import type { Probe } from '../../pod/types.ts';
import { withDeadline } from '../handlers/deadline.ts';
import { execCommand } from '../handlers/exec.ts';
import { grpcHealth } from '../handlers/grpc.ts';
import { BodyError, httpGet } from '../handlers/http.ts';
import { describeUrl, httpRequest } from '../handlers/http-request.ts';
import { defaultHost, hostPort, resolvePort, type Target } from '../handlers/target.ts';
import { tcpConnect } from '../handlers/tcp.ts';
import { reasonOf } from '../handlers/text.ts';
import { PROBE_USER_AGENT } from '../handlers/user-agent.ts';

/**
 * What one probe found. `warning` counts as success (a redirect to another host, which is not followed). `unknown` says
 * nothing about the container and counts as nothing: the probe could not be carried out.
 */
export interface ProbeOutcome {
  result: 'success' | 'warning' | 'failure' | 'unknown';
  message: string;
}

/** How often a probe that cannot be carried out is tried before it is given up, as in the kubelet. */
const ATTEMPTS = 3;

/**
 * Probes once, by the kubelet's rules. Never rejects: everything that goes wrong is an outcome. An exec probe's
 * `$(VAR)` references must have been expanded.
 */
export async function runProbe(probe: Probe, target: Target, signal: AbortSignal): Promise<ProbeOutcome> {
  let outcome: ProbeOutcome = { result: 'unknown', message: '' };
  for (let attempt = 0; attempt < ATTEMPTS && outcome.result === 'unknown'; attempt++) {
    try {
      outcome = await attemptProbe(probe, target, signal);
    } catch (error) {
      outcome = { result: 'unknown', message: reasonOf(error) };
    }
    if (signal.aborted) return { result: 'unknown', message: 'cancelled' };
  }
  return outcome;
}

/** Rejects where the kubelet throws the result away. */
function attemptProbe(probe: Probe, target: Target, signal: AbortSignal): Promise<ProbeOutcome> {
  const timeoutMs = (probe.timeoutSeconds || 1) * 1000;
  if (probe.exec) return probeExec(probe.exec.command ?? [], target, timeoutMs, signal);
  if (probe.httpGet) return probeHttp(probe.httpGet, target, timeoutMs, signal);
  if (probe.tcpSocket) {
    const host = probe.tcpSocket.host || defaultHost(target);
    const port = resolvePort(probe.tcpSocket.port, target.ports);
    return contact(`tcp://${hostPort(host, port)}`, async () => {
      await withDeadline(timeoutMs, signal, (deadline) => tcpConnect(host, port, deadline));
      return { result: 'success', message: '' };
    });
  }
  if (probe.grpc) {
    const { port, service } = probe.grpc;
    const host = defaultHost(target);
    return contact(`grpc://${hostPort(host, port)}`, async () => {
      const answer = await withDeadline(timeoutMs, signal, (deadline) =>
        grpcHealth(host, port, service ?? '', deadline),
      );
      return { result: answer === 'SERVING' ? 'success' : 'failure', message: `the service is ${answer}` };
    });
  }
  throw new Error('the probe has no handler: give it exec, httpGet, tcpSocket or grpc');
}

async function probeExec(
  command: string[],
  target: Target,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const outcome = await execCommand(target.runtime, target.containerId, command, timeoutMs, signal);
  if (outcome.timedOut) {
    return { result: 'failure', message: `the command "${command[0]}" timed out after ${timeoutMs / 1000}s` };
  }
  return { result: outcome.exitCode === 0 ? 'success' : 'failure', message: outcome.output };
}

function probeHttp(
  action: NonNullable<Probe['httpGet']>,
  target: Target,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const request = httpRequest(action, target, PROBE_USER_AGENT);
  const where = describeUrl(request.url);
  return contact(where, async () => {
    const { status, body } = await withDeadline(timeoutMs, signal, (deadline) => httpGet(request, deadline));
    if (status >= 200 && status < 300) return { result: 'success', message: body };
    if (status >= 300 && status < 400) {
      // What the kubelet says, because tools look for it.
      return { result: 'warning', message: `Probe terminated redirects, Response body: ${body}` };
    }
    // Not the body: it may hold what an event must not show (kubernetes#99425).
    return { result: 'failure', message: `GET ${where} answered with status code ${status}` };
  });
}

/** What goes wrong on the way to the server is the container's failure; an answer that breaks off is nobody's. */
async function contact(where: string, ask: () => Promise<ProbeOutcome>): Promise<ProbeOutcome> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BodyError) throw error;
    return { result: 'failure', message: `${where}: ${reasonOf(error)}` };
  }
}
