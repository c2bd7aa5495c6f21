import { invalidArgType } from '../errors.js';
import { runtime } from '../runtime.js';
import { RtmChannelAttribute } from './attributes.js';
import { RtmChannel } from './channel.js';
import type {
  INIT_ERR_CODE,
  LOG_FILTER_TYPE,
  LOGIN_ERR_CODE,
  LOGOUT_ERR_CODE,
  PEER_MESSAGE_ERR_CODE,
  RENEW_TOKEN_ERR_CODE,
  SET_RTM_SERVICE_CONTEXT_ERR_CODE,
} from './enums.js';
import type { IChannelEventHandler, IRtmServiceEventHandler } from './handlers.js';
import { messageOf, type RtmMessage } from './message.js';
import { ServiceCore } from './service-core.js';
import type { RtmServiceContext, SendMessageOptions } from './structs.js';

/**
 * One user's connection (spec api §11). Made by {@link createRtmService}; any number may live in a process, each with its
 * own login and limits.
 *
 * One rule leads from the C++ signatures to these:
 * - A call returns 0 when it was accepted, and then exactly one result callback follows; any other number is that of the
 *   error enumeration, and none follows. 101: `initialize` has not succeeded. 102: `login` has not succeeded.
 * - A call with the out-parameter `requestId` returns `{ code, requestId }` instead; `requestId` is 0 if it was refused.
 * - A pointer with a count is one array; `nullptr` is `null` and gives the error value that C++ gives.
 * - An argument of the wrong JavaScript type throws a `TypeError` with `code` `ERR_RTM_INVALID_ARG_TYPE`.
 * - A released object answers every call with 101 (`null` where an object is made).
 *
 * Callbacks come on the thread that made the service, never from within a call. While the user is logged in (or logging
 * in, or reconnecting) the service keeps the process alive; see {@link unref}.
 */
export class RtmService {
  readonly #core: ServiceCore;

  /** @internal See {@link createRtmService}. */
  constructor() {
    this.#core = new ServiceCore(runtime());
  }

  /**
   * Prepares the instance; once. `appId` is 32 hexadecimal characters: null, empty or malformed gives
   * `INIT_ERR_INVALID_APP_ID`; a null handler gives `INIT_ERR_INVALID_ARGUMENT` (spec api §11.1).
   */
  initialize(appId: string | null, eventHandler: IRtmServiceEventHandler | null): INIT_ERR_CODE {
    return this.#core.initialize(appId, eventHandler);
  }

  /**
   * Registers one more handler; every event goes to all, in the order of registration. Needs `initialize`, otherwise
   * nothing happens; adding one twice has no effect (spec api §11.2).
   */
  addEventHandler(eventHandler: IRtmServiceEventHandler): void {
    this.#core.addEventHandler(eventHandler);
  }

  /** Takes a handler out; no event reaches it any more (spec api §11.3). */
  removeEventHandler(eventHandler: IRtmServiceEventHandler): void {
    this.#core.removeEventHandler(eventHandler);
  }

  /**
   * Ends the instance: logs out, drops channels and requests; no callback comes any more. Safe to call twice, and from a
   * callback. With `sync` it returns when the goodbye is on its way to the server (spec api §11.4).
   */
  release(sync = false): void {
    if (typeof sync !== 'boolean') throw invalidArgType('sync', 'a boolean', sync);
    this.#core.release(sync);
  }

  /**
   * Logs in; then `onLoginSuccess` or `onLoginFailure` within 12 s. 2 calls a second. A null or empty token works only
   * where the server has no certificate for the App ID. The same user elsewhere is thrown out (spec api §11.5).
   */
  login(token: string | null, userId: string): LOGIN_ERR_CODE {
    return this.#core.login(token, userId);
  }

  /** Logs out, at once for other users; then `onLogout`. The way out of ABORTED (spec api §11.6). */
  logout(): LOGOUT_ERR_CODE {
    return this.#core.logout();
  }

  /** Replaces the token in use; then `onRenewTokenResult`. 2 calls a second (spec api §11.7). */
  renewToken(token: string): RENEW_TOKEN_ERR_CODE {
    return this.#core.renewToken(token);
  }

  /**
   * Sends a message to one user; then `onSendMessageResult` within 10 s. Up to 32 KB; 1500 sends in 3 s, shared with
   * `RtmChannel.sendMessage`. Text with an unpaired surrogate cannot be sent unaltered and gives
   * `PEER_MESSAGE_ERR_INVALID_MESSAGE`, as does a null message (spec api §11.8, §11.13).
   */
  sendMessageToPeer(peerId: string, message: RtmMessage | null, options?: SendMessageOptions): PEER_MESSAGE_ERR_CODE {
    return this.#core.sendMessageToPeer(peerId, message, options);
  }

  /**
   * Makes the object of a channel, before or after `login`; the network is not asked. An id in use gives the existing
   * object, with the new handler unless it is null. Null for a bad id or before `initialize` (spec api §11.14).
   */
  createChannel(channelId: string, eventHandler: IChannelEventHandler | null): RtmChannel | null {
    const core = this.#core.createChannel(channelId, eventHandler);
    return core === null ? null : RtmChannel.of(core);
  }

  /** Makes an empty text message (spec api §11.16). */
  createMessage(): RtmMessage;
  /** Makes a text message (spec api §11.17). */
  createMessage(message: string): RtmMessage;
  /** Makes a raw message with an optional description. The data is copied (spec api §11.18, §11.19). */
  createMessage(rawData: Uint8Array, description?: string): RtmMessage;
  createMessage(content?: string | Uint8Array, description?: string): RtmMessage {
    return messageOf(this.#core.nextMessageId(), content, description);
  }

  /** Makes an empty channel attribute (spec api §11.24). */
  createChannelAttribute(): RtmChannelAttribute {
    return new RtmChannelAttribute();
  }

  /**
   * Sets options of this library by a JSON text; unknown keys are accepted. 0, or a negative number if the text is no
   * JSON (spec api §11.25).
   */
  setParameters(parameters: string): number {
    return this.#core.setParameters(parameters);
  }

  /** Sets the log file by its absolute path; its folder must exist and be writable. 0 or another number (§11.43). */
  setLogFile(logfile: string): number {
    return this.#core.setLogFile(logfile);
  }

  /** Sets what is logged. 0 or another number (spec api §11.44). */
  setLogFilter(filter: LOG_FILTER_TYPE): number {
    return this.#core.setLogFilter(filter);
  }

  /** Sets the size of each of the two log files in KB, 512 to 1048576; other values have no effect (spec api §11.45). */
  setLogFileSize(fileSizeInKBytes: number): number {
    return this.#core.setLogFileSize(fileSizeInKBytes);
  }

  /** Lets the logged-in service keep the process alive again, as it does from the start. */
  ref(): this {
    this.#core.setReferenced(true);
    return this;
  }

  /** The process may end although the user is logged in. Calls and callbacks go on as before. */
  unref(): this {
    this.#core.setReferenced(false);
    return this;
  }

  [Symbol.dispose](): void {
    this.#core.release(false);
  }
}

/** The C++ name of {@link RtmService}. */
export interface IRtmService extends RtmService {}

/** Makes a service that is not initialised yet (spec api §3). */
export function createRtmService(): RtmService {
  return new RtmService();
}

/** Version of the SDK surface: `1.5.0` (spec api §3). */
export function getRtmSdkVersion(): string {
  return runtime().port.getRtmSdkVersion();
}

/**
 * Sets regions and transport for all services of the process created afterwards. Fails, and changes nothing, while a
 * service exists in any thread (spec api §3, connection §6).
 */
export function setRtmServiceContext(context: RtmServiceContext): SET_RTM_SERVICE_CONTEXT_ERR_CODE {
  if (context === null || typeof context !== 'object') throw invalidArgType('context', 'an object', context);
  const { areaCode = -1, proxyType = 0 } = context;
  if (!Number.isInteger(areaCode)) throw invalidArgType('context.areaCode', 'an integer', areaCode);
  if (!Number.isInteger(proxyType)) throw invalidArgType('context.proxyType', 'an integer', proxyType);
  return runtime().port.setRtmServiceContext(areaCode | 0, proxyType) as SET_RTM_SERVICE_CONTEXT_ERR_CODE;
}
