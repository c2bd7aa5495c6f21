import { checkString } from '../checks.js';
import { PEER_MESSAGE_ERR_CODE } from '../enums.js';
import { RtmError } from '../errors.js';
import type { Session } from '../session/session.js';
import type { ClientScope } from './client-scope.js';
import { idFault, messageFault } from './faults.js';
import { NO_MEDIA } from './media-messages.js';
import { type PeerSendResult, type Sendable, toContent } from './messages.js';
import { checkSendOptions, type PeerSendOptions, sendFlags } from './options.js';
import { PendingRequests, type Settling } from './pending-requests.js';

const {
  PEER_MESSAGE_ERR_OK,
  PEER_MESSAGE_ERR_CACHED_BY_SERVER,
  PEER_MESSAGE_ERR_SENT_TIMEOUT,
  PEER_MESSAGE_ERR_INVALID_MESSAGE,
} = PEER_MESSAGE_ERR_CODE;
const OPERATION = 'sendMessageToPeer';

/** The sending of peer messages, and the sends whose result is still to come. */
export class PeerSends {
  readonly #session: Session;
  readonly #scope: ClientScope;
  readonly #calls: PendingRequests<PeerSendResult>;

  constructor(session: Session, scope: ClientScope) {
    this.#session = session;
    this.#scope = scope;
    const context = { operation: OPERATION, timeoutReason: PEER_MESSAGE_ERR_SENT_TIMEOUT, request: true };
    this.#calls = new PendingRequests(context, scope.userId, (id) => session.withdrawMessage(id));
  }

  /** See `RtmClient.sendToPeer()`. */
  send(peerId: string, message: Sendable, options: PeerSendOptions | undefined): Promise<PeerSendResult> {
    checkString(peerId, 'peerId');
    const content = toContent(message);
    checkSendOptions(options);
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    const refusal = this.#scope.refusal(OPERATION);
    if (refusal) return Promise.reject(refusal);
    const flags = sendFlags(options);
    let id: number;
    let code: number;
    if (typeof content === 'string') {
      id = this.#session.nextMessageId();
      code = this.#session.sendText(peerId, id, content, flags);
    } else {
      const outgoing = this.#scope.outgoing(content);
      if (!outgoing) return Promise.reject(RtmError.from(OPERATION, PEER_MESSAGE_ERR_INVALID_MESSAGE, NO_MEDIA));
      id = outgoing.id;
      code = this.#session.send(peerId, outgoing, flags);
    }
    if (code !== 0) {
      const fault = code === PEER_MESSAGE_ERR_INVALID_MESSAGE ? messageFault(content) : idFault('peerId', peerId);
      return Promise.reject(RtmError.from(OPERATION, code, fault ?? `to ${JSON.stringify(peerId)}`));
    }
    return this.#calls.add(id, options, peerId);
  }

  /** The sends that wait for their result. */
  pending(): Iterable<Settling> {
    return this.#calls.values();
  }

  /** The result of a message came. `unsent`: the message never left this process. */
  settle(messageId: number, code: PEER_MESSAGE_ERR_CODE, unsent: boolean): void {
    const call = this.#calls.take(messageId);
    if (!call) return;
    if (code === PEER_MESSAGE_ERR_OK) call.resolve({ messageId, delivery: 'delivered' });
    else if (code === PEER_MESSAGE_ERR_CACHED_BY_SERVER) call.resolve({ messageId, delivery: 'cached' });
    else call.reject(RtmError.from(OPERATION, code, `to ${JSON.stringify(call.about)}`, undefined, unsent));
  }

  /** See {@link PendingRequests.rejectAll}. */
  rejectAll(errorOf: (operation: string) => unknown): void {
    this.#calls.rejectAll(errorOf);
  }
}
