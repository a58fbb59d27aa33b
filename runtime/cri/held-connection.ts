/**
 * Connections that outlive this process for a moment. A runtime cancels a call when its client's connection closes, and
 * so a killed client would take with it the container that is just being started: its process may have run already, and
 * is killed half-way. So a small process of its own holds each connection, too, and lets go when calls that were under
 * way have come to their end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { PlainConnections } from '../plain-connections.ts';

/** Longer than a call takes that changes something: one to start a container, or to make a sandbox. */
const OUTLIVES_S = 10;

/** Plain connections that are held. */
export const heldConnections = () => new PlainConnections(hold);

const holders = new Set<ChildProcess>();

let crashed = false;
process.on('uncaughtExceptionMonitor', () => {
  crashed = true;
});
// An orderly end leaves no call behind that is worth waiting for.
process.on('exit', () => {
  if (!crashed) for (const holder of holders) letGo(holder);
});

function letGo(holder: ChildProcess): void {
  holders.delete(holder);
  holder.kill('SIGKILL');
}

/** The holder waits for the end of its input, which comes with the end of this process, and then a while longer. */
function hold(socket: Socket): void {
  // By its number: a socket that is handed over as a stream is not read here any more.
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  const script = `read -r _; exec sleep ${OUTLIVES_S}`;
  const holder = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore', fd] });
  // Without a holder the connection is as good as any.
  holder.on('error', () => undefined);
  holder.stdin?.on('error', () => undefined);
  holder.unref();
  holders.add(holder);
  socket.once('close', () => letGo(holder));
}
