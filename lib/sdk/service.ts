import { checkInt32, checkNullableString, checkNullableStrings } from '../checks.js';
import type {
  ATTRIBUTE_OPERATION_ERR,
  CANCEL_MEDIA_ERR_CODE,
  DOWNLOAD_MEDIA_ERR_CODE,
  GET_CHANNEL_MEMBER_COUNT_ERR_CODE,
  INIT_ERR_CODE,
  LOG_FILTER_TYPE,
  LOGIN_ERR_CODE,
  LOGOUT_ERR_CODE,
  PEER_MESSAGE_ERR_CODE,
  PEER_SUBSCRIPTION_OPTION,
  PEER_SUBSCRIPTION_STATUS_ERR,
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR,
  QUERY_PEERS_ONLINE_STATUS_ERR,
  RENEW_TOKEN_ERR_CODE,
  SET_RTM_SERVICE_CONTEXT_ERR_CODE,
  UPLOAD_MEDIA_ERR_CODE,
} from '../enums.js';
import { invalidArgType } from '../errors.js';
import { runtime } from '../native/runtime.js';
import type { HISTORY_ERR_CODE } from '../own-codes.js';
import { Session } from '../session/session.js';
import {
  channelAttributes,
  checkHandler,
  isText,
  notifyFlag,
  outgoing,
  sendFlags,
  requestId as taskId,
  userAttributes,
} from './arguments.js';
import { RtmChannelAttribute } from './attributes.js';
import { CallbackContext } from './callback-context.js';
import { type IRtmCallEventHandler, RtmCallManager } from './calls.js';
import { RtmChannel } from './channel.js';
import type { IChannelEventHandler, IRtmServiceEventHandler } from './handlers.js';
import { type HistoryQuery, historyRange } from './history.js';
import { RtmFileMessage, RtmImageMessage } from './media-message.js';
import { messageOf, type RtmMessage } from './message.js';
import { ServiceCallbacks } from './service-callbacks.js';
import type {
  ChannelAttributeOptions,
  RequestResult,
  RtmAttribute,
  RtmServiceContext,
  SendMessageOptions,
} from './structs.js';

/**
 * The login of one user, and the calls of this user (docs/spec/api.md §11). {@link createRtmService} makes a service. A
 * process may have any number of services, each with its own login and limits.
 *
 * The signatures follow from the C++ ones by these rules:
 * - A call returns 0 if it was accepted. Then exactly one result callback follows. Any other number is a value of the
 *   error enumeration, and no callback follows. 101: `initialize` has not succeeded. 102: `login` has not succeeded.
 * - A call that has the out-parameter `requestId` in C++ returns `{ code, requestId }`. `requestId` is 0 if the call
 *   was
 *   refused.
 * - A pointer with a count is one array. `null` stands for `nullptr` and gives the same error value as in C++.
 * - An argument of the wrong JavaScript type throws a `TypeError` with `code` `ERR_RTM_INVALID_ARG_TYPE`.
 * - Every call of a released object returns 101. A call that makes an object returns `null`, and `initialize`, whose
 *   enumeration has no 101, returns `INIT_ERR_FAILURE`.
 *
 * Callbacks come on the thread that made the service, never from within a call. While the user logs in, is logged in or
 * reconnects, the service keeps the process alive; see {@link unref}.
 */
export class RtmService {
  readonly #session: Session;
  readonly #callbacks: ServiceCallbacks;
  readonly #context = new CallbackContext();
  #initialized = false;

  /** @internal See {@link createRtmService}. */
  constructor() {
    const shared = runtime();
    this.#callbacks = new ServiceCallbacks(shared.report);
    this.#session = new Session(shared);
  }

  /**
   * Prepares the service; it works once. `appId` has 32 hexadecimal characters. An App ID that is null, empty or
   * malformed gives `INIT_ERR_INVALID_APP_ID`, a null handler `INIT_ERR_INVALID_ARGUMENT` (docs/spec/api.md §11.1).
   */
  initialize(appId: string | null, eventHandler: IRtmServiceEventHandler | null): INIT_ERR_CODE {
    checkNullableString(appId, 'appId');
    if (eventHandler !== null) checkHandler(eventHandler);
    const code = this.#session.initialize(
      appId,
      eventHandler === null ? null : this.#context.bind(this.#callbacks),
    ) as INIT_ERR_CODE;
    if (code === 0 && eventHandler !== null) {
      this.#initialized = true;
      this.#callbacks.handlers.add(eventHandler);
    }
    return code;
  }

  /**
   * Adds a handler. Every event goes to all handlers, in the order in which they were added. The call has no effect
   * before `initialize`, and for a handler that was added before (docs/spec/api.md §11.2).
   */
  addEventHandler(eventHandler: IRtmServiceEventHandler): void {
    checkHandler(eventHandler);
    if (this.#initialized) this.#callbacks.handlers.add(eventHandler);
  }

  /** Removes a handler: it gets no more events (docs/spec/api.md §11.3). */
  removeEventHandler(eventHandler: IRtmServiceEventHandler): void {
    checkHandler(eventHandler);
    this.#callbacks.handlers.remove(eventHandler);
  }

  /**
   * Ends the service: logs out and drops channels and requests. No callback comes any more. A second call has no
   * effect, and a callback may call this. With `sync` the call returns when the logout is on its way to the server
   * (docs/spec/api.md §11.4).
   */
  release(sync = false): void {
    if (typeof sync !== 'boolean') throw invalidArgType('sync', 'a boolean', sync);
    this.#release(sync);
  }

  /**
   * Logs in. `onLoginSuccess` or `onLoginFailure` follows within 12 s. At most 2 calls in one second. A null or empty
   * token works only if the server has no certificate for the App ID. If the same user is logged in elsewhere, that
   * login ends (docs/spec/api.md §11.5).
   */
  login(token: string | null, userId: string): LOGIN_ERR_CODE {
    checkNullableString(token, 'token');
    checkNullableString(userId, 'userId');
    return this.#session.login(token, userId) as LOGIN_ERR_CODE;
  }

  /**
   * Logs out. Other users see it at once. `onLogout` follows. A logout also ends the state ABORTED (docs/spec/api.md
   * §11.6).
   */
  logout(): LOGOUT_ERR_CODE {
    return this.#session.logout(true) as LOGOUT_ERR_CODE;
  }

  /** Replaces the token. `onRenewTokenResult` follows. At most 2 calls in one second (docs/spec/api.md §11.7). */
  renewToken(token: string): RENEW_TOKEN_ERR_CODE {
    checkNullableString(token, 'token');
    return this.#session.renewToken(token) as RENEW_TOKEN_ERR_CODE;
  }

  /**
   * Sends a message of at most 32 KB to one user. `onSendMessageResult` follows within 10 s. At most 1500 sends in 3 s,
   * together with the sends of `RtmChannel.sendMessage`. A null message, and a text with an unpaired surrogate, which
   * UTF-8 cannot carry, give `PEER_MESSAGE_ERR_INVALID_MESSAGE` (docs/spec/api.md §11.8, §11.13).
   */
  sendMessageToPeer(
    peerId: string,
    message: RtmMessage | null,
    options: SendMessageOptions | undefined,
  ): PEER_MESSAGE_ERR_CODE;
  /**
   * The same with default options.
   *
   * @deprecated since 1.1.0, supported
   */
  sendMessageToPeer(peerId: string, message: RtmMessage | null): PEER_MESSAGE_ERR_CODE;
  sendMessageToPeer(peerId: string, message: RtmMessage | null, options?: SendMessageOptions): PEER_MESSAGE_ERR_CODE {
    checkNullableString(peerId, 'peerId');
    const flags = sendFlags(options);
    const code = isText(message)
      ? this.#session.sendText(peerId, message.getMessageId(), message.getText(), flags)
      : this.#session.send(peerId, outgoing(message), flags);
    return code as PEER_MESSAGE_ERR_CODE;
  }

  /**
   * Makes the object of a channel, before or after `login`, without asking the server. For an id in use it returns the
   * existing object, which gets the new handler unless that is null. It returns null for a bad id, and before
   * `initialize` (docs/spec/api.md §11.14).
   */
  createChannel(channelId: string, eventHandler: IChannelEventHandler | null): RtmChannel | null {
    checkNullableString(channelId, 'channelId');
    if (eventHandler !== null) checkHandler(eventHandler);
    const channel = this.#session.channel(channelId);
    return channel === null ? null : RtmChannel.of(channel, eventHandler, this.#context);
  }

  /**
   * Returns the call manager of this service, which uses this handler from now on. Every call returns the same object.
   * It returns null before `initialize` and for a null handler. The service accepts invitations only once it has a call
   * manager, so make it before `login` (docs/spec/api.md §11.15).
   */
  getRtmCallManager(eventHandler: IRtmCallEventHandler | null): RtmCallManager | null {
    if (eventHandler === null) return null;
    checkHandler(eventHandler);
    const invitations = this.#session.invitations();
    return invitations === null ? null : RtmCallManager.of(invitations, eventHandler, this.#context);
  }

  /** Makes an empty text message (docs/spec/api.md §11.16). */
  createMessage(): RtmMessage;
  /** Makes a text message (docs/spec/api.md §11.17). */
  createMessage(message: string): RtmMessage;
  /** Makes a raw message with an optional description. It copies the data (docs/spec/api.md §11.18, §11.19). */
  createMessage(rawData: Uint8Array, description?: string): RtmMessage;
  createMessage(content?: string | Uint8Array, description?: string): RtmMessage {
    return messageOf(this.#session.nextMessageId(), content, description);
  }

  /**
   * Makes a file message for a file that was uploaded before, without asking the server. It returns null for a
   * malformed media id, and before `login` (docs/spec/api.md §11.20).
   *
   * @deprecated since 1.5.0, supported
   */
  createFileMessageByMediaId(mediaId: string): RtmFileMessage | null {
    checkNullableString(mediaId, 'mediaId');
    const id = this.#session.mediaMessageId(mediaId);
    return id === 0 ? null : new RtmFileMessage(id, { mediaId });
  }

  /**
   * Makes an image message for an image that was uploaded before, in the same way (docs/spec/api.md §11.21).
   *
   * @deprecated since 1.5.0, supported
   */
  createImageMessageByMediaId(mediaId: string): RtmImageMessage | null {
    checkNullableString(mediaId, 'mediaId');
    const id = this.#session.mediaMessageId(mediaId);
    return id === 0 ? null : new RtmImageMessage(id, { mediaId });
  }

  /**
   * Uploads the file of this path, 1 byte to 30 MB. `onFileMediaUploadResult` follows with a message to send. At most
   * nine uploads and downloads run at a time (docs/spec/api.md §11.22).
   *
   * @deprecated since 1.5.0, supported
   */
  createFileMessageByUploading(filePath: string): RequestResult<UPLOAD_MEDIA_ERR_CODE> {
    checkNullableString(filePath, 'filePath');
    return this.#session.requests.createFileMessageByUploading(filePath);
  }

  /**
   * Uploads an image in the same way. `onImageMediaUploadResult` follows. For JPG, JPEG, BMP and PNG the message has
   * the size in pixels (docs/spec/api.md §11.23).
   *
   * @deprecated since 1.5.0, supported
   */
  createImageMessageByUploading(filePath: string): RequestResult<UPLOAD_MEDIA_ERR_CODE> {
    checkNullableString(filePath, 'filePath');
    return this.#session.requests.createImageMessageByUploading(filePath);
  }

  /** Makes an empty channel attribute (docs/spec/api.md §11.24). */
  createChannelAttribute(): RtmChannelAttribute {
    return new RtmChannelAttribute();
  }

  /**
   * Sets options of this library by a JSON text. Unknown keys have no effect. Returns 0, or a negative number if the
   * text is no JSON (docs/spec/api.md §11.25).
   */
  setParameters(parameters: string): number {
    checkNullableString(parameters, 'parameters');
    return this.#session.setParameters(parameters);
  }

  /**
   * Asks whether users are online, at most 256. `onQueryPeersOnlineStatusResult` follows within 10 s. At most 100 calls
   * in 5 s (docs/spec/api.md §11.26).
   */
  queryPeersOnlineStatus(peerIds: readonly string[]): RequestResult<QUERY_PEERS_ONLINE_STATUS_ERR> {
    checkNullableStrings(peerIds, 'peerIds');
    return this.#session.requests.queryPeersOnlineStatus(peerIds);
  }

  /**
   * Subscribes to the presence of users, at most 512 in total, until `logout`. `onSubscriptionRequestResult` follows
   * within 10 s, and `onPeersOnlineStatusChanged` for each change. At most 10 calls in 5 s (docs/spec/api.md §11.27).
   */
  subscribePeersOnlineStatus(peerIds: readonly string[]): RequestResult<PEER_SUBSCRIPTION_STATUS_ERR> {
    checkNullableStrings(peerIds, 'peerIds');
    return this.#session.requests.subscribePeersOnlineStatus(peerIds);
  }

  /**
   * Ends subscriptions to the presence of users. `onSubscriptionRequestResult` follows within 10 s. At most 10 calls in
   * 5 s (docs/spec/api.md §11.28).
   */
  unsubscribePeersOnlineStatus(peerIds: readonly string[]): RequestResult<PEER_SUBSCRIPTION_STATUS_ERR> {
    checkNullableStrings(peerIds, 'peerIds');
    return this.#session.requests.unsubscribePeersOnlineStatus(peerIds);
  }

  /**
   * Asks for the users that this user has subscribed to. `onQueryPeersBySubscriptionOptionResult` follows within 5 s.
   * At most 10 calls in 5 s (docs/spec/api.md §11.29).
   */
  queryPeersBySubscriptionOption(
    option: PEER_SUBSCRIPTION_OPTION,
  ): RequestResult<QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR> {
    const checked = checkInt32(option, 'option');
    return this.#session.requests.queryPeersBySubscriptionOption(checked);
  }

  /**
   * Replaces all attributes of the local user, at most 32 with 16 KB in total. `onSetLocalUserAttributesResult`
   * follows. All calls for attributes time out after 5 s. At most 100 writes and 400 reads of user attributes in 5 s,
   * and as many of channel attributes (docs/spec/api.md §11.30, docs/spec/semantics.md §5).
   */
  setLocalUserAttributes(attributes: readonly RtmAttribute[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    const list = userAttributes(attributes);
    return this.#session.requests.setLocalUserAttributes(list);
  }

  /**
   * Adds or changes these attributes and keeps the others. `onAddOrUpdateLocalUserAttributesResult` follows
   * (docs/spec/api.md §11.31).
   */
  addOrUpdateLocalUserAttributes(attributes: readonly RtmAttribute[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    const list = userAttributes(attributes);
    return this.#session.requests.addOrUpdateLocalUserAttributes(list);
  }

  /**
   * Deletes the attributes of these keys. An unknown key is no error. `onDeleteLocalUserAttributesResult` follows
   * (docs/spec/api.md §11.32).
   */
  deleteLocalUserAttributesByKeys(attributeKeys: readonly string[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableStrings(attributeKeys, 'attributeKeys');
    return this.#session.requests.deleteLocalUserAttributesByKeys(attributeKeys);
  }

  /**
   * Deletes all attributes of the local user. `onClearLocalUserAttributesResult` follows (docs/spec/api.md §11.33).
   */
  clearLocalUserAttributes(): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#session.requests.clearLocalUserAttributes();
  }

  /**
   * Asks for all attributes of an online user, who may be the local user. `onGetUserAttributesResult` follows
   * (docs/spec/api.md §11.34).
   */
  getUserAttributes(userId: string): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(userId, 'userId');
    return this.#session.requests.getUserAttributes(userId);
  }

  /**
   * Asks for the attributes of these keys of an online user. `onGetUserAttributesResult` follows with the attributes
   * that exist (docs/spec/api.md §11.35).
   */
  getUserAttributesByKeys(userId: string, attributeKeys: readonly string[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(userId, 'userId');
    checkNullableStrings(attributeKeys, 'attributeKeys');
    return this.#session.requests.getUserAttributesByKeys(userId, attributeKeys);
  }

  /**
   * Replaces all attributes of a channel, at most 32 with 32 KB in total. The user does not have to be a member.
   * `onSetChannelAttributesResult` follows (docs/spec/api.md §11.36, docs/spec/semantics.md §4).
   */
  setChannelAttributes(
    channelId: string,
    attributes: readonly RtmChannelAttribute[],
    options?: ChannelAttributeOptions,
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    const list = channelAttributes(attributes);
    const notify = notifyFlag(options);
    return this.#session.requests.setChannelAttributes(channelId, list, notify);
  }

  /**
   * Adds or changes these attributes and keeps the others. `onAddOrUpdateChannelAttributesResult` follows
   * (docs/spec/api.md §11.37).
   */
  addOrUpdateChannelAttributes(
    channelId: string,
    attributes: readonly RtmChannelAttribute[],
    options?: ChannelAttributeOptions,
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    const list = channelAttributes(attributes);
    const notify = notifyFlag(options);
    return this.#session.requests.addOrUpdateChannelAttributes(channelId, list, notify);
  }

  /**
   * Deletes the attributes of these keys. An unknown key is no error. `onDeleteChannelAttributesResult` follows
   * (docs/spec/api.md §11.38).
   */
  deleteChannelAttributesByKeys(
    channelId: string,
    attributeKeys: readonly string[],
    options?: ChannelAttributeOptions,
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    checkNullableStrings(attributeKeys, 'attributeKeys');
    const notify = notifyFlag(options);
    return this.#session.requests.deleteChannelAttributesByKeys(channelId, attributeKeys, notify);
  }

  /** Deletes all attributes of a channel. `onClearChannelAttributesResult` follows (docs/spec/api.md §11.39). */
  clearChannelAttributes(channelId: string, options?: ChannelAttributeOptions): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    const notify = notifyFlag(options);
    return this.#session.requests.clearChannelAttributes(channelId, notify);
  }

  /** Asks for all attributes of a channel. `onGetChannelAttributesResult` follows (docs/spec/api.md §11.40). */
  getChannelAttributes(channelId: string): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    return this.#session.requests.getChannelAttributes(channelId);
  }

  /**
   * Asks for the attributes of these keys of a channel. `onGetChannelAttributesResult` follows with the attributes that
   * exist (docs/spec/api.md §11.41).
   */
  getChannelAttributesByKeys(
    channelId: string,
    attributeKeys: readonly string[],
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    checkNullableStrings(attributeKeys, 'attributeKeys');
    return this.#session.requests.getChannelAttributesByKeys(channelId, attributeKeys);
  }

  /**
   * Asks for the numbers of members of at most 32 channels. The user does not have to be a member.
   * `onGetChannelMemberCountResult` follows within 5 s. At most one call in one second (docs/spec/api.md §11.42).
   */
  getChannelMemberCount(channelIds: readonly string[]): RequestResult<GET_CHANNEL_MEMBER_COUNT_ERR_CODE> {
    checkNullableStrings(channelIds, 'channelIds');
    return this.#session.requests.getChannelMemberCount(channelIds);
  }

  /**
   * Asks for past text messages that were sent with `enableHistoricalMessaging`. `onHistoryQueryResult` follows within
   * 10 s. A user sees the messages that the user sent or received, and the messages of the channels that the user is
   * in. SDK 1.5.0 does not have this call.
   */
  queryHistory(query: HistoryQuery): RequestResult<HISTORY_ERR_CODE> {
    return this.#session.requests.queryHistory(historyRange(query));
  }

  /**
   * Downloads a file or image into memory. `onMediaDownloadToMemoryResult` follows (docs/spec/api.md §11.9).
   *
   * @deprecated since 1.5.0, supported
   */
  downloadMediaToMemory(mediaId: string): RequestResult<DOWNLOAD_MEDIA_ERR_CODE> {
    checkNullableString(mediaId, 'mediaId');
    return this.#session.requests.downloadMediaToMemory(mediaId);
  }

  /**
   * Downloads a file or image into the file of this absolute path. `onMediaDownloadToFileResult` follows
   * (docs/spec/api.md §11.10).
   *
   * @deprecated since 1.5.0, supported
   */
  downloadMediaToFile(mediaId: string, filePath: string): RequestResult<DOWNLOAD_MEDIA_ERR_CODE> {
    checkNullableString(mediaId, 'mediaId');
    checkNullableString(filePath, 'filePath');
    return this.#session.requests.downloadMediaToFile(mediaId, filePath);
  }

  /**
   * Cancels a running download. `onMediaCancelResult` follows, and the download ends with INTERRUPTED (docs/spec/api.md
   * §11.11).
   *
   * @deprecated since 1.5.0, supported
   */
  cancelMediaDownload(requestId: number): CANCEL_MEDIA_ERR_CODE {
    const task = taskId(requestId);
    return this.#session.requests.cancelMediaDownload(task);
  }

  /**
   * Cancels a running upload. `onMediaCancelResult` follows, and the upload ends with INTERRUPTED (docs/spec/api.md
   * §11.12).
   *
   * @deprecated since 1.5.0, supported
   */
  cancelMediaUpload(requestId: number): CANCEL_MEDIA_ERR_CODE {
    const task = taskId(requestId);
    return this.#session.requests.cancelMediaUpload(task);
  }

  /**
   * Sets the log file by its absolute path. Its folder must exist and be writable. Returns 0 on success, else another
   * number (docs/spec/api.md §11.43).
   */
  setLogFile(logfile: string): number {
    checkNullableString(logfile, 'logfile');
    return this.#session.setLogFile(logfile);
  }

  /** Sets which lines are logged. Returns 0 on success, else another number (docs/spec/api.md §11.44). */
  setLogFilter(filter: LOG_FILTER_TYPE): number {
    return this.#session.setLogFilter(checkInt32(filter, 'filter'));
  }

  /**
   * Sets the size of each of the two log files in KB, 512 to 1048576. Other values have no effect (docs/spec/api.md
   * §11.45).
   */
  setLogFileSize(fileSizeInKBytes: number): number {
    return this.#session.setLogFileSize(checkInt32(fileSizeInKBytes, 'fileSizeInKBytes'));
  }

  /**
   * The reason why there is no connection, in words: after `onLoginFailure` the reason of this failure, during a login
   * the failures of the attempts so far, after a lost link the reason of the loss. It has one line for each address
   * that was tried, and is empty while nothing has failed. It is for people and logs; programs use the error code. It
   * never contains a token. C++ does not have this.
   */
  get lastFailure(): string {
    return this.#session.lastFailure;
  }

  /** Undoes {@link unref}: the service keeps the process alive while the user is logged in. This is the default. */
  ref(): this {
    this.#session.referenced = true;
    return this;
  }

  /** Lets the process end while the user is logged in. Calls and callbacks go on as before. */
  unref(): this {
    this.#session.referenced = false;
    return this;
  }

  /** Releases the service at the end of a `using` block, as `release()` does. */
  [Symbol.dispose](): void {
    this.#release(false);
  }

  #release(sync: boolean): void {
    this.#initialized = false;
    this.#callbacks.handlers.replace(); // if a handler releases the service, later handlers do not get the event
    this.#session.release(sync);
  }
}

/** The C++ name of {@link RtmService}. */
export interface IRtmService extends RtmService {}

/** Makes a service, which needs `initialize` first (docs/spec/api.md §3). */
export function createRtmService(): RtmService {
  return new RtmService();
}

/** Version of the SDK surface: `1.5.0` (docs/spec/api.md §3). */
export function getRtmSdkVersion(): string {
  return runtime().environment.getRtmSdkVersion();
}

/**
 * Sets regions and transport for all services that the process creates later. It fails and changes nothing while a
 * service exists in any thread (docs/spec/api.md §3, docs/spec/connection.md §6).
 */
export function setRtmServiceContext(context: RtmServiceContext): SET_RTM_SERVICE_CONTEXT_ERR_CODE {
  if (context === null || typeof context !== 'object') throw invalidArgType('context', 'an object', context);
  const { areaCode = -1, proxyType = 0 } = context;
  if (!Number.isInteger(areaCode)) throw invalidArgType('context.areaCode', 'an integer', areaCode);
  if (!Number.isInteger(proxyType)) throw invalidArgType('context.proxyType', 'an integer', proxyType);
  return runtime().environment.setRtmServiceContext(areaCode | 0, proxyType) as SET_RTM_SERVICE_CONTEXT_ERR_CODE;
}
