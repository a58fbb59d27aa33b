/**
 * The calls that a connection to Temporal has under way. One that failed is repeated by a timer, and would throw out of
 * it, past every caller, were the connection closed by then: so the calls come to their end first.
 */
import { InterceptingCall, type Interceptor, ListenerBuilder } from '@grpc/grpc-js';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { atMost } from '../node/at-most.ts';

/** Longer than the longest pause before a repetition. */
const END_MS = 10_000;

export class TemporalCalls {
  readonly #underWay = new Set<Promise<void>>();
  readonly #retry = defaultGrpcRetryOptions();
  #ending = false;

  /** For the connection whose calls these are. */
  readonly interceptors: Interceptor[] = [
    (options, next) => this.#counted(next(options)),
    makeGrpcRetryInterceptor({
      ...this.#retry,
      retryableDecider: (attempt, status) => !this.#ending && this.#retry.retryableDecider(attempt, status),
    }),
  ];

  /** From now on nothing is repeated. Resolves when no call is under way; one without an answer is not waited for long. */
  async end(): Promise<void> {
    this.#ending = true;
    await atMost(END_MS, Promise.all(this.#underWay));
  }

  #counted(call: ConstructorParameters<typeof InterceptingCall>[0]): InterceptingCall {
    const { promise, resolve } = Promise.withResolvers<void>();
    return new InterceptingCall(call, {
      start: (metadata, _listener, next) => {
        this.#underWay.add(promise);
        const listener = new ListenerBuilder().withOnReceiveStatus((status, pass) => {
          this.#underWay.delete(promise);
          resolve();
          pass(status);
        });
        next(metadata, listener.build());
      },
    });
  }
}
