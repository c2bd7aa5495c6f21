// A user that is at all of its legal limits at once, for what it costs the server. It keeps to the SDK's table but for the
// call frequencies of attributes and subscriptions, which would only make it slower to get there.
import { content, encoded, RawClient } from './wire.mjs';

const LARGE_TEXT = 'x'.repeat(30_000);
const VALUE = 'x'.repeat(8000);
/** SDK 1.5.0 (docs/spec/limits.md), and what a channel keeps for its members. */
const TABLE = { channels: 20, kept: 32, watches: 512, transfers: 9, bodyBytes: 30 * 1024 * 1024, queries: 16 };
/** Of one caller at one callee, and of all (docs/decisions/016-lasting-quotas.md). */
const INVITATIONS = { ofPair: 64, callees: 4 };
/** More than an inbox takes. */
const UNREAD = 320;
/** More than one user may have, each. */
const MOST_STORED = 1500;
const MOST_WRITES = 1200;

/** Calls with a number each, one after the other. */
class Caller {
  #request = 0;
  #sends = 0;

  /** @param {RawClient} client */
  constructor(client) {
    this.client = client;
  }

  /**
   * Sends a request and waits for its answer.
   * @param {string} name
   * @param {object} message
   */
  ask(name, message, answer = 'Result') {
    const came = this.client.next(answer);
    this.client.send(name, { request_id: ++this.#request, ...message });
    return came;
  }

  /**
   * Sends a message. Its result is told later, or never while its receiver does not answer.
   * @param {string} name
   * @param {object} message
   * @param {object} text
   */
  send(name, message, text = { type: 1, text: LARGE_TEXT }) {
    const body = content({ message_id: 1, ...text });
    this.client.write(encoded(name, { seq: ++this.#sends, ...message, content: body }));
  }

  /** The server has taken all that was sent. */
  async settled() {
    const came = this.client.next('Pong');
    this.client.send('Ping', { token: 1 });
    await came;
  }
}

export class FullUser {
  /** @type {Caller} */
  #user;
  /** @type {Caller} */
  #helper;
  #target;
  /** @type {RawClient[]} */
  #transfers = [];

  /**
   * @param {import('./attacks.mjs').Target} target
   * @param {RawClient} user
   * @param {RawClient} helper
   */
  constructor(target, user, helper) {
    this.#target = target;
    this.#user = new Caller(user);
    this.#helper = new Caller(helper);
  }

  /** Logs in a user, and another who sends to it. @param {import('./attacks.mjs').Target} target */
  static async login(target) {
    const login = (/** @type {number} */ index) =>
      RawClient.login(target, { appId: target.appId, ...(target.users[index] ?? { userId: '', token: '' }) });
    const helper = await login(1);
    await new Caller(helper).ask('Join', { channel_id: 'full 0' }, 'JoinResult');
    return new FullUser(target, await login(0), helper);
  }

  /** Everything but the queue of the link, up to each limit or until the server refuses. @returns what was reached */
  async fill() {
    const user = this.#user;
    const { userId } = this.#target.users[0] ?? { userId: '' };
    const reached = {
      channels: 0,
      kept: 0,
      watches: 0,
      transfers: 0,
      invitations: 0,
      unread: UNREAD,
      stored: 0,
      written: 0,
    };
    for (; reached.channels < TABLE.channels; reached.channels++) {
      const { code } = await user.ask('Join', { channel_id: `full ${reached.channels}` }, 'JoinResult');
      if (code) break;
    }
    const watched = Array.from({ length: TABLE.watches }, (_, index) => `watched ${index}`);
    if (!(await user.ask('PresenceSubscribe', { user_ids: watched })).code) reached.watches = watched.length;
    const own = [0, 1].map((key) => ({ key: `key ${key}`, value: VALUE }));
    await user.ask('UserAttributesWrite', { entries: own });
    for (let callee = 0; callee < INVITATIONS.callees; callee++) {
      for (let each = 0; each < INVITATIONS.ofPair; each++, reached.invitations++) {
        const invitation = { invitation_id: reached.invitations + 1, action: 1, content: VALUE };
        user.send('PeerSend', { peer_id: `callee ${callee}` }, { type: 15, invitation });
      }
    }
    await this.#upload(reached);
    for (let round = 0; round < TABLE.kept; round++) {
      for (let channel = 0; channel < reached.channels; channel++, reached.kept++) {
        user.send('ChannelSend', { channel_id: `full ${channel}` });
      }
      await user.settled();
    }
    // The user reads them and acknowledges none.
    for (let sent = 0; sent < UNREAD; sent++) this.#helper.send('PeerSend', { peer_id: userId });
    await this.#helper.settled();
    for (let each = 0; each < TABLE.queries; each++) {
      user.client.send('HistoryQuery', { request_id: 100_000 + each, source: userId, end_ms: Date.now(), limit: 100 });
    }
    reached.stored = await this.#store();
    for (; reached.written < MOST_WRITES; reached.written++) {
      const entries = [0, 1, 2, 3].map((key) => ({ key: `key ${key}`, value: VALUE }));
      const { code } = await user.ask('ChannelAttributesWrite', { channel_id: `desk ${reached.written}`, entries });
      if (code) break;
    }
    return reached;
  }

  /** Stored messages for others, until one is refused. */
  async #store() {
    for (let sent = 0; sent < MOST_STORED; sent++) {
      const came = this.#user.client.next('SendResults');
      this.#user.send('PeerSend', { peer_id: `absent ${sent % 100}`, flags: 1 });
      const { ranges } = await came;
      const stored = 4; // PEER_MESSAGE_ERR_CACHED_BY_SERVER
      if (ranges[2] !== stored) return sent;
    }
    return MOST_STORED;
  }

  /** Uploads of the largest files, each with a quarter of a megabyte on its way. @param {{ transfers: number }} reached */
  async #upload(reached) {
    for (; reached.transfers < TABLE.transfers; reached.transfers++) {
      const { code, ticket } = await this.#user.ask('MediaUpload', { size: TABLE.bodyBytes }, 'MediaTicket');
      if (code) return;
      const transfer = await RawClient.connect(this.#target);
      this.#transfers.push(transfer);
      transfer.send('Hello', { version: 1 });
      await transfer.next('HelloOk');
      transfer.send('MediaOpen', { ticket });
      await transfer.next('MediaOpened');
      for (let piece = 0; piece < 4; piece++) transfer.send('MediaData', { data: Buffer.alloc(60_000, 1) });
      await transfer.drained();
    }
  }

  stopReading() {
    this.#user.client.stopReading();
  }

  /** A quarter of a megabyte of messages for the user's link. */
  async feed() {
    for (let sent = 0; sent < 8; sent++) this.#helper.send('ChannelSend', { channel_id: 'full 0' });
    await this.#helper.settled();
  }

  end() {
    for (const each of [this.#user.client, this.#helper.client, ...this.#transfers]) each.close();
  }
}
