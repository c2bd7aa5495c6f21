// Many users who write to each other, talk in channels, set attributes and query presence, and a record of all of it.
import { type Channel, type RtmClient, RtmError } from 'rtm-native';
import { expect } from 'vitest';
import { within } from '../../integration/client-world.js';
import { Line } from '../traffic.js';
import { abreast } from './server-nodes.js';

/** Calls a second, by all users together. */
export interface CrowdRates {
  readonly peer: number;
  readonly channel: number;
  /** Writes of attributes, presence queries, member counts. */
  readonly others: number;
}

interface Failure {
  readonly what: string;
  readonly userId: string;
  readonly reason: string;
}

class Person {
  readonly joined: string[] = [];
  readonly left: string[] = [];
  readonly toPartner = new Line();
  /** Messages heard in the room, by sender. */
  readonly heard = new Map<string, number[]>();
  room: Channel | undefined;
  said = 0;

  constructor(
    readonly client: RtmClient,
    readonly roomId: string,
  ) {}
}

export class Crowd {
  readonly people: Person[];
  /** Results of all calls except peer sends, which have lines. */
  readonly failures: Failure[] = [];
  calls = 0;
  /** How long each peer send waited for its result, ms. */
  readonly sendTimes: number[] = [];
  readonly #pending = new Set<Promise<unknown>>();
  readonly #timers: NodeJS.Timeout[] = [];

  /** The users of `clients` sit in rooms of `roomSize`, neighbours of the list together. */
  constructor(clients: readonly RtmClient[], roomSize: number) {
    this.people = clients.map((client, index) => new Person(client, `room${Math.floor(index / roomSize)}`));
    const byName = new Map(this.people.map((person) => [person.client.userId, person]));
    for (const { client } of this.people) {
      client.on('message', ({ from, text }) => byName.get(from)?.toPartner.hear(text));
    }
  }

  /** All join their rooms. */
  async join(): Promise<void> {
    await abreast(this.people, 50, async (person) => {
      const room = await person.client.join(person.roomId);
      person.room = room;
      room.on('memberJoined', ({ userId }) => person.joined.push(userId));
      room.on('memberLeft', ({ userId }) => person.left.push(userId));
      room.on('message', ({ from, text }) => {
        const heard = person.heard.get(from) ?? [];
        person.heard.set(from, heard);
        heard.push(Number(text));
      });
    });
    const expected = new Map<string, number>();
    for (const { roomId } of this.people) expected.set(roomId, (expected.get(roomId) ?? 0) + 1);
    const told = () => this.people.every(({ room, roomId }) => room?.memberCount === expected.get(roomId));
    await expect.poll(told, { timeout: 20_000, interval: 50 }).toBe(true);
    for (const person of this.people) {
      person.joined.length = 0;
      person.left.length = 0;
    }
  }

  start({ peer, channel, others }: CrowdRates): void {
    const { people } = this;
    const partner = (index: number) => people[(index + 1 + Math.floor(people.length / 2)) % people.length] as Person;
    this.#repeat(peer, (index) => {
      const to = partner(index).client.userId;
      const { client, toPartner } = people[index] as Person;
      const begun = performance.now();
      toPartner.say((text) =>
        client.sendToPeer(to, text).finally(() => this.sendTimes.push(performance.now() - begun)),
      );
    });
    this.#repeat(channel, (index) => {
      const person = people[index] as Person;
      this.#note('channel', person, person.room?.send(String(person.said++)));
    });
    this.#repeat(others, (index, turn) => {
      const person = people[index] as Person;
      const { client, room } = person;
      if (turn % 4 === 0) this.#note('set', person, client.attributes.set({ mood: String(turn) }));
      else if (turn % 4 === 1) this.#note('query', person, client.presence.query([partner(index).client.userId]));
      else if (turn % 4 === 2) this.#note('members', person, room?.members());
      else this.#note('get', person, client.attributes.get(partner(index).client.userId));
    });
  }

  /** All users in turn, `rate` a second. */
  #repeat(rate: number, call: (index: number, turn: number) => void): void {
    const since = performance.now();
    let turn = 0;
    // A prime, so that users of all rooms and nodes take turns.
    const next = () => (turn * 101) % this.people.length;
    this.#timers.push(
      setInterval(() => {
        for (; turn < ((performance.now() - since) / 1000) * rate; turn++) call(next(), turn);
      }, 10),
    );
  }

  #note(what: string, { client }: Person, call: Promise<unknown> | undefined): void {
    this.calls++;
    const done = Promise.resolve(call).catch((error: unknown) => {
      const reason = error instanceof RtmError ? error.code : String(error);
      this.failures.push({ what, userId: client.userId, reason });
    });
    this.#pending.add(done);
    void done.then(() => this.#pending.delete(done));
  }

  /** Stops all sending and waits until every send has its result. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const answers = [...this.#pending, ...this.people.map(({ toPartner }) => toPartner.answered())];
    await within('every call has its answer', Promise.all(answers), 30_000);
  }

  /** Each user sends a last message to its partner and to its room, and waits until both are heard. */
  async settle(): Promise<void> {
    const { people } = this;
    const half = 1 + Math.floor(people.length / 2);
    await abreast(people, 100, async (person) => {
      const to = people[(people.indexOf(person) + half) % people.length] as Person;
      person.toPartner.say((text) => person.client.sendToPeer(to.client.userId, text));
      await person.toPartner.lastHeard(`the last of ${person.client.userId}`);
      await person.toPartner.answered();
    });
  }

  get sent(): number {
    return this.people.reduce((sum, { toPartner }) => sum + toPartner.said, 0);
  }

  /** The failures of peer sends. */
  get failedSends(): Failure[] {
    return this.people.flatMap(({ client, toPartner }) =>
      [...toPartner.results]
        .filter(([, result]) => result !== 'ok')
        .map(([, reason]) => ({ what: 'peer', userId: client.userId, reason })),
    );
  }

  /** Checks that every peer message came once, in order, and that every member heard rising numbers from each speaker. */
  expectOrder(): void {
    for (const { client, toPartner } of this.people) toPartner.expectAll(`of ${client.userId}`);
    for (const { client, heard } of this.people) {
      for (const [from, numbers] of heard) {
        const disorder = numbers.findIndex((number, index) => index > 0 && number <= (numbers[index - 1] as number));
        expect(disorder, `${client.userId} heard of ${from}: ${numbers}`).toBe(-1);
      }
    }
  }

  /** How many channel messages members did not hear. */
  missed(): number {
    let missed = 0;
    for (const person of this.people) {
      for (const other of this.people) {
        if (other === person || other.roomId !== person.roomId) continue;
        missed += other.said - (person.heard.get(other.client.userId)?.length ?? 0);
      }
    }
    return missed;
  }
}

/** How often each reason occurs. */
export function tally(failures: readonly Failure[]): string {
  const counts = new Map<string, number>();
  for (const { what, reason } of failures) counts.set(`${what} ${reason}`, (counts.get(`${what} ${reason}`) ?? 0) + 1);
  return [...counts].map(([what, count]) => `${count} × ${what}`).join(', ') || 'none';
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
