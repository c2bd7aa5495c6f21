import {
  type ATTRIBUTE_OPERATION_ERR,
  CONNECTION_STATE,
  type DOWNLOAD_MEDIA_ERR_CODE,
  type GET_CHANNEL_MEMBER_COUNT_ERR_CODE,
  type INIT_ERR_CODE,
  type LOGIN_ERR_CODE,
  type LOGOUT_ERR_CODE,
  type PEER_MESSAGE_ERR_CODE,
  type QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR,
  type QUERY_PEERS_ONLINE_STATUS_ERR,
  type RENEW_TOKEN_ERR_CODE,
  type UPLOAD_MEDIA_ERR_CODE,
} from '../enums.js';
import { invalidArgType } from '../errors.js';
import { connectChannel, publishEstablished } from '../native/diagnostics.js';
import type { RawPort } from '../native/environment.js';
import { EventKind, type PlainResultKind, type ServiceSink } from '../native/event-kinds.js';
import { LivenessShare } from '../native/registry.js';
import type { Flushable, Runtime } from '../native/runtime.js';
import { integer, isText, nullableText, sendable, sendFlags } from './arguments.js';
import type { RtmChannelAttribute } from './attributes.js';
import { CallsCore } from './calls-core.js';
import { ChannelCore } from './channel-core.js';
import { HandlerList } from './handler-list.js';
import type { IChannelEventHandler, IRtmServiceEventHandler } from './handlers.js';
import type { HistoryMessage } from './history.js';
import type { HISTORY_ERR_CODE } from './history-codes.js';
import { RtmFileMessage, RtmImageMessage } from './media-message.js';
import type { RtmMessage } from './message.js';
import type {
  ChannelMemberCount,
  MediaOperationProgress,
  PeerOnlineStatus,
  RequestResult,
  RtmAttribute,
  SendMessageOptions,
} from './structs.js';

const { CONNECTION_STATE_DISCONNECTED, CONNECTION_STATE_ABORTED } = CONNECTION_STATE;

/**
 * What stands behind an `RtmService`: the native handle, the handlers, and the account of what is under way. It is the
 * sink of the service's events; the public object only points to it.
 */
export class ServiceCore implements ServiceSink, Flushable {
  readonly #runtime: Runtime;
  readonly #handlers: HandlerList<IRtmServiceEventHandler>;
  readonly #channels = new Map<string, ChannelCore>();
  #calls: CallsCore | undefined;
  readonly #alive: LivenessShare;
  /** 0 once it is released; native calls with 0 give NOT_INITIALIZED. */
  #handle: number;
  #initialized = false;
  #state: CONNECTION_STATE = CONNECTION_STATE_DISCONNECTED;
  /** Accepted calls whose result callback is still to come. */
  #pending = 0;
  #active = false;
  /** Sends wait for {@link flush}, which will come. */
  #unflushed = false;
  #userId = '';
  /** When login() was called; 0 if nobody listens on `rtm:connect`. */
  #loginAt = 0;

  constructor(runtime: Runtime) {
    runtime.provideAuthorities();
    this.#runtime = runtime;
    this.#handlers = new HandlerList(runtime.report);
    this.#alive = new LivenessShare(runtime.liveness);
    this.#handle = runtime.port.createService();
    const { port } = runtime;
    runtime.objects.add(this.#handle, this, (handle) => port.serviceRelease(handle, false));
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  get handle(): number {
    return this.#handle;
  }

  initialize(appId: string | null, eventHandler: IRtmServiceEventHandler | null): INIT_ERR_CODE {
    nullableText(appId, 'appId');
    if (eventHandler !== null) checkHandler(eventHandler);
    const code = this.#runtime.port.serviceInitialize(this.#handle, appId, eventHandler !== null) as INIT_ERR_CODE;
    if (code === 0 && eventHandler !== null) {
      this.#initialized = true;
      this.#handlers.add(eventHandler);
    }
    return code;
  }

  addEventHandler(eventHandler: IRtmServiceEventHandler): void {
    checkHandler(eventHandler);
    if (this.#initialized && this.#handle !== 0) this.#handlers.add(eventHandler);
  }

  removeEventHandler(eventHandler: IRtmServiceEventHandler): void {
    checkHandler(eventHandler);
    this.#handlers.remove(eventHandler);
  }

  release(sync: boolean): void {
    if (this.#handle === 0) return;
    const handle = this.#handle;
    for (const channel of [...this.#channels.values()]) channel.release();
    this.#calls?.release();
    this.#handle = 0;
    this.#handlers.replace();
    this.#pending = 0;
    this.#state = CONNECTION_STATE_DISCONNECTED;
    this.#settle();
    this.#runtime.objects.delete(handle);
    this.#runtime.port.serviceRelease(handle, sync);
  }

  login(token: string | null, userId: string): LOGIN_ERR_CODE {
    nullableText(token, 'token');
    nullableText(userId, 'userId');
    const code = this.accepted(this.#runtime.port.serviceLogin(this.#handle, token, userId)) as LOGIN_ERR_CODE;
    if (code === 0) {
      this.#userId = userId;
      this.#loginAt = connectChannel.hasSubscribers ? performance.now() : 0;
    }
    return code;
  }

  get lastFailure(): string {
    return this.#runtime.port.serviceLastFailure(this.#handle);
  }

  logout(): LOGOUT_ERR_CODE {
    return this.accepted(this.#runtime.port.serviceLogout(this.#handle)) as LOGOUT_ERR_CODE;
  }

  renewToken(token: string): RENEW_TOKEN_ERR_CODE {
    nullableText(token, 'token');
    return this.accepted(this.#runtime.port.serviceRenewToken(this.#handle, token)) as RENEW_TOKEN_ERR_CODE;
  }

  sendMessageToPeer(
    peerId: string,
    message: RtmMessage | null,
    options: SendMessageOptions | undefined,
  ): PEER_MESSAGE_ERR_CODE {
    nullableText(peerId, 'peerId');
    const flags = sendFlags(options);
    const { port } = this.#runtime;
    if (isText(message)) {
      this.prepareText(this.#handle, message, flags);
      return this.sent(port.serviceSendText(peerId, message.getText())) as PEER_MESSAGE_ERR_CODE;
    }
    const { id, type, text, raw, media } = sendable(message);
    const code = port.serviceSend(this.#handle, peerId, id, type, text, raw, flags, media);
    return this.sent(code) as PEER_MESSAGE_ERR_CODE;
  }

  /** @internal The numbers of a `…SendText` call that follows at once. */
  prepareText(handle: number, message: RtmMessage, flags: number): void {
    const numbers = this.#runtime.arguments;
    numbers[0] = handle;
    numbers[1] = message.getMessageId();
    numbers[2] = flags;
  }

  /** @internal {@link accepted} for a send, which leaves at the end of the turn. */
  sent(code: number): number {
    if (code === 0 && !this.#unflushed) {
      this.#unflushed = true;
      this.#runtime.flushSoon(this);
    }
    return this.accepted(code);
  }

  /** @internal Lets the sends of this turn go. `alone`: no other service has any. */
  flush(alone: boolean): void {
    this.#unflushed = false;
    this.#runtime.port.serviceFlush(this.#handle, alone ? 1 : 0);
  }

  /** The channel of that id, new or known; null for a bad id. */
  createChannel(channelId: string, eventHandler: IChannelEventHandler | null): ChannelCore | null {
    nullableText(channelId, 'channelId');
    if (eventHandler !== null) checkHandler(eventHandler);
    let channel = this.#channels.get(channelId);
    if (!channel) {
      const handle = this.#runtime.port.createChannel(this.#handle, channelId);
      if (handle === 0) return null;
      channel = new ChannelCore(this, handle, channelId);
      this.#channels.set(channelId, channel);
      const { port, objects } = this.#runtime;
      objects.add(handle, channel, (collected) => port.channelRelease(collected));
      objects.hold(handle, this.#active);
    }
    if (eventHandler !== null) channel.setHandler(eventHandler);
    return channel;
  }

  /** @internal A channel says goodbye; `pending` of its calls will have no result. */
  forgetChannel(channel: ChannelCore, pending: number): void {
    this.#channels.delete(channel.channelId);
    this.#runtime.objects.delete(channel.handle);
    this.#pending -= pending;
    this.#settle();
  }

  /** The call manager, new or known; null before initialize. */
  calls(): CallsCore | null {
    if (this.#calls) return this.#calls;
    const handle = this.#runtime.port.createCallManager(this.#handle);
    if (handle === 0) return null;
    this.#calls = new CallsCore(this, handle);
    return this.#calls;
  }

  /** @internal The call manager says goodbye. */
  forgetCalls(): void {
    this.#calls = undefined;
  }

  /** Makes a request with a request id. */
  request<E extends number>(call: (port: RawPort, handle: number) => number): RequestResult<E> {
    const code = this.accepted(call(this.#runtime.port, this.#handle)) as E;
    return { code, requestId: code === 0 ? (this.#runtime.out[0] as number) : 0 };
  }

  /** Id of a new file or image message; 0 if there can be none. */
  mediaMessageId(mediaId: string, image: boolean): number {
    nullableText(mediaId, 'mediaId');
    return this.#runtime.port.createMediaMessage(this.#handle, mediaId, image);
  }

  nextMessageId(): number {
    return this.#runtime.nextMessageId();
  }

  setParameters(parameters: string): number {
    nullableText(parameters, 'parameters');
    return this.#runtime.port.serviceSetParameters(this.#handle, parameters);
  }

  setLogFile(logfile: string): number {
    nullableText(logfile, 'logfile');
    return this.#runtime.port.serviceSetLogFile(this.#handle, logfile);
  }

  setLogFilter(filter: number): number {
    return this.#runtime.port.serviceSetLogFilter(this.#handle, integer(filter, 'filter'));
  }

  setLogFileSize(kiloBytes: number): number {
    return this.#runtime.port.serviceSetLogFileSize(this.#handle, integer(kiloBytes, 'fileSizeInKBytes'));
  }

  setReferenced(referenced: boolean): void {
    this.#alive.referenced = referenced;
  }

  /** Counts a call that was accepted: its result is still to come. */
  accepted(code: number): number {
    if (code === 0 && this.#pending++ === 0) this.#settle();
    return code;
  }

  /** Counts a result. */
  concluded(): void {
    if (this.#pending > 0 && --this.#pending === 0) this.#settle();
  }

  /**
   * Decides whether events are to be expected. While they are, the registry holds this object and, unless unref'd, the
   * event loop goes on. Results count as well as the state, because the last callbacks come after the last state change.
   */
  #settle(): void {
    const connected = this.#state !== CONNECTION_STATE_DISCONNECTED && this.#state !== CONNECTION_STATE_ABORTED;
    const active = this.#handle !== 0 && (connected || this.#pending > 0);
    if (active === this.#active) return;
    this.#active = active;
    this.#runtime.objects.hold(this.#handle, active);
    for (const channel of this.#channels.values()) this.#runtime.objects.hold(channel.handle, active);
    this.#alive.wanted = active;
  }

  onLoginSuccess(): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onLoginSuccess?.());
  }

  onLoginFailure(code: LOGIN_ERR_CODE): void {
    this.concluded();
    if (this.#loginAt !== 0 && connectChannel.hasSubscribers) {
      connectChannel.publish({
        userId: this.#userId,
        outcome: 'failed',
        duration: performance.now() - this.#loginAt,
        server: undefined,
        reason: code,
        detail: this.lastFailure,
      });
    }
    this.#handlers.emit((handler) => handler.onLoginFailure?.(code));
  }

  onRenewTokenResult(token: string, code: RENEW_TOKEN_ERR_CODE): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onRenewTokenResult?.(token, code));
  }

  onTokenExpired(): void {
    this.#handlers.emit((handler) => handler.onTokenExpired?.());
  }

  onTokenWillExpire(): void {
    this.#handlers.emit((handler) => handler.onTokenPrivilegeWillExpire?.());
  }

  onLogout(code: LOGOUT_ERR_CODE): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onLogout?.(code));
  }

  onConnectionState(state: CONNECTION_STATE, reason: number): void {
    this.#state = state;
    this.#settle();
    this.#handlers.emit((handler) => handler.onConnectionStateChanged?.(state, reason as 1));
  }

  onPeerSendResult(messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
    this.concluded();
    this.#handlers.emit(tellSendResult, messageId, code);
  }

  onPeerMessage(peerId: string, message: RtmMessage): void {
    this.#handlers.emit(tellMessage, peerId, message);
  }

  onLinkEstablished(how: number, complete: boolean, ms: number, server: string): void {
    publishEstablished(this.#userId, how, complete, ms, server);
  }

  onPlainResult(kind: PlainResultKind, requestId: number, code: number): void {
    this.concluded();
    // The enumeration of the code belongs to the kind, which the table pairs.
    this.#handlers.emit((handler) => handler[PLAIN_CALLBACKS[kind]]?.(requestId, code as never));
  }

  onQueryPeers(requestId: number, states: PeerOnlineStatus[], code: QUERY_PEERS_ONLINE_STATUS_ERR): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onQueryPeersOnlineStatusResult?.(requestId, states, code));
  }

  onPeersBySubscription(requestId: number, peerIds: string[], code: QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onQueryPeersBySubscriptionOptionResult?.(requestId, peerIds, code));
  }

  onPeersChanged(states: PeerOnlineStatus[]): void {
    this.#handlers.emit((handler) => handler.onPeersOnlineStatusChanged?.(states));
  }

  onUserAttributes(requestId: number, userId: string, attributes: RtmAttribute[], code: ATTRIBUTE_OPERATION_ERR): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onGetUserAttributesResult?.(requestId, userId, attributes, code));
  }

  onChannelAttributesResult(requestId: number, attributes: RtmChannelAttribute[], code: ATTRIBUTE_OPERATION_ERR): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onGetChannelAttributesResult?.(requestId, attributes, code));
  }

  onMemberCounts(requestId: number, counts: ChannelMemberCount[], code: GET_CHANNEL_MEMBER_COUNT_ERR_CODE): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onGetChannelMemberCountResult?.(requestId, counts, code));
  }

  onHistoryResult(requestId: number, messages: HistoryMessage[], total: number, code: HISTORY_ERR_CODE): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onHistoryQueryResult?.(requestId, messages, total, code));
  }

  onUploadProgress(requestId: number, progress: MediaOperationProgress): void {
    this.#handlers.emit((handler) => handler.onMediaUploadingProgress?.(requestId, progress));
  }

  onDownloadProgress(requestId: number, progress: MediaOperationProgress): void {
    this.#handlers.emit((handler) => handler.onMediaDownloadingProgress?.(requestId, progress));
  }

  onDownloadToMemory(requestId: number, memory: Buffer, code: DOWNLOAD_MEDIA_ERR_CODE): void {
    this.concluded();
    this.#handlers.emit((handler) => handler.onMediaDownloadToMemoryResult?.(requestId, memory, code));
  }

  onUpload(requestId: number, message: RtmFileMessage | RtmImageMessage, code: UPLOAD_MEDIA_ERR_CODE): void {
    this.concluded();
    this.#handlers.emit((handler) => {
      if (message instanceof RtmImageMessage) {
        handler.onImageMediaUploadResult?.(requestId, code === 0 ? message : null, code);
      } else {
        handler.onFileMediaUploadResult?.(requestId, code === 0 ? message : null, code);
      }
    });
  }
}

/** Callbacks for results that say nothing but the outcome. */
const PLAIN_CALLBACKS = {
  [EventKind.Subscription]: 'onSubscriptionRequestResult',
  [EventKind.SetUserAttributes]: 'onSetLocalUserAttributesResult',
  [EventKind.AddUserAttributes]: 'onAddOrUpdateLocalUserAttributesResult',
  [EventKind.DeleteUserAttributes]: 'onDeleteLocalUserAttributesResult',
  [EventKind.ClearUserAttributes]: 'onClearLocalUserAttributesResult',
  [EventKind.SetChannelAttributes]: 'onSetChannelAttributesResult',
  [EventKind.AddChannelAttributes]: 'onAddOrUpdateChannelAttributesResult',
  [EventKind.DeleteChannelAttributes]: 'onDeleteChannelAttributesResult',
  [EventKind.ClearChannelAttributes]: 'onClearChannelAttributesResult',
  [EventKind.DownloadToFile]: 'onMediaDownloadToFileResult',
  [EventKind.CancelMedia]: 'onMediaCancelResult',
} as const satisfies Record<PlainResultKind, keyof IRtmServiceEventHandler>;

export function checkHandler(handler: unknown): asserts handler is object {
  if (typeof handler !== 'object' || handler === null) throw invalidArgType('eventHandler', 'an object', handler);
}

function tellSendResult(handler: IRtmServiceEventHandler, messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
  handler.onSendMessageResult?.(messageId, code);
}

function tellMessage(handler: IRtmServiceEventHandler, peerId: string, message: RtmMessage): void {
  if (message instanceof RtmImageMessage) handler.onImageMessageReceivedFromPeer?.(peerId, message);
  else if (message instanceof RtmFileMessage) handler.onFileMessageReceivedFromPeer?.(peerId, message);
  else handler.onMessageReceivedFromPeer?.(peerId, message);
}
