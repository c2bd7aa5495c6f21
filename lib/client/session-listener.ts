import type { CONNECTION_CHANGE_REASON, CONNECTION_STATE, LOGIN_ERR_CODE, PEER_MESSAGE_ERR_CODE } from '../enums.js';
import { RtmError } from '../errors.js';
import { EventKind, type PlainResultKind } from '../native/event-kinds.js';
import type { MediaMessage, PeerStatus, TransferProgress } from '../native/values.js';
import type { SessionEvents } from '../session/session-sink.js';
import { Answers } from './answers.js';
import type { ClientEvents } from './events.js';
import type { Inbox } from './inbox.js';
import type { Media } from './media.js';
import { mediaContentOf } from './media-messages.js';
import { type PeerMessage, peerMessageOf } from './messages.js';
import type { PeerSends } from './peer-sends.js';
import type { PendingQueue } from './pending-requests.js';
import { presenceOf } from './presence.js';
import type { Requests } from './requests.js';

/** The parts of one client that events of its session are for. */
export interface ClientParts {
  readonly userId: string;
  readonly requests: Requests;
  readonly media: Media;
  readonly sends: PeerSends;
  readonly renewals: PendingQueue<void>;
  readonly inbox: Inbox<PeerMessage>;
  loggedIn(): void;
  loginFailed(code: LOGIN_ERR_CODE): void;
  reconnected(resumed: boolean, peerMissed: boolean, channelsMissed: string[]): void;
  stateChanged(state: CONNECTION_STATE, reason: CONNECTION_CHANGE_REASON): void;
  emit<E extends keyof ClientEvents>(event: E, payload: ClientEvents[E][0]): void;
}

/** Brings the events of a session to the parts of its client. */
export class SessionListener extends Answers implements SessionEvents {
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    super(parts.requests);
    this.#parts = parts;
  }

  onLoginSuccess(): void {
    this.#parts.loggedIn();
  }

  onLoginFailure(code: LOGIN_ERR_CODE): void {
    this.#parts.loginFailed(code);
  }

  /** The change of the state tells of it. */
  onLogout(): void {}

  onConnectionState(state: CONNECTION_STATE, reason: CONNECTION_CHANGE_REASON): void {
    this.#parts.stateChanged(state, reason);
  }

  onReconnected(resumed: boolean, peerMissed: boolean, channelsMissed: string[]): void {
    this.#parts.reconnected(resumed, peerMissed, channelsMissed);
  }

  onTokenWillExpire(): void {
    const { userId } = this.#parts;
    this.#parts.emit('tokenWillExpire', { userId });
  }

  onTokenExpired(): void {
    const { userId } = this.#parts;
    this.#parts.emit('tokenExpired', { userId });
  }

  onRenewTokenResult(token: string, code: number): void {
    const call = this.#parts.renewals.take(token);
    if (code === 0) call?.resolve();
    else call?.reject(RtmError.from('renewToken', code));
  }

  onPeerSendResult(messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
    this.#parts.sends.settle(messageId, code, false);
  }

  onPeerSendUnsent(messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
    this.#parts.sends.settle(messageId, code, true);
  }

  onRequestUnsent(requestId: number): void {
    this.requests.unsent(requestId);
  }

  onMessage(
    from: string,
    messageId: number,
    _type: 1 | 2,
    text: string,
    raw: Buffer | undefined,
    timestamp: number,
    offline: boolean,
  ): void {
    this.#parts.inbox.deliver(peerMessageOf(from, messageId, text, raw, timestamp, offline));
  }

  onMediaMessage(from: string, message: MediaMessage): void {
    const { id: messageId, serverReceivedTs: timestamp, offline } = message;
    this.#parts.inbox.deliver({ ...mediaContentOf(message), from, messageId, timestamp, offline });
  }

  onPlainResult(kind: PlainResultKind, requestId: number, code: number): void {
    if (kind === EventKind.DownloadToFile) this.#parts.media.finish(requestId, code, undefined);
    // Nobody waits for a canceled transfer any more.
    else if (kind !== EventKind.CancelMedia) this.requests.answer(requestId, code, undefined);
  }

  onPeersChanged(states: PeerStatus[]): void {
    this.#parts.emit('presence', presenceOf(states));
  }

  onUploadProgress(requestId: number, progress: TransferProgress): void {
    this.#parts.media.progress(requestId, progress);
  }

  onDownloadProgress(requestId: number, progress: TransferProgress): void {
    this.#parts.media.progress(requestId, progress);
  }

  onDownloadToMemory(requestId: number, memory: Buffer, code: number): void {
    this.#parts.media.finish(requestId, code, memory);
  }

  onUpload(requestId: number, message: MediaMessage, code: number): void {
    this.#parts.media.finish(requestId, code, code === 0 ? mediaContentOf(message) : null);
  }
}
