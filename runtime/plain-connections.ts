import type { Socket } from 'node:net';
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';

/** A gRPC client's plain connections, as by `credentials.createInsecure()`, each shown to `opened` before it is used. */
export class PlainConnections extends ChannelCredentials {
  readonly #opened: (socket: Socket) => void;

  constructor(opened: (socket: Socket) => void) {
    super();
    this.#opened = opened;
  }

  override _isSecure(): boolean {
    return false;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector() {
    return {
      connect: async (socket: Socket) => {
        this.#opened(socket);
        return { socket, secure: false };
      },
      waitForReady: async () => {},
      getCallCredentials: () => CallCredentials.createEmpty(),
      destroy() {},
    };
  }
}
