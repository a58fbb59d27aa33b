import { connect } from 'node:net';

/** Opens a TCP connection and closes it again. Rejects when it cannot be opened, and with the signal's reason. */
export function tcpConnect(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host, port });
    const abort = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    // A listener that stays: an error after the connection is closed has nobody left to tell.
    socket.on('error', reject);
    socket.once('close', () => signal.removeEventListener('abort', abort));
  });
}
