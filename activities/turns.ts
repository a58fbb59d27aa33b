/**
 * Steps of a Pod that the workflow ordered ahead of their turn wait here for the step before, so that the way of its
 * result through Temporal is not waited for. Nothing depends on what is kept here: of a step that another process did
 * nothing is known, and who waits for it is told so in a moment.
 */
import { atMost } from '../node/at-most.ts';
import type { SandboxResult, StartResult } from '../pod/contract.ts';

/** Activities ordered together may arrive in any order, within this. */
const ARRIVES_WITHIN_MS = 1_000;

/** The step that makes the sandbox; the others go by the names of their containers. */
export const SANDBOX = '';

type Result = SandboxResult | StartResult;

interface Turn {
  taken: boolean;
  begun: PromiseWithResolvers<void>;
  result: PromiseWithResolvers<Result | undefined>;
}

export class Turns {
  /** By Pod's uid, by step. */
  readonly #pods = new Map<string, Map<string, Turn>>();

  /** Does a step of a Pod; its result is for those behind it, too. A step done again counts from now on. */
  take<T extends Result>(uid: string, step: string, doing: () => Promise<T>): Promise<T> {
    const result = doing();
    const turn = this.#turn(uid, step, true);
    turn.taken = true;
    turn.result.resolve(result.catch(() => undefined));
    turn.begun.resolve();
    return result;
  }

  /** What a step came to, when it is over. Undefined when it broke off, or nobody here does it. */
  async after(uid: string, step: string): Promise<Result | undefined> {
    const { begun, result } = this.#turn(uid, step);
    const came = begun.promise.then(() => true);
    return (await atMost(ARRIVES_WITHIN_MS, came)) ? result.promise : undefined;
  }

  /** Forgets a Pod's steps. */
  forget(uid: string): void {
    this.#pods.delete(uid);
  }

  #turn(uid: string, step: string, toTake = false): Turn {
    const pod = this.#pods.get(uid) ?? new Map<string, Turn>();
    this.#pods.set(uid, pod);
    const known = pod.get(step);
    if (known && !(toTake && known.taken)) return known;
    const turn = {
      taken: false,
      begun: Promise.withResolvers<void>(),
      result: Promise.withResolvers<Result | undefined>(),
    };
    pod.set(step, turn);
    return turn;
  }
}
