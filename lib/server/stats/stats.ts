/** Why logins were refused. */
export interface RtmServerLoginFailures {
  /** The App ID is not one of this server's. */
  readonly appId: number;
  readonly token: number;
  readonly tokenExpired: number;
  /** The token does not allow a login. */
  readonly notAuthorized: number;
  readonly banned: number;
  /** A bad user id, or another login of the same user at the same time. */
  readonly other: number;
}

/** What keeps messages beyond their delivery. */
export interface RtmServerStoreStats {
  /** Offline messages that wait for their receivers now. */
  readonly offlineMessages: number;
  /** Messages given to it, for offline receivers and for the history. */
  readonly appends: number;
  /** Operations of any kind that failed. */
  readonly failures: number;
  /** Time of all appends together, in seconds. */
  readonly appendSeconds: number;
  /** Appends by the time they took: how many took at most `upTo` seconds and more than the class before. */
  readonly appendTimes: readonly { readonly upTo: number; readonly count: number }[];
}

/** Numbers of a running server: of now, or counted since its start. */
export interface RtmServerStats {
  /** Connections open now. */
  readonly connections: number;
  /** Users logged in now, including those whose link is lost for less than the grace time. */
  readonly sessions: number;
  /** Channels with at least one member now; of a cluster, with one on this node. */
  readonly channels: number;
  readonly logins: number;
  readonly loginFailures: number;
  /** Sessions continued over a new connection. */
  readonly resumes: number;
  /** Sessions ended by a login of the same user elsewhere. */
  readonly kicks: number;
  /** Messages received from clients. */
  readonly messagesIn: number;
  /** Deliveries to clients. */
  readonly messagesOut: number;
  /** Of `messagesIn`, those to channels. */
  readonly channelMessagesIn: number;
  /** Of `messagesOut`, those of channels. */
  readonly channelMessagesOut: number;
  /** Bytes that wait for clients to read them, up to 100 ms ago. */
  readonly queueBytes: number;
  /** By how many milliseconds the slowest of the server's threads was late, at most, in the last second or two. */
  readonly loopDelayMs: number;
  /** Connections closed for what they sent. */
  readonly malformed: number;
  /** Connections closed because they did not read fast enough. */
  readonly slowConsumers: number;
  /** Bytes of files and images received, and sent. */
  readonly mediaBytesIn: number;
  readonly mediaBytesOut: number;
  /** `loginFailures` by reason. */
  readonly loginFailuresBy: RtmServerLoginFailures;
  readonly store: RtmServerStoreStats;
}

/** In the order of `serverStats` in cpp/binding/functions/server_functions.cpp. */
const NUMBERS = [
  'connections',
  'sessions',
  'channels',
  'logins',
  'loginFailures',
  'resumes',
  'kicks',
  'messagesIn',
  'messagesOut',
  'channelMessagesIn',
  'channelMessagesOut',
  'queueBytes',
  'loopDelayMs',
  'malformed',
  'slowConsumers',
  'mediaBytesIn',
  'mediaBytesOut',
] as const satisfies readonly (keyof RtmServerStats)[];

const FAILURES = [
  'appId',
  'token',
  'tokenExpired',
  'notAuthorized',
  'banned',
  'other',
] as const satisfies readonly (keyof RtmServerLoginFailures)[];

/** Makes an object of the packed numbers; of none, one that says that nothing has happened. */
export function unpackStats(numbers: readonly number[] = []): RtmServerStats {
  let next = 0;
  const take = () => numbers[next++] ?? 0;
  const named = <N extends string>(names: readonly N[]) =>
    Object.fromEntries(names.map((name) => [name, take()])) as Record<N, number>;
  const flat = named(NUMBERS);
  const loginFailuresBy = named(FAILURES);
  const [offlineMessages, appends, failures, appendUs] = [take(), take(), take(), take()];
  // The bounds, then the counts, which are one more: the last class has no bound.
  const classes = Math.max(0, (numbers.length - next + 1) / 2);
  const bounds = Array.from({ length: classes }, (_, index) => (index < classes - 1 ? take() / 1e6 : Infinity));
  const appendTimes = bounds.map((upTo) => ({ upTo, count: take() }));
  const store = { offlineMessages, appends, failures, appendSeconds: appendUs / 1e6, appendTimes };
  return { ...flat, loginFailuresBy, store };
}
