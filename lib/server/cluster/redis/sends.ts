import { SendFlag } from '../../../common-constants.js';
import { PeerCode } from '../codes.js';
import type { PeerSend } from '../engine.js';
import { EngineError } from '../lanes.js';
import type { News } from '../mailboxes.js';
import { historyOf, lifeOf } from './content.js';
import type { Core } from './core.js';
import { number, text } from './fields.js';
import type { History } from './history.js';
import { keepingKeys, type Scoped, userKeys } from './keys.js';
import type { Replicas } from './replicas.js';
import { sendArguments } from './script-arguments.js';
import type { OwedCall } from './script-calls.js';
import { type StoredShares, storedBytes } from './stored-shares.js';

type SendReply = [code: Buffer, run?: Buffer, bytes?: number, lacks?: number];

/** A send whose result has not come. */
interface PendingSend {
  readonly receiver: Scoped;
  readonly loop: number;
  readonly sessionId: string;
  readonly seq: number;
  readonly at: number;
  readonly keys: readonly string[];
  readonly args: readonly (string | Buffer)[];
  /** The primary that was asked last has the message in the inbox. */
  accepted: boolean;
  /** Keeps the text in the history of its sender; absent if it is not for the history. */
  readonly keepSent: (() => Promise<void>) | undefined;
  /** Resolves when the history of its sender has the text. */
  keeping: Promise<void> | undefined;
  kept: boolean;
  /** The text that the history of the receiver gets with the message; empty: none, or it is counted. */
  record: Buffer;
  readonly appId: string;
  readonly senderId: string;
  /** Bytes that count for its App, because the store may be taking them. */
  reserved: number;
}

const NOTHING = Buffer.alloc(0);
// Results as they come from Redis.
const OK = String(PeerCode.Ok);
const CACHED = String(PeerCode.Cached);
/** After this time no sender waits for the result any more. */
const FORGET_SEND_MS = 60_000;

/** Peer messages that this node's sessions have sent, until their results come: script peer. */
export class Sends {
  readonly #pending = new Map<string, PendingSend>();

  constructor(
    private readonly core: Core,
    private readonly replicas: Replicas,
    private readonly history: History,
    private readonly shares: StoredShares,
    /** Where a session is now, if it is on this node. */
    private readonly loopOf: (sessionId: string) => number | undefined,
  ) {}

  send(op: PeerSend): void {
    const receiver = userKeys(op.appId, op.receiverId);
    const { loop, sessionId } = op.sender;
    const key = `${sessionId}:${op.seq}`;
    const { settings } = this.core;
    const record = historyOf(op);
    const life = lifeOf(op);
    const mayWait = (op.flags & SendFlag.Offline) !== 0;
    const bytes = storedBytes(op.senderId, op.content);
    const bounds = mayWait ? this.shares.boundsOf(op.appId, op.senderId, bytes) : { room: 0, left: 0 };
    const keys = [...receiver.keys, ...keepingKeys(receiver, false, op.senderId)];
    const kept = this.history.keepable(record);
    const args = sendArguments(
      {
        id: receiver.id,
        node: this.core.node,
        loop,
        sessionId,
        seq: op.seq,
        senderId: op.senderId,
        flags: op.flags,
        timeMs: op.serverTimeMs,
        capabilities: op.requiredCapabilities,
        ...bounds,
        historyRecord: kept,
        expiresInMs: life === Number.POSITIVE_INFINITY ? 0 : Math.max(1, life),
        content: Buffer.from(op.content),
      },
      settings,
    );
    const at = performance.now();
    const { appId, senderId, sender, seq } = op;
    const keepSent =
      record.length === 0 ? undefined : () => this.history.keepSent(appId, senderId, sender, seq, record);
    const reserved = mayWait ? bytes : 0;
    if (mayWait) this.shares.reserve(appId, senderId, reserved);
    const state = { accepted: false, keepSent, keeping: undefined, kept: keepSent === undefined, record: kept };
    const send: PendingSend = { receiver, loop, sessionId, seq, at, keys, args, ...state, appId, senderId, reserved };
    this.#pending.set(key, send);
    this.#call(key, send);
  }

  /** Calls the script, also a second time to ask for the state of the send. */
  #call(key: string, send: PendingSend): void {
    send.accepted = false;
    this.core.scripts.call<SendReply>(send.receiver.partition, 'send', send.keys, send.args).then(
      (reply) => this.#replied(key, send, reply),
      (error: unknown) => {
        this.#release(send);
        // If it is not known whether the message will be delivered, the sender waits until its own timeout.
        if (error instanceof EngineError && !error.uncertain) this.#conclude(key, PeerCode.Failure);
      },
    );
  }

  /**
   * The sends of a partition that were accepted and have no result. A primary that took over may not have them, and
   * later sends of the same user must not overtake them.
   */
  owed(partition: number): OwedCall[] {
    const owed: OwedCall[] = [];
    for (const [key, send] of this.#pending) {
      if (send.receiver.partition !== partition || !send.accepted) continue;
      send.accepted = false;
      owed.push({
        request: { script: 'send', keys: send.keys, args: send.args },
        resolve: (reply) => this.#replied(key, send, reply as SendReply),
        // The message was accepted once, so a failure here says nothing.
        reject: () => undefined,
      });
    }
    return owed;
  }

  #replied(key: string, send: PendingSend, [code, run, bytes, lacks]: SendReply): void {
    this.#release(send);
    const { receiver, appId, senderId } = send;
    if (bytes !== undefined) this.shares.stored(receiver.partition, appId, senderId, bytes, lacks === 1);
    const result = String(code);
    if (send.record.length > 0 && (result.startsWith('P') || result === CACHED)) {
      this.history.received(receiver.partition, appId, send.record);
      send.record = NOTHING;
    }
    this.#answered(key, result, String(run));
  }

  #release(send: PendingSend): void {
    if (send.reserved > 0) this.shares.release(send.appId, send.senderId, send.reserved);
    send.reserved = 0;
  }

  /**
   * A primary has answered with the state of a send: a code, or P if the result is still to come. `run`: the run id of
   * the primary.
   */
  #answered(key: string, code: string, run: string): void {
    const send = this.#pending.get(key);
    if (send === undefined || code === '') return;
    if (code.startsWith('P')) {
      send.accepted = true;
      this.#keep(send).catch(() => undefined);
      return;
    }
    const replicated = code === CACHED && this.core.settings.waitReplicas > 0;
    if (!replicated && !this.#mustKeep(send, code)) {
      this.#conclude(key, Number(code));
      return;
    }
    const reached = replicated ? this.replicas.reach(send.receiver.partition, run) : undefined;
    Promise.all([this.#keep(send), reached]).then(
      () => this.#conclude(key, Number(code)),
      (error: unknown) => {
        if (error instanceof EngineError && !error.uncertain) {
          this.#conclude(key, PeerCode.Failure);
          return;
        }
        // Another primary, which does not have the message, may have taken over.
        const late = performance.now() - send.at > this.core.settings.operationTimeoutMs * 2;
        if (!late && !this.core.closed && this.#pending.get(key) === send) this.#call(key, send);
      },
    );
  }

  /** Whether the sender may not hear of its success yet. */
  #mustKeep(send: PendingSend | undefined, code: string): boolean {
    return send !== undefined && !send.kept && (code === OK || code === CACHED);
  }

  /** Resolves when the history of the sender has the text, if it is for the history. */
  #keep(send: PendingSend): Promise<void> {
    if (send.keepSent === undefined) return Promise.resolve();
    send.keeping ??= send.keepSent().then(
      () => {
        send.kept = true;
      },
      (error: unknown) => {
        send.keeping = undefined;
        throw error;
      },
    );
    return send.keeping;
  }

  #conclude(key: string, code: number): void {
    const send = this.#pending.get(key);
    if (send === undefined || this.core.closed) return;
    this.#pending.delete(key);
    const loop = this.loopOf(send.sessionId) ?? send.loop;
    this.core.news.sendResults({ loop, sessionId: send.sessionId }, send.seq, 1, code);
  }

  handle(news: News): void {
    const sessionId = text(news, 2);
    const [first, count, code] = [number(news, 3), number(news, 4), number(news, 5)];
    if (String(code) === CACHED && this.core.settings.waitReplicas > 0) {
      for (let seq = first; seq < first + count; seq++) this.#answered(`${sessionId}:${seq}`, CACHED, text(news, 6));
      return;
    }
    const loop = this.loopOf(sessionId) ?? number(news, 1);
    let begin = first;
    const tell = (end: number) => {
      if (end > begin) this.core.news.sendResults({ loop, sessionId }, begin, end - begin, code);
      begin = end + 1;
    };
    for (let seq = first; seq < first + count; seq++) {
      const key = `${sessionId}:${seq}`;
      if (this.#mustKeep(this.#pending.get(key), String(code))) {
        tell(seq);
        this.#answered(key, String(code), text(news, 6));
      } else {
        this.#pending.delete(key);
      }
    }
    tell(first + count);
  }

  /** The questions for `resync` about open sends, after lost news. */
  questions(partition: number): string[] {
    const ask: string[] = [];
    for (const [key, send] of this.#pending) {
      if (send.receiver.partition === partition) ask.push('r', send.receiver.id, key);
    }
    return ask;
  }

  state(answer: readonly unknown[]): void {
    const [, key, code, run] = answer as [Buffer, Buffer, Buffer, Buffer];
    const send = this.#pending.get(String(key));
    // A failover has lost the message.
    if (code.length === 0 && send?.accepted) this.#call(String(key), send);
    this.#answered(String(key), String(code), String(run));
  }

  tick(): void {
    const oldest = performance.now() - FORGET_SEND_MS;
    for (const [key, send] of this.#pending) {
      if (send.at > oldest) return;
      this.#pending.delete(key);
    }
  }
}
