// The functions of the addon, as types. Only lib/native, lib/session and lib/server call them.

import type { NativeUsage } from '../usage-rows.js';
import type { RequestFunctions } from './request-functions.js';

/** Number of a native object; never 0, never used twice. */
export type Handle = number;

/**
 * The packed columns of one batch, filled by {@link NativeEnvironment.drain}. Layout: see
 * `cpp/binding/event_kinds.hpp`.
 */
export interface Columns {
  /** Header of 4 words (events, words, bytes, own buffers), then the records. */
  words: Uint32Array;
  /** 64-bit numbers of the records: message and request ids, times, sizes. */
  numbers: Float64Array;
  /** Results of a call beside its return value: `[0]` is the request id. */
  readonly out: Float64Array;
  /** Numbers of a call that is made often: `[0]` handle, `[1]` message id, `[2]` flags. Written before the call. */
  readonly arguments: Float64Array;
}

/** A call frequency that differs from the profile; count 0: none. `group` is the number of the wire's RateGroup. */
export interface NativeRate {
  group: number;
  count: number;
  windowMs: number;
}

/** One rule of an app. */
export interface NativeRule {
  allow: boolean;
  actions: string[];
  channels: string[];
  users: string[];
  to: string[];
  roles: string[];
}

/** Options of a server as they cross: complete and checked. */
export interface NativeServerOptions {
  host: string;
  apps: { appId: string; certificates: string[]; rules: NativeRule[] }[];
  tls: boolean;
  certificatePem: string;
  keyPem: string;
  area: number;
  /** Limits by the names of their settings; `base` names the profile that they change. */
  limits: { base: 'sdk' | 'off'; values: Record<string, number>; rates: NativeRate[] };
  /** Settings that stand alone, by their names. What is missing keeps its default. */
  numbers: Record<string, number>;
  /** Settings that are true or false, by their names. What is missing keeps its default. */
  flags: Record<string, boolean>;
  /** The places of the words that were chosen, by the paths of the settings. What is missing keeps its default. */
  choices: Record<string, number>;
  /** Settings of each group, by their names. Every group is there; a setting that is missing keeps its default. */
  groups: Record<string, Record<string, number>>;
  /** Networks that are not counted by address. */
  exempt: string[];
  /** Folder for the bodies of files and images; empty: a temporary one. */
  mediaFolder: string;
  /** Whether all of the memory of the process counts for the server. */
  ownsProcess: boolean;
  /**
   * Whether JavaScript keeps messages and records of media. The server's operations on them then come over the bridge.
   */
  store: boolean;
  /** Whether the server shares its state with others, by JavaScript's engine. */
  engine: boolean;
  /** What JavaScript wants to be asked about (`RtmServerCalloutEvent`); the server asks over the bridge. */
  callout: readonly string[];
  /** Whether lines of the log are to come as events. */
  log: boolean;
}

/**
 * The native side of one JavaScript environment (the main thread, or a worker): the mailbox, its doorbell, and the
 * objects made through it. All calls are synchronous and never wait for the network. `null` stands for a null pointer
 * of the C++ call. Every function throws a `TypeError` for a wrong type; an unknown or released handle gives the call's
 * NOT_INITIALIZED.
 */
export interface NativeEnvironment extends RequestFunctions {
  /** Takes the next batch into the columns. Returns its string slab; undefined if the mailbox is empty. */
  drain(): string | undefined;
  /** The byte slab of the batch; only if the header says that it has bytes. */
  bytes(): ArrayBuffer;
  /** A payload of the batch that has a buffer of its own. */
  ownBuffer(index: number): ArrayBuffer;
  /** Whether this environment keeps its event loop alive. */
  setAlive(alive: boolean): void;
  /** Bytes waiting in the mailbox, and whether producers are held back. For tests and diagnosis. */
  pressure(): { bytes: number; paused: number };

  getRtmSdkVersion(): string;
  setRtmServiceContext(areaCode: number, proxyType: number): number;
  setExtraCertificateAuthorities(pem: string): void;
  /** Lines of the client's log as events of object 0. */
  observeLog(on: boolean): void;
  /** The first of `count` message ids that follow each other. */
  nextMessageIds(count: number): number;

  createService(): Handle;
  serviceInitialize(service: Handle, appId: string | null, hasHandler: boolean): number;
  /** `sync`: waits until the goodbye is on its way to the server, usually well under a millisecond. */
  serviceRelease(service: Handle, sync: boolean): void;
  serviceLogin(service: Handle, token: string | null, userId: string | null): number;
  /** `drain`: what is on its way gets its result first, for a bounded time. */
  serviceLogout(service: Handle, drain: boolean): number;
  /** The caller of a request waits no longer: 1 if the request had not left; its result comes in either case. */
  serviceWithdraw(service: Handle, requestId: number): 0 | 1;
  /** {@link serviceWithdraw} of a peer message. */
  serviceWithdrawMessage(service: Handle, messageId: number): 0 | 1;
  /** Why there is no connection, a line per attempt; empty if all is well. See `lastFailure` in cpp/client/client.hpp. */
  serviceLastFailure(service: Handle): string;
  serviceRenewToken(service: Handle, token: string | null): number;
  serviceSend(
    service: Handle,
    peerId: string | null,
    messageId: number,
    type: number,
    text: string,
    raw: Uint8Array | undefined,
    flags: number,
    media: readonly string[] | undefined,
  ): number;
  /** {@link serviceSend} of a text; handle, message id and flags are in `columns.arguments`. */
  serviceSendText(peerId: string | null, text: string): number;
  /**
   * Hands the sends of this turn to the I/O thread. Otherwise sends wait for 256 KiB, a request, the logout or the
   * release.
   */
  serviceFlush(service: Handle, alone: 0 | 1): void;
  serviceSetParameters(service: Handle, parameters: string | null): number;
  serviceSetLogFile(service: Handle, path: string | null): number;
  serviceSetLogFilter(service: Handle, filter: number): number;
  serviceSetLogFileSize(service: Handle, kiloBytes: number): number;

  /** Id of a new file or image message; 0: refused. */
  createMediaMessage(service: Handle, mediaId: string | null): number;

  createChannel(service: Handle, channelId: string | null): Handle;
  channelJoin(channel: Handle): number;
  channelLeave(channel: Handle): number;
  channelSend(
    channel: Handle,
    messageId: number,
    type: number,
    text: string,
    raw: Uint8Array | undefined,
    flags: number,
    media: readonly string[] | undefined,
  ): number;
  /** {@link channelSend} of a text; handle, message id and flags are in `columns.arguments`. */
  channelSendText(text: string): number;
  /** {@link NativeEnvironment.serviceWithdraw} of a channel message. */
  channelWithdraw(channel: Handle, messageId: number): 0 | 1;
  channelGetMembers(channel: Handle): number;
  channelRelease(channel: Handle): void;

  /** The call manager of a service, made at the first call; 0: not initialised. */
  createCallManager(service: Handle): Handle;
  /** Ends its invitations without events. */
  callManagerRelease(manager: Handle): void;
  /** A caller's invitation; 0: bad id. */
  createInvitation(manager: Handle, calleeId: string | null): Handle;
  invitationSend(invitation: Handle, content: string, channelId: string): number;
  invitationCancel(invitation: Handle): number;
  invitationRelease(invitation: Handle): void;
  /** Accepts or refuses the callee's invitation of that number; ALREADY_END if that invitation is not known. */
  remoteInvitationAnswer(manager: Handle, number: number, accept: boolean, response: string): number;

  /** Starts on a thread of its own; a ServerStarted event follows. */
  startServer(options: NativeServerOptions): Handle;
  /** Closes on a thread of its own; a ServerClosed event follows. */
  closeServer(server: Handle): void;
  /** Frees what is left of a server that did not start, or that is closed. */
  releaseServer(server: Handle): void;
  // Commands to a server. A ServerDone event with the number `request` follows, unless the server closes before.
  serverBan(server: Handle, request: number, appId: string, userId: string, untilMs: number): void;
  serverUnban(server: Handle, appId: string, userId: string): void;
  serverDisconnect(server: Handle, request: number, appId: string, userId: string): void;
  serverKick(server: Handle, request: number, appId: string, channelId: string, userId: string): void;
  /** A description of the problem; empty if the rules count now. */
  serverSetRules(server: Handle, request: number, appId: string, rules: { rules: readonly NativeRule[] }): string;
  /** A description of the problem; empty if the server drains now. */
  serverDrain(server: Handle, request: number, endpoints: readonly string[], overMs: number): string;
  /** A description of the problem with the pair; empty if the pair is in use now. */
  serverReloadCertificate(server: Handle, certificatePem: string, keyPem: string): string;
  serverFingerprint(server: Handle): string;
  /** Operations that the server asks of JavaScript (lib/server/bridge); undefined if none wait. */
  serverTakeOperations(server: Handle): ArrayBuffer | undefined;
  serverAnswer(server: Handle, batch: Uint8Array): void;
  /** The numbers of `ServerStats`, packed (lib/server/stats/stats.ts); undefined if it is not running. */
  serverStats(server: Handle): number[] | undefined;
  /** The bytes of the Apps and of at most `most` users, and channels (lib/server/stats/usage.ts); undefined if it is not running. */
  serverUsage(server: Handle, most: number): NativeUsage | undefined;
}

/** Says whether it keeps the process alive, as the handles of Node do. */
export interface OpenHandle {
  hasRef(): boolean;
}

/** The exports of the addon. */
export interface NativeAddon {
  /**
   * Makes the environment. `pump` is called on this thread when events wait; `columns` is what `drain` fills. `handle`
   * stands for the environment where a program looks at its open handles (async_hooks).
   */
  open(pump: () => void, columns: Columns, handle: OpenHandle): NativeEnvironment;
  /** Takes the exclusive flock of an open file, which ends with the descriptor; false if another process has it. */
  tryLock(descriptor: number): boolean;
  /** Names and numbers of the event kinds, for the test that compares them with decode.ts. */
  readonly eventKinds: Readonly<Record<string, number>>;
  /** Names and numbers of the operations of server/bridge, likewise. */
  readonly bridgeOperations: Readonly<Record<string, number>>;
}
