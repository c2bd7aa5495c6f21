// Bad weather for the suite: wrappers that delay, repeat and drop, as far as the seam that they stand in allows it.
import type { Engine, EngineNews } from '../../lib/server/cluster/engine.js';
import type { MessageStore } from '../../lib/server/storage/message-store.js';
import type { FaultProxy } from '../faults/fault-proxy.js';
import type { Redis } from '../fixtures/redis.js';
import type { Random } from '../integration/support/random.js';

/** The weather's effects, and when they begin. The weather is off at first, so that servers can start. */
export class Weather {
  /** Everything takes longer, and repeatable operations are repeated. A caller that keeps to the seam does not notice. */
  rough = false;
  /** Calls fail too, done or not; the callers hear of it. */
  stormy = false;
  /** Counts of the weather's effects, so that a test can show that there was weather. */
  readonly counts = { delays: 0, repeats: 0, drops: 0 };

  constructor(readonly random: Random) {}

  /** A delay in ms: mostly 0, so that many things happen at once. */
  delay(): number {
    if (!this.rough || this.random.below(4) !== 0) return 0;
    this.counts.delays++;
    return this.random.below(8) === 0 ? this.random.below(40) : this.random.below(6);
  }

  repeats(): boolean {
    const repeats = this.rough && this.random.below(6) === 0;
    if (repeats) this.counts.repeats++;
    return repeats;
  }

  drops(): boolean {
    const drops = this.stormy && this.random.below(12) === 0;
    if (drops) this.counts.drops++;
    return drops;
  }

  heads(): boolean {
    return this.random.below(2) === 0;
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Turns that stay in order: a turn comes some time after the turns before it. */
class Queues {
  readonly #last = new Map<string, Promise<unknown>>();

  /** With `apart`, a turn comes in a later turn of the event loop than those before it. */
  constructor(
    readonly weather: Weather,
    readonly apart = false,
  ) {}

  /** Resolves when it is the turn of this one in all queues named. */
  async turn(names: readonly string[]): Promise<void> {
    const ms = this.weather.delay();
    const before = names.map((name) => this.#last.get(name));
    const turn = Promise.all([...before, ...(ms > 0 ? [sleep(ms)] : [])]);
    const over = this.apart ? turn.then(() => new Promise(setImmediate)) : turn;
    for (const name of names) this.#last.set(name, over);
    await turn;
  }
}

type Method = (...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

// ---- the engine seam ------------------------------------------------------------------------------------------------

/** The name of an operation's user or channel: operations with the same name stay in order. */
function namesOf(method: string, args: readonly unknown[]): readonly string[] {
  const [first, second, third] = args as [never, string, string];
  const of = first as Record<string, string>;
  switch (method) {
    case 'sendToPeer':
      return [`user ${of['receiverId']}`];
    case 'publish':
    case 'join':
      return [`channel ${of['channelId']}`];
    case 'openSession':
    case 'resumeSession':
      return [`user ${of['userId']}`];
    case 'writeUserAttributes':
      return [`user ${of['owner']}`];
    case 'writeChannelAttributes':
      return [`channel ${of['owner']}`];
    case 'leave':
    case 'members':
    case 'memberCount':
    case 'channelAttributes':
      return [`channel ${second}`];
    case 'kick':
      return [`user ${second}`, `channel ${third}`];
    case 'presence':
      return (second as unknown as string[]).map((user) => `user ${user}`);
    case 'watch':
    case 'unwatch':
      return (third as unknown as string[]).map((user) => `user ${user}`);
    case 'queryHistory':
      return ['history'];
    default:
      return [`user ${second}`];
  }
}

/** A caller has to know of an opened session, so a login that fails does so before it takes effect. */
const FAILS_BEFORE = new Set(['openSession']);
/** A call that rejects still takes effect (see {@link Engine.leave}). */
const FAILS_AFTER = new Set(['leave', 'watch']);
const FAILS = new Set([
  'resumeSession',
  'join',
  'members',
  'memberCount',
  'presence',
  'writeUserAttributes',
  'userAttributes',
  'writeChannelAttributes',
  'channelAttributes',
  'queryHistory',
  ...FAILS_BEFORE,
  ...FAILS_AFTER,
]);
/** News with a number, a fence or a state, so that a repeat changes nothing. */
const MAY_COME_TWICE = new Set([
  'sendToPeer',
  'publish',
  'acknowledge',
  'startDelivery',
  'confirmResume',
  'linkLost',
  'closeSession',
  'sessionEnded',
  'noteSilence',
  'members',
  'memberCount',
  'presence',
  'writeUserAttributes',
  'userAttributes',
  'writeChannelAttributes',
  'channelAttributes',
  'queryHistory',
]);
const NEWS_THAT_MAY_COME_TWICE = new Set(['sendResults', 'peerMessage', 'channelMessage', 'presence', 'endSession']);
const PUBLISH_FAILURE = 1;

/**
 * An engine behind bad weather. Operations of one user or channel stay in order, and so does everything that comes back
 * to the node; the rest has no order. Calls with an outcome may reject, done or not, and a publish that was not done may be
 * answered as failed.
 */
export function engineInWeather(engine: Engine, weather: Weather): Engine {
  const orders = new Queues(weather);
  const back = new Queues(weather, true); // whoever waited for an answer has it before the next news
  let news: EngineNews | undefined;
  const inTurn = async (tell: () => void) => {
    await back.turn(['back']);
    tell();
  };
  const newsInWeather = (real: EngineNews) =>
    new Proxy(real, {
      get: (_, name: string) => {
        const tell = (real as unknown as Methods)[name] as Method;
        return (...args: unknown[]) => {
          const twice = NEWS_THAT_MAY_COME_TWICE.has(name) && weather.repeats();
          for (let i = twice ? 2 : 1; i > 0; i--) void inTurn(() => tell.apply(real, args));
        };
      },
    });
  const call = async (name: string, act: Method, args: unknown[]): Promise<unknown> => {
    const drops = FAILS.has(name) && weather.drops();
    const before = FAILS_BEFORE.has(name) || (!FAILS_AFTER.has(name) && weather.heads());
    await orders.turn(namesOf(name, args));
    if (name === 'publish' && weather.drops()) {
      const { sender, seq } = args[0] as Parameters<Engine['publish']>[0];
      return inTurn(() => news?.sendResults(sender, seq, 1, PUBLISH_FAILURE));
    }
    if (drops && before) throw new Error(`bad weather: ${name} was not done`);
    const outcome = act.apply(engine, args);
    if (MAY_COME_TWICE.has(name) && weather.repeats()) void Promise.resolve(act.apply(engine, args)).catch(() => {});
    if (!(outcome instanceof Promise)) return undefined;
    const [settled] = await Promise.allSettled([outcome]);
    await back.turn(['back']);
    if (settled.status === 'rejected') throw settled.reason;
    if (drops) throw new Error(`bad weather: the answer to ${name} was lost`);
    return settled.value;
  };
  return new Proxy(engine, {
    get(_, name: string) {
      const act = Reflect.get(engine, name, engine) as unknown;
      if (typeof act !== 'function') return act;
      if (name === 'close') return () => engine.close();
      if (name === 'start') {
        return (real: EngineNews) => {
          news = real;
          return engine.start(newsInWeather(real));
        };
      }
      return (...args: unknown[]) => call(name, act as Method, args);
    },
  });
}

// ---- the store seam -------------------------------------------------------------------------------------------------

const STORED_TWICE = new Set(['removeOffline', 'loadOffline', 'queryHistory', 'findMedia']);

/**
 * A store behind bad weather. Calls for one receiver stay in order, their outcomes do not. An append may fail, and then
 * nothing was kept; a removal may be done and fail.
 */
export function storeInWeather(store: MessageStore, weather: Weather): MessageStore {
  const calls = new Queues(weather);
  const call = async (name: string, act: Method, args: unknown[]): Promise<unknown> => {
    const [appId, receiver] = args as [string, unknown];
    const drops = weather.drops();
    await calls.turn([typeof receiver === 'string' ? `${appId}/${receiver}` : name]);
    if (drops && name !== 'removeOffline') throw new Error(`bad weather: ${name} was not done`);
    const outcome = act.apply(store, args) as Promise<unknown>;
    if (STORED_TWICE.has(name) && weather.repeats()) void (act.apply(store, args) as Promise<unknown>).catch(() => {});
    const value = await outcome;
    await sleep(weather.delay());
    if (drops) throw new Error(`bad weather: the answer to ${name} was lost`);
    return value;
  };
  return new Proxy(store, {
    get(_, name: string) {
      const act = Reflect.get(store, name, store) as unknown;
      if (typeof act !== 'function') return act;
      if (name === 'close') return () => store.close();
      return (...args: unknown[]) => call(name, act as Method, args);
    },
  });
}

// ---- the network ----------------------------------------------------------------------------------------------------

/**
 * Bad weather on a client's way to its server, until the returned function is called: the client's frames are late, or
 * lost with their connection, and unanswered frames come again over the next connection.
 */
export function networkInWeather(way: FaultProxy, weather: Weather): () => void {
  const change = () => {
    if (!weather.rough) return;
    if (weather.drops()) way.reset();
    else way.delay(weather.delay());
  };
  const timer = setInterval(change, 100);
  return () => clearInterval(timer);
}

/**
 * Bad weather between nodes and their Redis: Redis does not answer for a while, or the connections for calls are lost; in
 * a storm also the connections for news, after which a channel may lack messages beyond its ring of 32.
 */
export function redisInWeather(servers: readonly Redis[], weather: Weather): () => void {
  const change = async () => {
    if (!weather.rough) return;
    const redis = weather.random.oneOf(servers);
    const choice = weather.random.below(3);
    if (choice === 2) {
      await redis.cli('CLIENT', 'PAUSE', String(20 + weather.random.below(80)), 'ALL');
      return;
    }
    weather.counts.drops++;
    await redis.cli('CLIENT', 'KILL', 'TYPE', choice === 1 && weather.stormy ? 'pubsub' : 'normal');
  };
  const timer = setInterval(() => void change().catch(() => {}), 400);
  return () => clearInterval(timer);
}
