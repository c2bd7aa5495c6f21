import { CONNECTION_STATE } from '../enums.js';
import { connectChannel, publishEstablished } from '../native/diagnostics.js';
import type { PlainResultKind, ServiceSink } from '../native/event-kinds.js';
import type {
  ChannelAttribute,
  MediaMessage,
  MemberCount,
  PastMessage,
  PeerStatus,
  TransferProgress,
  UserAttribute,
} from '../native/values.js';
import type { Activity } from './activity.js';
import { MessageForwarder } from './message-forwarder.js';

const { CONNECTION_STATE_DISCONNECTED, CONNECTION_STATE_ABORTED } = CONNECTION_STATE;

/**
 * The events of a session for its owner. Numbers are those of the SDK's enumerations. An error that a method throws
 * becomes an uncaught exception.
 */
export type SessionEvents = Omit<ServiceSink, 'onLinkEstablished'>;

/** Takes the events of one session: counts results, tells diagnostics, and passes everything on to the owner. */
export class SessionSink extends MessageForwarder<SessionEvents> implements ServiceSink {
  readonly #activity: Activity;
  /** Kept besides, so that a session whose events are to be expected is not collected. */
  readonly #session: { readonly lastFailure: string };
  #userId = '';
  /** When the login was asked for; 0 if nobody listens on `rtm:connect`. */
  #loginAt = 0;

  constructor(activity: Activity, session: { readonly lastFailure: string }) {
    super();
    this.#activity = activity;
    this.#session = session;
  }

  /** A login has been accepted. */
  loginBegun(userId: string): void {
    this.#userId = userId;
    this.#loginAt = connectChannel.hasSubscribers ? performance.now() : 0;
  }

  onLoginSuccess(): void {
    this.#activity.concluded();
    this.events?.onLoginSuccess();
  }

  onLoginFailure(code: number): void {
    this.#activity.concluded();
    if (this.#loginAt !== 0 && connectChannel.hasSubscribers) {
      connectChannel.publish({
        userId: this.#userId,
        outcome: 'failed',
        duration: performance.now() - this.#loginAt,
        server: undefined,
        reason: code,
        detail: this.#session.lastFailure,
      });
    }
    this.events?.onLoginFailure(code);
  }

  onRenewTokenResult(token: string, code: number): void {
    this.#activity.concluded();
    this.events?.onRenewTokenResult(token, code);
  }

  onTokenExpired(): void {
    this.events?.onTokenExpired();
  }

  onTokenWillExpire(): void {
    this.events?.onTokenWillExpire();
  }

  onLogout(code: number): void {
    this.#activity.concluded();
    this.events?.onLogout(code);
  }

  onConnectionState(state: number, reason: number): void {
    this.#activity.connected = state !== CONNECTION_STATE_DISCONNECTED && state !== CONNECTION_STATE_ABORTED;
    this.events?.onConnectionState(state, reason);
  }

  onLinkEstablished(how: number, complete: boolean, ms: number, server: string): void {
    publishEstablished(this.#userId, how, complete, ms, server);
  }

  onPeerSendResult(messageId: number, code: number): void {
    this.#activity.concluded();
    this.events?.onPeerSendResult(messageId, code);
  }

  onPlainResult(kind: PlainResultKind, requestId: number, code: number): void {
    this.#activity.concluded();
    this.events?.onPlainResult(kind, requestId, code);
  }

  onQueryPeers(requestId: number, states: PeerStatus[], code: number): void {
    this.#activity.concluded();
    this.events?.onQueryPeers(requestId, states, code);
  }

  onPeersBySubscription(requestId: number, peerIds: string[], code: number): void {
    this.#activity.concluded();
    this.events?.onPeersBySubscription(requestId, peerIds, code);
  }

  onPeersChanged(states: PeerStatus[]): void {
    this.events?.onPeersChanged(states);
  }

  onUserAttributes(requestId: number, userId: string, attributes: UserAttribute[], code: number): void {
    this.#activity.concluded();
    this.events?.onUserAttributes(requestId, userId, attributes, code);
  }

  onChannelAttributesResult(requestId: number, attributes: ChannelAttribute[], code: number): void {
    this.#activity.concluded();
    this.events?.onChannelAttributesResult(requestId, attributes, code);
  }

  onMemberCounts(requestId: number, counts: MemberCount[], code: number): void {
    this.#activity.concluded();
    this.events?.onMemberCounts(requestId, counts, code);
  }

  onHistoryResult(requestId: number, messages: PastMessage[], total: number, code: number): void {
    this.#activity.concluded();
    this.events?.onHistoryResult(requestId, messages, total, code);
  }

  onUploadProgress(requestId: number, progress: TransferProgress): void {
    this.events?.onUploadProgress(requestId, progress);
  }

  onDownloadProgress(requestId: number, progress: TransferProgress): void {
    this.events?.onDownloadProgress(requestId, progress);
  }

  onDownloadToMemory(requestId: number, memory: Buffer, code: number): void {
    this.#activity.concluded();
    this.events?.onDownloadToMemory(requestId, memory, code);
  }

  onUpload(requestId: number, message: MediaMessage, code: number): void {
    this.#activity.concluded();
    this.events?.onUpload(requestId, message, code);
  }
}
