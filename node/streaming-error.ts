import { STATUS_CODES } from 'node:http';

/** A request to the streaming endpoint that is refused, as a Kubernetes Status: its message reaches the client. */
export class StreamingError extends Error {
  override readonly name = 'StreamingError';
  readonly code: number;
  readonly reason: string;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.reason = (STATUS_CODES[code] ?? 'Internal Error').replaceAll(' ', '');
  }

  /** The Status, as JSON. */
  toBody(): Buffer {
    const { code, reason, message } = this;
    return Buffer.from(
      JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }),
    );
  }
}
