import { invalidArgType, invalidArgValue, RtmError } from '../errors.js';
import type { CallOptions } from './abort.js';
import { CLIENT_STATES, type ClientState } from './events.js';
import { PendingRequest } from './pending-requests.js';

/** Throws unless `state` is one of {@link CLIENT_STATES}. */
export function checkState(state: unknown): asserts state is ClientState {
  if (typeof state !== 'string') throw invalidArgType('state', 'a string', state);
  const known: readonly string[] = CLIENT_STATES;
  if (!known.includes(state)) throw invalidArgValue('state', `one of ${known.join(', ')}`, JSON.stringify(state));
}

/** Calls that wait for a client to be in some state. */
export class StateWaiters {
  readonly #waiting = new Map<PendingRequest<void>, ClientState>();
  readonly #userId: string;

  constructor(userId: string) {
    this.#userId = userId;
  }

  /** Waits for `wanted`; `current` is where the client is now. */
  wait(wanted: ClientState, current: ClientState, options: CallOptions | undefined): Promise<void> {
    if (wanted === current) return Promise.resolve();
    if (!isReachable(wanted, current)) return Promise.reject(unreachable(wanted, current));
    const call = new PendingRequest<void>({ operation: 'whenState' }, options, this.#userId, () => {
      this.#waiting.delete(call);
      return undefined;
    });
    this.#waiting.set(call, wanted);
    return call.promise;
  }

  /** The client has changed its state; `cause` is the error that ended its login, if any. */
  update(current: ClientState, cause?: Error): void {
    for (const [call, wanted] of this.#waiting) {
      if (wanted !== current && isReachable(wanted, current)) continue;
      this.#waiting.delete(call);
      if (wanted === current) call.resolve();
      else call.reject(unreachable(wanted, current, cause));
    }
  }
}

/** A client logs in once: nothing follows `'disconnected'`, and only that follows `'aborted'`. */
function isReachable(wanted: ClientState, current: ClientState): boolean {
  if (current === 'disconnected') return wanted === 'disconnected';
  if (current === 'aborted') return wanted === 'disconnected' || wanted === 'aborted';
  return wanted !== 'connecting';
}

function unreachable(wanted: ClientState, current: ClientState, cause?: Error): RtmError {
  return new RtmError('ERR_RTM_NOT_LOGGED_IN', `the client is '${current}' and will not become '${wanted}'`, {
    operation: 'whenState',
    ...(cause && { cause }),
  });
}
