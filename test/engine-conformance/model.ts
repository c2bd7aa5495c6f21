// The reference: users, channels, messages and attributes as a few maps; and the run of a sequence against both.
import { isDeepStrictEqual } from 'node:util';
import { type Relay, within } from '../integration/client-world.js';
import type { Cluster } from './engines.js';
import { eventually, Witness } from './observe.js';
import { type Operation, ROOMS, USERS } from './operations.js';

/** Messages that may come in any order, except that the messages of one sender keep theirs. */
type Group = readonly string[];

/** One login, and everything that it should have heard by now. */
interface Login {
  readonly witness: Witness;
  readonly relay: Relay;
  readonly peer: Group[];
  readonly rooms: Map<string, Group[]>;
  /** The login hears who joins and leaves. */
  watches: boolean;
}

interface User {
  login?: Login | undefined;
  readonly offline: string[];
  readonly attributes: Map<string, string>;
}

/** Ten heartbeats of these servers: a short delay on a busy machine is no outage. */
const quick = { 'rtm.timing': { outage_ms: 500 } };

/** Codes of calls that failed because of the weather. */
const MAY_HELP_TO_REPEAT = new Set(['ERR_RTM_FAILURE']);

function same(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: expected ${JSON.stringify(plain(expected))}, got ${JSON.stringify(plain(actual))}`);
}

function plain(value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** Whether a log consists of the groups, one after the other. */
function madeOf(log: readonly string[], groups: readonly Group[]): boolean {
  let at = 0;
  for (const group of groups) {
    const part = log.slice(at, at + group.length);
    at += group.length;
    const senders = new Set(group.map((line) => line.split(':', 1)[0]));
    const of = (lines: readonly string[], sender: string | undefined) =>
      lines.filter((line) => line.startsWith(`${sender}:`));
    if (part.length !== group.length) return false;
    for (const sender of senders) if (!isDeepStrictEqual(of(part, sender), of(group, sender))) return false;
  }
  return at === log.length;
}

/** A system under test beside its model. Names get a prefix, so that runs on one cluster do not meet. */
export class Run {
  readonly #users = new Map<string, User>(USERS.map((name) => [name, { offline: [], attributes: new Map() }]));
  readonly #labels = new Map<string, Map<string, string>>(ROOMS.map((name) => [name, new Map()]));
  readonly #cluster: Cluster;
  readonly #prefix: string;
  readonly #patience: number;
  /** Every login so far: what an earlier login heard must stay right. */
  readonly #logins: Login[] = [];
  /** The ended ones among them: for their senders, sends without a result have failed. */
  readonly #over = new Set<Login>();

  /** @param patience ms that a message may take to arrive */
  constructor(cluster: Cluster, prefix: string, patience = 5000) {
    this.#cluster = cluster;
    this.#prefix = prefix;
    this.#patience = patience;
  }

  /**
   * In a storm a call may fail, done or not; repeated until it succeeds, it has the outcome of the model. Messages are
   * not repeated: a message that failed was not sent.
   */
  async #insist<T>(call: () => Promise<T>): Promise<T> {
    for (let left = 20; ; left--) {
      try {
        return await call();
      } catch (error) {
        if (!this.#cluster.stormy || !MAY_HELP_TO_REPEAT.has((error as { code: string }).code) || left === 0)
          throw error;
      }
    }
  }

  /** Runs all operations. Throws at the first difference. */
  async all(operations: readonly Operation[]): Promise<void> {
    try {
      for (const operation of operations) {
        try {
          await this.#step(operation);
        } catch (error) {
          throw new Error(`${JSON.stringify(operation)}: ${(error as Error).message}`, { cause: error });
        }
      }
      await this.#settled();
    } finally {
      await Promise.all(
        [...this.#users.values()].map(({ login }) => login?.witness.client.logout({ timeout: 3000 }).catch(() => {})),
      );
      await Promise.all(this.#logins.map(({ relay }) => relay.close()));
    }
  }

  #name(name: string): string {
    return `${this.#prefix}${name}`;
  }

  #user(name: string): User {
    return this.#users.get(name) as User;
  }

  /** Users in a channel, in the order of USERS. */
  #members(room: string): { name: string; login: Login }[] {
    return [...this.#users].flatMap(([name, { login }]) => (login?.rooms.has(room) ? [{ name, login }] : []));
  }

  async #step(operation: Operation): Promise<void> {
    if (operation.do === 'burst') return this.#burst(operation.room, operation.text);
    const user = this.#user(operation.user);
    if (operation.do === 'login') return this.#login(operation.user);
    const { login } = user;
    if (!login) return;
    const { client } = login.witness;
    const name = this.#name(operation.user);
    switch (operation.do) {
      case 'logout':
        await this.#peerIsRight(login); // what is stored comes again if it was not acknowledged
        // Without a link a logout is the client's alone, and the user stays for the grace time: a call shows that there is one.
        this.#cluster.calm(login.relay);
        await this.#insist(() => client.memberCounts([this.#name(ROOMS[0])]));
        user.login = undefined;
        this.#over.add(login);
        user.attributes.clear();
        return client.logout();
      case 'query': {
        const states = await this.#insist(() => client.presence.query(USERS.map((each) => this.#name(each))));
        const expected = USERS.map((each) => [this.#name(each), this.#user(each).login ? 'online' : 'offline']);
        return same('presence', [...states], expected);
      }
      case 'watch':
        await this.#insist(() => client.presence.subscribe(USERS.map((each) => this.#name(each))));
        login.watches = true;
        return;
      case 'join':
        if (login.rooms.has(operation.room)) return;
        await this.#insist(() => login.witness.join(this.#name(operation.room)));
        login.rooms.set(operation.room, []);
        // A channel that is joined again has a new log.
        login.witness.rooms.get(this.#name(operation.room))?.splice(0);
        return;
      case 'leave':
        if (!login.rooms.has(operation.room)) return;
        await this.#roomIsRight(login, operation.room);
        login.rooms.delete(operation.room);
        return login.witness.channels.get(this.#name(operation.room))?.leave();
      case 'members': {
        if (!login.rooms.has(operation.room)) return;
        const channel = login.witness.channels.get(this.#name(operation.room));
        const members = await this.#insist(async () => channel?.members());
        return same(
          'members',
          members?.sort(),
          this.#members(operation.room)
            .map((each) => this.#name(each.name))
            .sort(),
        );
      }
      case 'count': {
        const counts = await this.#insist(() => client.memberCounts(ROOMS.map((room) => this.#name(room))));
        return same('counts', counts, new Map(ROOMS.map((room) => [this.#name(room), this.#members(room).length])));
      }
      case 'publish':
        if (!login.rooms.has(operation.room)) return;
        if (!(await this.#publish(login, operation.room, operation.text))) return;
        for (const each of this.#members(operation.room))
          if (each.login !== login) each.login.rooms.get(operation.room)?.push([`${name}: ${operation.text}`]);
        return;
      case 'send':
        return this.#send(login, operation);
      case 'tag':
        await this.#insist(() => client.attributes.merge({ [operation.key]: operation.text }));
        user.attributes.set(operation.key, operation.text);
        return;
      case 'label':
        await this.#insist(() =>
          client.channelAttributes(this.#name(operation.room)).merge({ [operation.key]: operation.text }),
        );
        this.#labels.get(operation.room)?.set(operation.key, operation.text);
        return;
      case 'unlabel':
        await this.#insist(() => client.channelAttributes(this.#name(operation.room)).delete([operation.key]));
        this.#labels.get(operation.room)?.delete(operation.key);
        return;
      case 'read':
        return this.#read(client, operation.room);
      case 'outage':
        return this.#outage(operation.user, login, operation.during);
    }
  }

  async #login(name: string): Promise<void> {
    const user = this.#user(name);
    const earlier = user.login;
    if (earlier) await this.#loginIsRight(earlier);
    const relay = await this.#cluster.relay();
    const userId = this.#name(name);
    const witness = new Witness(
      await this.#cluster.login(userId, { endpoints: relay.connectString, parameters: quick }),
    );
    user.attributes.clear();
    user.login = {
      witness,
      relay,
      peer: user.offline.splice(0).map((line) => [line]),
      rooms: new Map(),
      watches: false,
    };
    this.#logins.push(user.login);
    if (!earlier) return;
    this.#over.add(earlier);
    await eventually('the end of the earlier login', () => earlier.witness.ended === 'remoteLogin');
    await earlier.witness.client.logout({ timeout: 3000 });
  }

  async #send(sender: Login, operation: Operation & { do: 'send' }): Promise<void> {
    const { user, to, text, offline } = operation;
    const receiver = this.#user(to);
    const line = `${this.#name(user)}: ${text}`;
    const outcome = await this.#outcome(sender, operation);
    // A message that a store in a storm does not keep is not sent.
    if (this.#cluster.stormy && !receiver.login && offline && outcome === 'ERR_RTM_FAILURE') return;
    if (receiver.login) receiver.login.peer.push([line]);
    else if (offline) receiver.offline.push(`${line} (offline)`);
    same('outcome', outcome, receiver.login ? 'delivered' : offline ? 'cached' : 'ERR_RTM_PEER_UNREACHABLE');
  }

  /** A message to a user without a link: the user gets it when it is back, and only then the sender has a result. */
  async #sendDuringOutage(sender: Login, operation: Operation & { do: 'send' }): Promise<void> {
    const outcome = await this.#outcome(sender, operation);
    // The login of a sender may end in between: of what had left by then nobody knows, and the rest has failed.
    const ended = outcome === 'ERR_RTM_TIMEOUT' || outcome === 'ERR_RTM_FAILURE';
    same(
      'outcome',
      this.#over.has(sender) && ended ? 'the login ended' : outcome,
      this.#over.has(sender) ? 'the login ended' : 'delivered',
    );
  }

  #outcome(sender: Login, { to, text, offline }: Operation & { do: 'send' }): Promise<string> {
    return sender.witness.client.sendToPeer(this.#name(to), text, { offline }).then(
      ({ delivery }) => delivery,
      (error: { code: string }) => error.code,
    );
  }

  async #read(client: Witness['client'], room: string): Promise<void> {
    const labels = await this.#insist(() => client.channelAttributes(this.#name(room)).get());
    const values = new Map([...labels].map(([key, { value }]) => [key, value]).sort() as [string, string][]);
    same('channel attributes', values, new Map([...(this.#labels.get(room) ?? [])].sort()));
    for (const name of USERS) {
      const { login, attributes } = this.#user(name);
      if (!login) continue;
      const read = await this.#insist(() => client.attributes.get(this.#name(name)));
      same(`attributes of ${name}`, new Map([...read].sort()), new Map([...attributes].sort()));
    }
  }

  /** Whether the message was sent. */
  async #publish({ witness }: Login, room: string, text: string): Promise<boolean> {
    try {
      await witness.channels.get(this.#name(room))?.send(text);
      return true;
    } catch (error) {
      if (this.#cluster.stormy && (error as { code: string }).code === 'ERR_RTM_FAILURE') return false;
      throw error;
    }
  }

  /** All members publish at the same time. */
  async #burst(room: string, text: string): Promise<void> {
    const members = this.#members(room);
    const sent = await Promise.all(
      members.flatMap(({ name, login }) =>
        [0, 1, 2].map(async (i) => {
          const line = `${text}.${i}`;
          return (await this.#publish(login, room, line)) ? [{ name, text: line }] : [];
        }),
      ),
    );
    const lines = sent.flat();
    for (const { name, login } of members) {
      const others = lines.filter((line) => line.name !== name).map((line) => `${this.#name(line.name)}: ${line.text}`);
      login.rooms.get(room)?.push(others);
    }
  }

  /** Others go on while a user has no link; then it resumes and has missed nothing. */
  async #outage(name: string, login: Login, during: readonly Operation[]): Promise<void> {
    const { client } = login.witness;
    login.relay.cut();
    await within('reconnecting', client.whenState('reconnecting'));
    const waiting: Promise<void>[] = [];
    const missed: string[] = [];
    login.peer.push(missed);
    for (const operation of during) {
      if ('user' in operation && operation.user === name) continue;
      if (operation.do === 'burst') continue;
      if (operation.do === 'send' && operation.to === name) {
        const sender = this.#user(operation.user).login;
        if (!sender) continue;
        missed.push(`${this.#name(operation.user)}: ${operation.text}`);
        const result = this.#sendDuringOutage(sender, operation);
        result.catch(() => {}); // told below, unless something else fails before
        waiting.push(result);
      } else await this.#step(operation);
    }
    login.relay.mend();
    await within('connected', client.whenState('connected'));
    await within('results of sends during the outage', Promise.all(waiting));
  }

  /** Checks that the last report about each user is true. */
  async #presenceIsRight({ witness, watches }: Login): Promise<void> {
    if (!watches) return;
    const expected = USERS.map((each) => [this.#name(each), this.#user(each).login ? 'online' : 'offline']);
    const told = () => USERS.map((each) => [this.#name(each), witness.states.get(this.#name(each))]);
    await eventually('presence', () => isDeepStrictEqual(told(), expected), this.#patience).catch(() =>
      same(`presence told to ${witness.client.userId}`, told(), expected),
    );
  }

  async #roomIsRight(login: Login, room: string): Promise<void> {
    const log = () => login.witness.room(this.#name(room));
    const groups = login.rooms.get(room) ?? [];
    await eventually('a channel', () => madeOf(log(), groups), this.#patience).catch(() =>
      same(`messages in ${room}`, log(), groups.flat()),
    );
  }

  async #peerIsRight({ witness, peer }: Login): Promise<void> {
    await eventually('peer messages', () => madeOf(witness.peer, peer), this.#patience).catch(() =>
      same(`peer messages of ${witness.client.userId}`, witness.peer, peer.flat()),
    );
  }

  async #loginIsRight(login: Login): Promise<void> {
    await this.#peerIsRight(login);
    for (const room of login.rooms.keys()) await this.#roomIsRight(login, room);
  }

  async #settled(): Promise<void> {
    for (const login of this.#logins) {
      const current = [...this.#users.values()].some((user) => user.login === login);
      await (current ? this.#loginIsRight(login) : this.#peerIsRight(login));
      if (current) await this.#presenceIsRight(login);
    }
  }
}
