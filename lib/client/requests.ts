import { RtmError, type RtmSdkOperation, timeoutReasonOf } from '../errors.js';
import type { RequestResult, SessionRequests } from '../session/requests.js';
import type { CallOptions } from './abort.js';
import { PendingRequest, type Settling } from './pending-requests.js';

interface Request {
  readonly operation: RtmSdkOperation;
  readonly call: PendingRequest<unknown>;
  /** It never left this process. */
  unsent: boolean;
}

/** The part of a session that is asked. */
interface Asked {
  readonly requests: SessionRequests;
  withdraw(requestId: number): boolean;
}

/** The open requests of one client, by their request id: presence, attributes, member counts, history. */
export class Requests {
  readonly #session: Asked;
  readonly #userId: string;
  readonly #refusal: (operation: RtmSdkOperation) => RtmError | undefined;
  readonly #requests = new Map<number, Request>();

  /** @param refusal - says why an operation cannot be started, if it cannot */
  constructor(session: Asked, userId: string, refusal: (operation: RtmSdkOperation) => RtmError | undefined) {
    this.#session = session;
    this.#userId = userId;
    this.#refusal = refusal;
  }

  /** Requests that wait for their answer. */
  get size(): number {
    return this.#requests.size;
  }

  /**
   * Makes a request and waits for its answer, whose value must be `V`.
   *
   * @param about - what the call concerns, such as the channel's id, for its error
   * @param fault - returns the fault of the arguments, if there is a fault
   */
  start<V>(
    operation: RtmSdkOperation,
    options: CallOptions | undefined,
    ask: (requests: SessionRequests) => RequestResult,
    about?: string,
    fault?: () => string | undefined,
  ): Promise<V> {
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    const refusal = this.#refusal(operation);
    if (refusal) return Promise.reject(refusal);
    const { code, requestId } = ask(this.#session.requests);
    if (code !== 0) return Promise.reject(RtmError.from(operation, code, fault?.() ?? about));
    const context = { operation, timeoutReason: timeoutReasonOf(operation), request: true };
    const giveUp = () => {
      this.#requests.delete(requestId);
      return !this.#session.withdraw(requestId);
    };
    const call = new PendingRequest<V>(context, options, this.#userId, giveUp, about);
    this.#requests.set(requestId, { operation, call: call as PendingRequest<unknown>, unsent: false });
    return call.promise;
  }

  /** The requests that wait for their answer. */
  *pending(): Iterable<Settling> {
    for (const { call } of this.#requests.values()) yield call;
  }

  /** A request never left this process. Its answer follows. */
  unsent(requestId: number): void {
    const request = this.#requests.get(requestId);
    if (request) request.unsent = true;
  }

  /** @param errorOf - makes the error, which names the operation */
  rejectAll(errorOf: (operation: string) => unknown): void {
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { call, operation } of requests) call.reject(errorOf(operation));
  }

  /** An answer has come, with 0 or the number of its failure. The answer to a call that gave up finds nothing. */
  answer(requestId: number, code: number, value: unknown): void {
    const request = this.#requests.get(requestId);
    if (!request) return;
    this.#requests.delete(requestId);
    const { operation, call, unsent } = request;
    if (code === 0) call.resolve(value);
    else call.reject(RtmError.from(operation, code, call.about, undefined, unsent));
  }
}
