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
import type { HISTORY_ERR_CODE } from '../history-codes.js';
import { runtime } from '../native/runtime.js';
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
 * One user's connection (docs/spec/api.md §11). Made by {@link createRtmService}; any number may live in a process,
 * each with its own login and limits.
 *
 * One rule leads from the C++ signatures to these:
 * - A call returns 0 when it was accepted, and then exactly one result callback follows; any other number is that of
 *   the error enumeration, and none follows. 101: `initialize` has not succeeded. 102: `login` has not succeeded.
 * - A call with the out-parameter `requestId` returns `{ code, requestId }` instead; `requestId` is 0 if it was
 *   refused.
 * - A pointer with a count is one array; `nullptr` is `null` and gives the error value that C++ gives.
 * - An argument of the wrong JavaScript type throws a `TypeError` with `code` `ERR_RTM_INVALID_ARG_TYPE`.
 * - A released object answers every call with 101 (`null` where an object is made; `INIT_ERR_FAILURE` for `initialize`,
 *   whose enumeration has no 101).
 *
 * Callbacks come on the thread that made the service, never from within a call. While the user is logged in (or logging
 * in, or reconnecting) the service keeps the process alive; see {@link unref}.
 */
export class RtmService {
  readonly #session: Session;
  readonly #callbacks: ServiceCallbacks;
  #initialized = false;

  /** @internal See {@link createRtmService}. */
  constructor() {
    const shared = runtime();
    this.#callbacks = new ServiceCallbacks(shared.report);
    this.#session = new Session(shared);
  }

  /**
   * Prepares the instance; once. `appId` is 32 hexadecimal characters: null, empty or malformed gives
   * `INIT_ERR_INVALID_APP_ID`; a null handler gives `INIT_ERR_INVALID_ARGUMENT` (docs/spec/api.md §11.1).
   */
  initialize(appId: string | null, eventHandler: IRtmServiceEventHandler | null): INIT_ERR_CODE {
    checkNullableString(appId, 'appId');
    if (eventHandler !== null) checkHandler(eventHandler);
    const code = this.#session.initialize(appId, eventHandler === null ? null : this.#callbacks) as INIT_ERR_CODE;
    if (code === 0 && eventHandler !== null) {
      this.#initialized = true;
      this.#callbacks.handlers.add(eventHandler);
    }
    return code;
  }

  /**
   * Registers one more handler; every event goes to all, in the order of registration. Needs `initialize`, otherwise
   * nothing happens; adding one twice has no effect (docs/spec/api.md §11.2).
   */
  addEventHandler(eventHandler: IRtmServiceEventHandler): void {
    checkHandler(eventHandler);
    if (this.#initialized) this.#callbacks.handlers.add(eventHandler);
  }

  /** Takes a handler out; no event reaches it any more (docs/spec/api.md §11.3). */
  removeEventHandler(eventHandler: IRtmServiceEventHandler): void {
    checkHandler(eventHandler);
    this.#callbacks.handlers.remove(eventHandler);
  }

  /**
   * Ends the instance: logs out, drops channels and requests; no callback comes any more. Safe to call twice, and from
   * a callback. With `sync` it returns when the goodbye is on its way to the server (docs/spec/api.md §11.4).
   */
  release(sync = false): void {
    if (typeof sync !== 'boolean') throw invalidArgType('sync', 'a boolean', sync);
    this.#release(sync);
  }

  /**
   * Logs in; then `onLoginSuccess` or `onLoginFailure` within 12 s. 2 calls a second. A null or empty token works only
   * where the server has no certificate for the App ID. The same user elsewhere is thrown out (docs/spec/api.md §11.5).
   */
  login(token: string | null, userId: string): LOGIN_ERR_CODE {
    checkNullableString(token, 'token');
    checkNullableString(userId, 'userId');
    return this.#session.login(token, userId) as LOGIN_ERR_CODE;
  }

  /** Logs out, at once for other users; then `onLogout`. The way out of ABORTED (docs/spec/api.md §11.6). */
  logout(): LOGOUT_ERR_CODE {
    return this.#session.logout() as LOGOUT_ERR_CODE;
  }

  /** Replaces the token in use; then `onRenewTokenResult`. 2 calls a second (docs/spec/api.md §11.7). */
  renewToken(token: string): RENEW_TOKEN_ERR_CODE {
    checkNullableString(token, 'token');
    return this.#session.renewToken(token) as RENEW_TOKEN_ERR_CODE;
  }

  /**
   * Sends a message to one user; then `onSendMessageResult` within 10 s. Up to 32 KB; 1500 sends in 3 s, shared with
   * `RtmChannel.sendMessage`. Text with an unpaired surrogate cannot be sent unaltered and gives
   * `PEER_MESSAGE_ERR_INVALID_MESSAGE`, as does a null message (docs/spec/api.md §11.8, §11.13).
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
   * Makes the object of a channel, before or after `login`; the network is not asked. An id in use gives the existing
   * object, with the new handler unless it is null. Null for a bad id or before `initialize` (docs/spec/api.md §11.14).
   */
  createChannel(channelId: string, eventHandler: IChannelEventHandler | null): RtmChannel | null {
    checkNullableString(channelId, 'channelId');
    if (eventHandler !== null) checkHandler(eventHandler);
    const channel = this.#session.channel(channelId);
    return channel === null ? null : RtmChannel.of(channel, eventHandler);
  }

  /**
   * The call manager of this service, with this handler from now on: a second call gives the same object. Null before
   * `initialize` or for a null handler. Invitations are only taken from then on, so call it before `login`
   * (docs/spec/api.md §11.15).
   */
  getRtmCallManager(eventHandler: IRtmCallEventHandler | null): RtmCallManager | null {
    if (eventHandler === null) return null;
    checkHandler(eventHandler);
    const invitations = this.#session.invitations();
    return invitations === null ? null : RtmCallManager.of(invitations, eventHandler);
  }

  /** Makes an empty text message (docs/spec/api.md §11.16). */
  createMessage(): RtmMessage;
  /** Makes a text message (docs/spec/api.md §11.17). */
  createMessage(message: string): RtmMessage;
  /** Makes a raw message with an optional description. The data is copied (docs/spec/api.md §11.18, §11.19). */
  createMessage(rawData: Uint8Array, description?: string): RtmMessage;
  createMessage(content?: string | Uint8Array, description?: string): RtmMessage {
    return messageOf(this.#session.nextMessageId(), content, description);
  }

  /**
   * Makes a file message of a body that was uploaded before, without asking the server. Null for a malformed media id,
   * or before `login` (docs/spec/api.md §11.20).
   *
   * @deprecated since 1.5.0, supported
   */
  createFileMessageByMediaId(mediaId: string): RtmFileMessage | null {
    checkNullableString(mediaId, 'mediaId');
    const id = this.#session.mediaMessageId(mediaId);
    return id === 0 ? null : new RtmFileMessage(id, { mediaId });
  }

  /**
   * Makes an image message, likewise (docs/spec/api.md §11.21).
   *
   * @deprecated since 1.5.0, supported
   */
  createImageMessageByMediaId(mediaId: string): RtmImageMessage | null {
    checkNullableString(mediaId, 'mediaId');
    const id = this.#session.mediaMessageId(mediaId);
    return id === 0 ? null : new RtmImageMessage(id, { mediaId });
  }

  /**
   * Uploads the file of this path, 1 byte to 30 MB; then `onFileMediaUploadResult` with a message to send. Nine uploads
   * and downloads at a time (docs/spec/api.md §11.22).
   *
   * @deprecated since 1.5.0, supported
   */
  createFileMessageByUploading(filePath: string): RequestResult<UPLOAD_MEDIA_ERR_CODE> {
    checkNullableString(filePath, 'filePath');
    return this.#session.requests.createFileMessageByUploading(filePath);
  }

  /**
   * Uploads an image, likewise; then `onImageMediaUploadResult`. Its size in pixels is found out for JPG, JPEG, BMP and
   * PNG (docs/spec/api.md §11.23).
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
   * Sets options of this library by a JSON text; unknown keys are accepted. 0, or a negative number if the text is no
   * JSON (docs/spec/api.md §11.25).
   */
  setParameters(parameters: string): number {
    checkNullableString(parameters, 'parameters');
    return this.#session.setParameters(parameters);
  }

  /**
   * Asks whether users are online, up to 256; then `onQueryPeersOnlineStatusResult` within 10 s. 100 calls in 5 s
   * (docs/spec/api.md §11.26).
   */
  queryPeersOnlineStatus(peerIds: readonly string[]): RequestResult<QUERY_PEERS_ONLINE_STATUS_ERR> {
    checkNullableStrings(peerIds, 'peerIds');
    return this.#session.requests.queryPeersOnlineStatus(peerIds);
  }

  /**
   * Subscribes to the presence of users, up to 512 in total, until `logout`; then `onSubscriptionRequestResult` within
   * 10 s, and `onPeersOnlineStatusChanged`. 10 calls in 5 s (docs/spec/api.md §11.27).
   */
  subscribePeersOnlineStatus(peerIds: readonly string[]): RequestResult<PEER_SUBSCRIPTION_STATUS_ERR> {
    checkNullableStrings(peerIds, 'peerIds');
    return this.#session.requests.subscribePeersOnlineStatus(peerIds);
  }

  /**
   * Ends such subscriptions; then `onSubscriptionRequestResult` within 10 s. 10 calls in 5 s (docs/spec/api.md §11.28).
   */
  unsubscribePeersOnlineStatus(peerIds: readonly string[]): RequestResult<PEER_SUBSCRIPTION_STATUS_ERR> {
    checkNullableStrings(peerIds, 'peerIds');
    return this.#session.requests.unsubscribePeersOnlineStatus(peerIds);
  }

  /**
   * Asks for the users subscribed to; then `onQueryPeersBySubscriptionOptionResult` within 5 s. 10 calls in 5 s
   * (docs/spec/api.md §11.29).
   */
  queryPeersBySubscriptionOption(
    option: PEER_SUBSCRIPTION_OPTION,
  ): RequestResult<QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR> {
    const checked = checkInt32(option, 'option');
    return this.#session.requests.queryPeersBySubscriptionOption(checked);
  }

  /**
   * Replaces all attributes of the local user, up to 32 and 16 KB in total; then `onSetLocalUserAttributesResult`. All
   * attribute calls: 5 s timeout; in 5 s 100 writes and 400 reads of user attributes, and as many of channel attributes
   * (docs/spec/api.md §11.30, docs/spec/semantics.md §5).
   */
  setLocalUserAttributes(attributes: readonly RtmAttribute[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    const list = userAttributes(attributes);
    return this.#session.requests.setLocalUserAttributes(list);
  }

  /**
   * Adds or changes the attributes named, keeps the others; then `onAddOrUpdateLocalUserAttributesResult`
   * (docs/spec/api.md §11.31).
   */
  addOrUpdateLocalUserAttributes(attributes: readonly RtmAttribute[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    const list = userAttributes(attributes);
    return this.#session.requests.addOrUpdateLocalUserAttributes(list);
  }

  /**
   * Deletes the attributes named; unknown keys are no error. Then `onDeleteLocalUserAttributesResult`
   * (docs/spec/api.md §11.32).
   */
  deleteLocalUserAttributesByKeys(attributeKeys: readonly string[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableStrings(attributeKeys, 'attributeKeys');
    return this.#session.requests.deleteLocalUserAttributesByKeys(attributeKeys);
  }

  /** Deletes all attributes of the local user; then `onClearLocalUserAttributesResult` (docs/spec/api.md §11.33). */
  clearLocalUserAttributes(): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#session.requests.clearLocalUserAttributes();
  }

  /**
   * Asks for all attributes of an online user, oneself included; then `onGetUserAttributesResult` (docs/spec/api.md
   * §11.34).
   */
  getUserAttributes(userId: string): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(userId, 'userId');
    return this.#session.requests.getUserAttributes(userId);
  }

  /** Asks for the attributes named, of which those that exist are returned, likewise (docs/spec/api.md §11.35). */
  getUserAttributesByKeys(userId: string, attributeKeys: readonly string[]): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(userId, 'userId');
    checkNullableStrings(attributeKeys, 'attributeKeys');
    return this.#session.requests.getUserAttributesByKeys(userId, attributeKeys);
  }

  /**
   * Replaces all attributes of a channel, up to 32 and 32 KB in total; one need not be a member. Then
   * `onSetChannelAttributesResult` (docs/spec/api.md §11.36, docs/spec/semantics.md §4).
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
   * Adds or changes the attributes named, keeps the others; then `onAddOrUpdateChannelAttributesResult`
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
   * Deletes the attributes named; unknown keys are no error. Then `onDeleteChannelAttributesResult` (docs/spec/api.md
   * §11.38).
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

  /** Deletes all attributes of a channel; then `onClearChannelAttributesResult` (docs/spec/api.md §11.39). */
  clearChannelAttributes(channelId: string, options?: ChannelAttributeOptions): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    const notify = notifyFlag(options);
    return this.#session.requests.clearChannelAttributes(channelId, notify);
  }

  /** Asks for all attributes of a channel; then `onGetChannelAttributesResult` (docs/spec/api.md §11.40). */
  getChannelAttributes(channelId: string): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    return this.#session.requests.getChannelAttributes(channelId);
  }

  /** Asks for the attributes named, of which those that exist are returned, likewise (docs/spec/api.md §11.41). */
  getChannelAttributesByKeys(
    channelId: string,
    attributeKeys: readonly string[],
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    checkNullableString(channelId, 'channelId');
    checkNullableStrings(attributeKeys, 'attributeKeys');
    return this.#session.requests.getChannelAttributesByKeys(channelId, attributeKeys);
  }

  /**
   * Asks for the number of members of up to 32 channels; one need not be a member. Then `onGetChannelMemberCountResult`
   * within 5 s. One call a second (docs/spec/api.md §11.42).
   */
  getChannelMemberCount(channelIds: readonly string[]): RequestResult<GET_CHANNEL_MEMBER_COUNT_ERR_CODE> {
    checkNullableStrings(channelIds, 'channelIds');
    return this.#session.requests.getChannelMemberCount(channelIds);
  }

  /**
   * Asks for text messages of the past that were sent with `enableHistoricalMessaging`; then `onHistoryQueryResult`
   * within 10 s. A user sees what it sent or received itself and the channels it is in. An addition to the 1.5.0
   * surface.
   */
  queryHistory(query: HistoryQuery): RequestResult<HISTORY_ERR_CODE> {
    return this.#session.requests.queryHistory(historyRange(query));
  }

  /**
   * Downloads into memory; then `onMediaDownloadToMemoryResult` (docs/spec/api.md §11.9).
   *
   * @deprecated since 1.5.0, supported
   */
  downloadMediaToMemory(mediaId: string): RequestResult<DOWNLOAD_MEDIA_ERR_CODE> {
    checkNullableString(mediaId, 'mediaId');
    return this.#session.requests.downloadMediaToMemory(mediaId);
  }

  /**
   * Downloads into the file of this full path; then `onMediaDownloadToFileResult` (docs/spec/api.md §11.10).
   *
   * @deprecated since 1.5.0, supported
   */
  downloadMediaToFile(mediaId: string, filePath: string): RequestResult<DOWNLOAD_MEDIA_ERR_CODE> {
    checkNullableString(mediaId, 'mediaId');
    checkNullableString(filePath, 'filePath');
    return this.#session.requests.downloadMediaToFile(mediaId, filePath);
  }

  /**
   * Stops a running download; then `onMediaCancelResult`, and the download ends with INTERRUPTED (docs/spec/api.md
   * §11.11).
   *
   * @deprecated since 1.5.0, supported
   */
  cancelMediaDownload(requestId: number): CANCEL_MEDIA_ERR_CODE {
    const task = taskId(requestId);
    return this.#session.requests.cancelMediaDownload(task);
  }

  /**
   * Stops a running upload, likewise (docs/spec/api.md §11.12).
   *
   * @deprecated since 1.5.0, supported
   */
  cancelMediaUpload(requestId: number): CANCEL_MEDIA_ERR_CODE {
    const task = taskId(requestId);
    return this.#session.requests.cancelMediaUpload(task);
  }

  /**
   * Sets the log file by its absolute path; its folder must exist and be writable. 0 or another number
   * (docs/spec/api.md §11.43).
   */
  setLogFile(logfile: string): number {
    checkNullableString(logfile, 'logfile');
    return this.#session.setLogFile(logfile);
  }

  /** Sets what is logged. 0 or another number (docs/spec/api.md §11.44). */
  setLogFilter(filter: LOG_FILTER_TYPE): number {
    return this.#session.setLogFilter(checkInt32(filter, 'filter'));
  }

  /**
   * Sets the size of each of the two log files in KB, 512 to 1048576; other values have no effect (docs/spec/api.md
   * §11.45).
   */
  setLogFileSize(fileSizeInKBytes: number): number {
    return this.#session.setLogFileSize(checkInt32(fileSizeInKBytes, 'fileSizeInKBytes'));
  }

  /**
   * Why there is no connection, in words; not in C++. After `onLoginFailure` the reason of that failure, while logging
   * in what the attempts have met so far, after a loss why the link was lost. A line per address that was tried; empty
   * if all is well. Meant for people and logs: programs go by the error code. Holds no token.
   */
  get lastFailure(): string {
    return this.#session.lastFailure;
  }

  /** Lets the logged-in service keep the process alive again, as it does from the start. */
  ref(): this {
    this.#session.referenced = true;
    return this;
  }

  /** The process may end although the user is logged in. Calls and callbacks go on as before. */
  unref(): this {
    this.#session.referenced = false;
    return this;
  }

  [Symbol.dispose](): void {
    this.#release(false);
  }

  #release(sync: boolean): void {
    this.#initialized = false;
    this.#callbacks.handlers.replace(); // a handler that releases the service keeps a running event from the later ones
    this.#session.release(sync);
  }
}

/** The C++ name of {@link RtmService}. */
export interface IRtmService extends RtmService {}

/** Makes a service that is not initialised yet (docs/spec/api.md §3). */
export function createRtmService(): RtmService {
  return new RtmService();
}

/** Version of the SDK surface: `1.5.0` (docs/spec/api.md §3). */
export function getRtmSdkVersion(): string {
  return runtime().environment.getRtmSdkVersion();
}

/**
 * Sets regions and transport for all services of the process created afterwards. Fails, and changes nothing, while a
 * service exists in any thread (docs/spec/api.md §3, docs/spec/connection.md §6).
 */
export function setRtmServiceContext(context: RtmServiceContext): SET_RTM_SERVICE_CONTEXT_ERR_CODE {
  if (context === null || typeof context !== 'object') throw invalidArgType('context', 'an object', context);
  const { areaCode = -1, proxyType = 0 } = context;
  if (!Number.isInteger(areaCode)) throw invalidArgType('context.areaCode', 'an integer', areaCode);
  if (!Number.isInteger(proxyType)) throw invalidArgType('context.proxyType', 'an integer', proxyType);
  return runtime().environment.setRtmServiceContext(areaCode | 0, proxyType) as SET_RTM_SERVICE_CONTEXT_ERR_CODE;
}
