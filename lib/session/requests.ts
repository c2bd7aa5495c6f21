import type {
  ATTRIBUTE_OPERATION_ERR,
  CANCEL_MEDIA_ERR_CODE,
  DOWNLOAD_MEDIA_ERR_CODE,
  GET_CHANNEL_MEMBER_COUNT_ERR_CODE,
  PEER_SUBSCRIPTION_STATUS_ERR,
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR,
  QUERY_PEERS_ONLINE_STATUS_ERR,
  UPLOAD_MEDIA_ERR_CODE,
} from '../enums.js';
import type { HISTORY_ERR_CODE } from '../history-codes.js';
import type { NativeEnvironment } from '../native/environment.js';
import type { Activity } from './activity.js';

/** The result of a request with a request id: the code, and the out-parameter of the C++ call. */
export interface RequestResult<E extends number = number> {
  /**
   * 0: accepted, one result callback with this `requestId` follows. Otherwise the number of the error, and none
   * follows.
   */
  readonly code: E;
  /** Unique within the service; 0 if the call was refused. */
  readonly requestId: number;
}

/** Which messages of the past are asked for. */
export interface HistoryRange {
  /** A user; empty: anybody. */
  readonly source: string;
  /** A user or a channel; empty: any. */
  readonly destination: string;
  /** Server time in milliseconds since 1970 UTC, inclusive, as is `endMs`. */
  readonly startMs: number;
  readonly endMs: number;
  readonly offset: number;
  readonly limit: number;
  /** Newest first. */
  readonly descending: boolean;
  /** No messages, only how many there are. */
  readonly countOnly: boolean;
}

/** A null pointer of the C++ call, or an array of C strings with its count. */
type Texts = readonly string[] | null;

/** Bits of the flags word of a query; `cpp/binding/functions/history_functions.cpp` has the same. */
const DESCENDING = 1;
const COUNT_ONLY = 2;

/**
 * The calls of a session that are answered by request id. Each is named as its method of the C++ surface. Attributes
 * cross as a flat list: key, value, key, value …
 */
export class SessionRequests {
  readonly #session: { readonly handle: number };
  readonly #environment: NativeEnvironment;
  readonly #out: Float64Array;
  readonly #activity: Activity;

  constructor(
    session: { readonly handle: number },
    environment: NativeEnvironment,
    out: Float64Array,
    activity: Activity,
  ) {
    this.#session = session;
    this.#environment = environment;
    this.#out = out;
    this.#activity = activity;
  }

  get #handle(): number {
    return this.#session.handle;
  }

  #result<E extends number>(code: number): RequestResult<E> {
    this.#activity.accepted(code);
    return { code: code as E, requestId: code === 0 ? (this.#out[0] as number) : 0 };
  }

  queryPeersOnlineStatus(peerIds: Texts): RequestResult<QUERY_PEERS_ONLINE_STATUS_ERR> {
    return this.#result(this.#environment.queryPeersOnlineStatus(this.#handle, peerIds));
  }

  subscribePeersOnlineStatus(peerIds: Texts): RequestResult<PEER_SUBSCRIPTION_STATUS_ERR> {
    return this.#result(this.#environment.subscribePeersOnlineStatus(this.#handle, peerIds));
  }

  unsubscribePeersOnlineStatus(peerIds: Texts): RequestResult<PEER_SUBSCRIPTION_STATUS_ERR> {
    return this.#result(this.#environment.unsubscribePeersOnlineStatus(this.#handle, peerIds));
  }

  queryPeersBySubscriptionOption(option: number): RequestResult<QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR> {
    return this.#result(this.#environment.queryPeersBySubscriptionOption(this.#handle, option));
  }

  setLocalUserAttributes(attributes: Texts): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.setLocalUserAttributes(this.#handle, attributes));
  }

  addOrUpdateLocalUserAttributes(attributes: Texts): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.addOrUpdateLocalUserAttributes(this.#handle, attributes));
  }

  deleteLocalUserAttributesByKeys(keys: Texts): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.deleteLocalUserAttributesByKeys(this.#handle, keys));
  }

  clearLocalUserAttributes(): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.clearLocalUserAttributes(this.#handle));
  }

  getUserAttributes(userId: string | null): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.getUserAttributes(this.#handle, userId));
  }

  getUserAttributesByKeys(userId: string | null, keys: Texts): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.getUserAttributesByKeys(this.#handle, userId, keys));
  }

  /** `notify`, here and below: whether the members of the channel are told. */
  setChannelAttributes(
    channelId: string | null,
    attributes: Texts,
    notify: boolean,
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.setChannelAttributes(this.#handle, channelId, attributes, notify));
  }

  addOrUpdateChannelAttributes(
    channelId: string | null,
    attributes: Texts,
    notify: boolean,
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.addOrUpdateChannelAttributes(this.#handle, channelId, attributes, notify));
  }

  deleteChannelAttributesByKeys(
    channelId: string | null,
    keys: Texts,
    notify: boolean,
  ): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.deleteChannelAttributesByKeys(this.#handle, channelId, keys, notify));
  }

  clearChannelAttributes(channelId: string | null, notify: boolean): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.clearChannelAttributes(this.#handle, channelId, notify));
  }

  getChannelAttributes(channelId: string | null): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.getChannelAttributes(this.#handle, channelId));
  }

  getChannelAttributesByKeys(channelId: string | null, keys: Texts): RequestResult<ATTRIBUTE_OPERATION_ERR> {
    return this.#result(this.#environment.getChannelAttributesByKeys(this.#handle, channelId, keys));
  }

  getChannelMemberCount(channelIds: Texts): RequestResult<GET_CHANNEL_MEMBER_COUNT_ERR_CODE> {
    return this.#result(this.#environment.getChannelMemberCount(this.#handle, channelIds));
  }

  queryHistory(range: HistoryRange): RequestResult<HISTORY_ERR_CODE> {
    const { source, destination, startMs, endMs, offset, limit, descending, countOnly } = range;
    const flags = (descending ? DESCENDING : 0) | (countOnly ? COUNT_ONLY : 0);
    return this.#result(
      this.#environment.queryHistory(this.#handle, source, destination, startMs, endMs, offset, limit, flags),
    );
  }

  createFileMessageByUploading(filePath: string | null): RequestResult<UPLOAD_MEDIA_ERR_CODE> {
    return this.#result(this.#environment.createFileMessageByUploading(this.#handle, filePath));
  }

  createImageMessageByUploading(filePath: string | null): RequestResult<UPLOAD_MEDIA_ERR_CODE> {
    return this.#result(this.#environment.createImageMessageByUploading(this.#handle, filePath));
  }

  downloadMediaToMemory(mediaId: string | null): RequestResult<DOWNLOAD_MEDIA_ERR_CODE> {
    return this.#result(this.#environment.downloadMediaToMemory(this.#handle, mediaId));
  }

  downloadMediaToFile(mediaId: string | null, filePath: string | null): RequestResult<DOWNLOAD_MEDIA_ERR_CODE> {
    return this.#result(this.#environment.downloadMediaToFile(this.#handle, mediaId, filePath));
  }

  /** Stops a running download, whose request id is `task`; the cancellation has no request id of its own. */
  cancelMediaDownload(task: number): CANCEL_MEDIA_ERR_CODE {
    return this.#result<CANCEL_MEDIA_ERR_CODE>(this.#environment.cancelMediaDownload(this.#handle, task)).code;
  }

  /** Stops a running upload, likewise. */
  cancelMediaUpload(task: number): CANCEL_MEDIA_ERR_CODE {
    return this.#result<CANCEL_MEDIA_ERR_CODE>(this.#environment.cancelMediaUpload(this.#handle, task)).code;
  }
}
