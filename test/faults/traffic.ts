// Two users who write to each other and to a channel while faults happen to one of them, and a record of messages sent,
// results and messages heard.
import { type Channel, type MemberNotice, type PresenceNotice, type RtmClient, RtmError } from 'rtm-native';
import { expect } from 'vitest';
import { within } from '../integration/client-world.js';

/** The outcome of each message of one side, by its number. */
export class Line {
  readonly results = new Map<number, string>();
  readonly heard: number[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #waiting: { number: number; resolve: () => void }[] = [];
  #next = 0;

  say(send: (text: string) => Promise<unknown>): void {
    const number = this.#next++;
    const sent = send(String(number)).then(
      () => void this.results.set(number, 'ok'),
      (error: unknown) => void this.results.set(number, error instanceof RtmError ? error.code : String(error)),
    );
    this.#pending.add(sent);
    void sent.then(() => this.#pending.delete(sent));
  }

  hear(text: string | undefined): void {
    const number = Number(text);
    this.heard.push(number);
    for (const waiting of this.#waiting.filter((each) => each.number === number)) waiting.resolve();
  }

  /** Resolves when the last sent message has been heard. */
  async lastHeard(what: string): Promise<void> {
    const number = this.#next - 1;
    if (this.heard.includes(number)) return;
    await within(what, new Promise<void>((resolve) => this.#waiting.push({ number, resolve })), 20_000);
  }

  async answered(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  get said(): number {
    return this.#next;
  }

  with(result: string): number[] {
    return [...this.results].filter(([, each]) => each === result).map(([number]) => number);
  }

  /** No message twice, none before an older one. */
  expectOrder(what: string): void {
    const at = this.heard.findIndex((number, i) => i > 0 && number <= this.heard[i - 1]!);
    if (at === -1) return;
    const number = this.heard[at]!;
    const before = this.heard.indexOf(number) < at ? 'heard before, too' : 'not heard before';
    expect.fail(
      `${what}: ${number} (${this.results.get(number) ?? 'no result'}; ${before}) after ${this.heard[at - 1]}; ` +
        `heard: ${this.heard.slice(Math.max(0, at - 20), at + 20).join(' ')}`,
    );
  }

  /** Checks that a "delivered" message was heard, and an "unreachable" message was not. */
  expectTruth(what: string): void {
    this.expectOrder(what);
    const heard = new Set(this.heard);
    expect(
      this.with('ok').filter((number) => !heard.has(number)),
      `${what}: delivered, not heard`,
    ).toEqual([]);
    const never = this.with('ERR_RTM_PEER_UNREACHABLE').filter((number) => heard.has(number));
    expect(never, `${what}: unreachable, yet heard`).toEqual([]);
  }

  /** Every one, once, in order. */
  expectAll(what: string): void {
    this.expectOrder(what);
    const missing = Array.from({ length: this.said }, (_, number) => number).filter(
      (each) => !this.heard.includes(each),
    );
    expect(
      missing.map((number) => `${number}: ${this.results.get(number) ?? 'no result'}`),
      `${what}: not heard`,
    ).toEqual([]);
    expect(this.heard.length, `${what}: heard of ${this.said}`).toBe(this.said);
  }
}

export interface Rates {
  /** Peer messages a second, in each direction. */
  readonly peer: number;
  /** Channel messages a second, by each of the two. */
  readonly channel: number;
}

export class Traffic {
  readonly toMoved = new Line();
  readonly fromMoved = new Line();
  readonly channelToMoved = new Line();
  readonly channelFromMoved = new Line();
  /** Membership events about the moved user, of each other member of the channel. */
  readonly members: string[][] = [];
  /** Presence of the moved user, as reported to the other user after the first state. */
  readonly presence: string[] = [];
  readonly moved: RtmClient;
  readonly still: RtmClient;
  #timer: NodeJS.Timeout | undefined;
  #rooms: [Channel, Channel] | undefined;

  /** `moved` is the user to whom faults happen. */
  constructor(moved: RtmClient, still: RtmClient) {
    this.moved = moved;
    this.still = still;
    moved.on('message', ({ text }) => this.toMoved.hear(text));
    still.on('message', ({ text }) => this.fromMoved.hear(text));
  }

  async join(channelId: string, others: readonly RtmClient[] = []): Promise<void> {
    const rooms = await Promise.all([this.moved, this.still, ...others].map((each) => each.join(channelId)));
    const [movedRoom, ...stillRooms] = rooms as [Channel, ...Channel[]];
    this.#rooms = [movedRoom, stillRooms[0]!];
    movedRoom.on('message', ({ text, from }) => {
      if (from === this.still.userId) this.channelToMoved.hear(text);
    });
    stillRooms[0]?.on('message', ({ text, from }) => {
      if (from === this.moved.userId) this.channelFromMoved.hear(text);
    });
    for (const room of stillRooms) {
      const events: string[] = [];
      this.members.push(events);
      const note = (what: string) => (notice: MemberNotice) => {
        if (notice.userId === this.moved.userId) events.push(what);
      };
      room.on('memberLeft', note('left'));
      room.on('memberJoined', note('joined'));
    }
    const seen = new Promise<void>((resolve) => {
      this.still.on('presence', ({ changes }: PresenceNotice) => {
        for (const { userId, state } of changes) if (userId === this.moved.userId) this.presence.push(state);
        resolve();
      });
    });
    await this.still.presence.subscribe([this.moved.userId]);
    await within('the first presence', seen);
    // Joins of others may still be on their way to the first ones; only what comes from here on counts.
    await Promise.all(rooms.map((room) => room.members()));
    this.presence.length = 0;
    for (const events of this.members) events.length = 0;
  }

  start({ peer, channel }: Rates): void {
    const since = performance.now();
    const behind = (line: Line, rate: number) => ((performance.now() - since) / 1000) * rate - line.said;
    this.#timer = setInterval(() => {
      const [movedRoom, stillRoom] = this.#rooms!;
      while (behind(this.toMoved, peer) > 0) {
        this.toMoved.say((text) => this.still.sendToPeer(this.moved.userId, text));
        this.fromMoved.say((text) => this.moved.sendToPeer(this.still.userId, text));
      }
      while (behind(this.channelToMoved, channel) > 0) {
        this.channelToMoved.say((text) => stillRoom.send(text));
        this.channelFromMoved.say((text) => movedRoom.send(text));
      }
    }, 5);
  }

  /** Stops sending, and waits until every send has its result. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const lines = [this.toMoved, this.fromMoved, this.channelToMoved, this.channelFromMoved];
    await within('every send has its answer', Promise.all(lines.map((line) => line.answered())), 30_000);
  }

  /** Resolves when the moved user has caught up: one last message goes each way, behind all others. */
  async settle(): Promise<void> {
    await within('connected again', this.moved.whenState('connected'), 30_000);
    this.toMoved.say((text) => this.still.sendToPeer(this.moved.userId, text));
    this.fromMoved.say((text) => this.moved.sendToPeer(this.still.userId, text));
    await Promise.all([this.toMoved.lastHeard('the last to it'), this.fromMoved.lastHeard('the last from it')]);
    await Promise.all([this.toMoved.answered(), this.fromMoved.answered()]);
  }
}
