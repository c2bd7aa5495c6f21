// Packed columns → events. The other side of `cpp/binding/event_kinds.hpp`: the same kinds, the same order of fields.
import { LOCAL_CALL, REMOTE_CALLS } from './decode-invitations.js';
import type { Columns } from './environment.js';
import {
  type ChannelSink,
  EventKind,
  type MessageSink,
  type PlainResultKind,
  type ServerSink,
  type ServiceSink,
  type Sink,
  type Sinks,
} from './event-kinds.js';
import {
  type ChannelAttribute,
  type MediaMessage,
  MessageType,
  type PeerStatus,
  type TransferProgress,
} from './values.js';

/** Where the reader gets what does not fit into the columns. */
export interface Slabs {
  bytes(): ArrayBuffer;
  ownBuffer(index: number): ArrayBuffer;
}

/** Words before the first record: events, words, bytes, own buffers. */
export const HEADER_WORDS = 4;
/** In a payload field: the rest is the number of an own buffer; without it, the end in the byte slab. */
const OWN_BUFFER = 0x80000000;
/** In the first word of a message: beside its type. */
const OFFLINE = 0x100;
/** The number of `PEER_ONLINE_STATE` for a user who is logged in and heard of. */
const ONLINE = 0;

/**
 * Reads the records of one batch, one {@link next} each. All fields of a record are read before its sink is called, so
 * that a sink that throws leaves the reader at the next record.
 */
export class BatchReader {
  /** Events not read yet. */
  left = 0;
  readonly #columns: Columns;
  readonly #slabs: Slabs;
  #words: Uint32Array;
  #numbers: Float64Array;
  #text = '';
  #bytes: ArrayBuffer | undefined;
  /** Positions in words, numbers, text and bytes. */
  #w = 0;
  #n = 0;
  #t = 0;
  #b = 0;
  /** User ids by slot; see {@link EventKind.UserName}. */
  readonly #users: string[] = [];

  constructor(columns: Columns, slabs: Slabs) {
    this.#columns = columns;
    this.#slabs = slabs;
    this.#words = columns.words;
    this.#numbers = columns.numbers;
  }

  /** Begins with the batch that was just drained into the columns; `text` is its string slab. */
  load(text: string): void {
    this.#words = this.#columns.words;
    this.#numbers = this.#columns.numbers;
    this.#text = text;
    this.left = this.#words[0] as number;
    this.#bytes = this.#words[2] !== 0 ? this.#slabs.bytes() : undefined;
    this.#w = HEADER_WORDS;
    this.#n = 0;
    this.#t = 0;
    this.#b = 0;
  }

  /** Forgets the batch, so that nothing but kept messages holds its slabs. */
  unload(): void {
    this.#text = '';
    this.#bytes = undefined;
  }

  /** Delivers one event; only while {@link left} is above 0. */
  next(sinks: Sinks): void {
    this.left--;
    const kind = this.word();
    const handle = this.word();
    if (kind === EventKind.UserName) {
      this.#nameUser();
      return;
    }
    if (kind === EventKind.Log && handle === 0) {
      const level = this.word();
      sinks.onClientLog(level, this.string());
      return;
    }
    const decode = DECODERS[kind];
    if (decode === undefined) this.#unknown(kind);
    else decode(this, sinks.get(handle));
  }

  word(): number {
    return this.#words[this.#w++] as number;
  }

  number(): number {
    return this.#numbers[this.#n++] as number;
  }

  string(): string {
    const start = this.#t;
    this.#t = this.#words[this.#w++] as number;
    return this.#text.slice(start, this.#t);
  }

  user(): string {
    return this.#users[this.#words[this.#w++] as number] as string;
  }

  payload(): Buffer {
    const end = this.word();
    if (end >= OWN_BUFFER) return Buffer.from(this.#slabs.ownBuffer(end - OWN_BUFFER));
    const start = this.#b;
    this.#b = end;
    return this.#bytes ? Buffer.from(this.#bytes, start, end - start) : Buffer.alloc(0);
  }

  /** Reads a message and hands it to `sink`, if there is one. */
  message(userId: string, sink: MessageSink | undefined): void {
    const bits = this.word();
    const type = bits & 0xff;
    const id = this.number();
    const ts = this.number();
    const text = this.string();
    const offline = (bits & OFFLINE) !== 0;
    if (type === MessageType.File || type === MessageType.Image) {
      const message = this.#media(type, id, text, ts, offline);
      sink?.onMediaMessage(userId, message);
      return;
    }
    const raw = type === MessageType.Raw ? this.payload() : undefined;
    sink?.onMessage(userId, id, type as 1 | 2, text, raw, ts, offline);
  }

  /** Reads a message that must be a file or an image. */
  mediaMessage(): MediaMessage {
    const bits = this.word();
    const id = this.number();
    const ts = this.number();
    const text = this.string();
    return this.#media((bits & 0xff) as MediaMessage['type'], id, text, ts, (bits & OFFLINE) !== 0);
  }

  #media(
    type: MediaMessage['type'],
    id: number,
    text: string,
    serverReceivedTs: number,
    offline: boolean,
  ): MediaMessage {
    return {
      type,
      id,
      text,
      serverReceivedTs,
      offline,
      mediaId: this.string(),
      fileName: this.string(),
      size: this.number(),
      thumbnail: this.payload(),
      width: this.word(),
      height: this.word(),
      thumbnailWidth: this.word(),
      thumbnailHeight: this.word(),
    };
  }

  /** A list of what `item` reads. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let count = this.word(); count > 0; count--) items.push(item());
    return items;
  }

  channelAttributes(): ChannelAttribute[] {
    return this.list(() => ({
      key: this.string(),
      value: this.string(),
      lastUpdateUserId: this.string(),
      lastUpdateTs: this.number(),
    }));
  }

  peerStates(): PeerStatus[] {
    return this.list(() => {
      const peerId = this.string();
      const onlineState = this.word() as PeerStatus['onlineState'];
      return { peerId, isOnline: onlineState === ONLINE, onlineState };
    });
  }

  progress(): TransferProgress {
    return { totalSize: this.number(), currentSize: this.number() };
  }

  /** How the result of a request begins. */
  result(): { code: number; requestId: number } {
    return { code: this.word(), requestId: this.number() };
  }

  #nameUser(): void {
    const slot = this.word();
    // A copy: a slice would keep the whole slab alive for as long as the slot lives. User ids are ASCII.
    this.#users[slot] = Buffer.from(this.string(), 'latin1').toString('latin1');
  }

  /** The positions of all later records of the batch are unknown too: the addon and this file do not belong together. */
  #unknown(kind: number): never {
    this.left = 0;
    throw new Error(`event kind ${kind} is not known: the addon is of another version than its JavaScript`);
  }
}

/** Reads the fields of one kind of event and hands them to its sink, if that is still there. */
export type Decoder<S> = (reader: BatchReader, sink: S | undefined) => void;

/** Every event of a service. */
const SERVICE: Partial<Record<EventKind, Decoder<ServiceSink>>> = {
  [EventKind.LoginSuccess]: (_reader, sink) => sink?.onLoginSuccess(),
  [EventKind.LoginFailure]: (reader, sink) => {
    const code = reader.word();
    sink?.onLoginFailure(code);
  },
  [EventKind.RenewTokenResult]: (reader, sink) => {
    const code = reader.word();
    const token = reader.string();
    sink?.onRenewTokenResult(token, code);
  },
  [EventKind.TokenExpired]: (_reader, sink) => sink?.onTokenExpired(),
  [EventKind.TokenWillExpire]: (_reader, sink) => sink?.onTokenWillExpire(),
  [EventKind.Logout]: (reader, sink) => {
    const code = reader.word();
    sink?.onLogout(code);
  },
  [EventKind.ConnectionState]: (reader, sink) => {
    const state = reader.word();
    const reason = reader.word();
    sink?.onConnectionState(state, reason);
  },
  [EventKind.PeerSendResult]: (reader, sink) => {
    const code = reader.word();
    const messageId = reader.number();
    sink?.onPeerSendResult(messageId, code);
  },
  [EventKind.PeerMessage]: (reader, sink) => {
    const user = reader.user();
    reader.message(user, sink);
  },
  [EventKind.LinkEstablished]: (reader, sink) => {
    const how = reader.word();
    const complete = reader.word() !== 0;
    const ms = reader.number();
    const server = reader.string();
    sink?.onLinkEstablished(how, complete, ms, server);
  },
};

/** Results of requests, which start with code and request id, and what comes of subscriptions. */
const REQUESTS: Partial<Record<EventKind, Decoder<ServiceSink>>> = {
  [EventKind.QueryPeers]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const states = reader.peerStates();
    sink?.onQueryPeers(requestId, states, code);
  },
  [EventKind.PeersBySubscription]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const peerIds = reader.list(() => reader.string());
    sink?.onPeersBySubscription(requestId, peerIds, code);
  },
  [EventKind.PeersChanged]: (reader, sink) => {
    const states = reader.peerStates();
    sink?.onPeersChanged(states);
  },
  [EventKind.UserAttributes]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const userId = reader.string();
    const attributes = reader.list(() => ({ key: reader.string(), value: reader.string() }));
    sink?.onUserAttributes(requestId, userId, attributes, code);
  },
  [EventKind.ChannelAttributesResult]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const attributes = reader.channelAttributes();
    sink?.onChannelAttributesResult(requestId, attributes, code);
  },
  [EventKind.MemberCounts]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const counts = reader.list(() => ({ channelId: reader.string(), count: reader.word() }));
    sink?.onMemberCounts(requestId, counts, code);
  },
  [EventKind.HistoryResult]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const total = reader.word();
    const messages = reader.list(() => ({
      source: reader.string(),
      destination: reader.string(),
      channel: reader.word() !== 0,
      serverReceivedTs: reader.number(),
      text: reader.string(),
    }));
    sink?.onHistoryResult(requestId, messages, total, code);
  },
  [EventKind.UploadProgress]: (reader, sink) => {
    const requestId = reader.number();
    const progress = reader.progress();
    sink?.onUploadProgress(requestId, progress);
  },
  [EventKind.DownloadProgress]: (reader, sink) => {
    const requestId = reader.number();
    const progress = reader.progress();
    sink?.onDownloadProgress(requestId, progress);
  },
  [EventKind.DownloadToMemory]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const memory = reader.payload();
    sink?.onDownloadToMemory(requestId, memory, code);
  },
  [EventKind.Upload]: (reader, sink) => {
    const { code, requestId } = reader.result();
    const message = reader.mediaMessage();
    sink?.onUpload(requestId, message, code);
  },
};

function plainResult(kind: PlainResultKind): Decoder<ServiceSink> {
  return (reader, sink) => {
    const { code, requestId } = reader.result();
    sink?.onPlainResult(kind, requestId, code);
  };
}
for (let kind = EventKind.Subscription as number; kind <= EventKind.CancelMedia; kind++) {
  REQUESTS[kind as PlainResultKind] = plainResult(kind as PlainResultKind);
}

/** Every event of a channel. */
const CHANNEL: Partial<Record<EventKind, Decoder<ChannelSink>>> = {
  [EventKind.JoinSuccess]: (_reader, sink) => sink?.onJoinSuccess(),
  [EventKind.JoinFailure]: (reader, sink) => {
    const code = reader.word();
    sink?.onJoinFailure(code);
  },
  [EventKind.Leave]: (reader, sink) => {
    const code = reader.word();
    sink?.onLeave(code);
  },
  [EventKind.ChannelSendResult]: (reader, sink) => {
    const code = reader.word();
    const messageId = reader.number();
    sink?.onChannelSendResult(messageId, code);
  },
  [EventKind.ChannelMessage]: (reader, sink) => {
    const user = reader.user();
    reader.message(user, sink);
  },
  [EventKind.MemberJoined]: (reader, sink) => {
    const user = reader.user();
    sink?.onMemberJoined(user);
  },
  [EventKind.MemberLeft]: (reader, sink) => {
    const user = reader.user();
    sink?.onMemberLeft(user);
  },
  [EventKind.Members]: (reader, sink) => {
    const code = reader.word();
    const members = reader.list(() => reader.string());
    sink?.onMembers(members, code);
  },
  [EventKind.ChannelAttributes]: (reader, sink) => {
    const attributes = reader.channelAttributes();
    sink?.onChannelAttributes(attributes);
  },
  [EventKind.MemberCount]: (reader, sink) => {
    const count = reader.word();
    sink?.onMemberCount(count);
  },
};

/** Every event of a server. */
const SERVER: Partial<Record<EventKind, Decoder<ServerSink>>> = {
  [EventKind.ServerStarted]: (reader, sink) => {
    const port = reader.word();
    const fingerprint = reader.string();
    const failure = reader.string();
    sink?.onServerStarted(port, fingerprint, failure);
  },
  [EventKind.ServerClosed]: (_reader, sink) => sink?.onServerClosed(),
  [EventKind.ServerDone]: (reader, sink) => {
    const outcome = reader.word();
    const request = reader.number();
    sink?.onServerDone(request, outcome !== 0);
  },
  [EventKind.ServerOrders]: (_reader, sink) => sink?.onServerOrders(),
  [EventKind.Log]: (reader, sink) => {
    const level = reader.word();
    const line = reader.string();
    sink?.onLog(level, line);
  },
};

/** By kind. The kinds of a handle's events fit its sink, since the addon pairs them. */
const DECODERS: (Decoder<Sink> | undefined)[] = [];
for (const decoders of [SERVICE, REQUESTS, CHANNEL, SERVER, LOCAL_CALL, REMOTE_CALLS]) {
  for (const [kind, decode] of Object.entries(decoders)) DECODERS[Number(kind)] = decode as Decoder<Sink>;
}
