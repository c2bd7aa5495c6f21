// The numbers of a server in the form that Prometheus reads. The package prom-client writes the form and measures the
// process; the numbers of the server are read at each request.
import { loadOptional } from '../../optional.js';
import type { Latency } from '../stats/latencies.js';
import type { RtmServerStats } from '../stats/stats.js';
import type { RtmServerUsage } from '../stats/usage.js';

/** The sources of the metrics. */
export interface MetricsSource {
  readonly version: string;
  stats(): RtmServerStats;
  /** Undefined while the server starts. */
  usage(users: number): RtmServerUsage | undefined;
  ready(): boolean;
  engineLatencies(): readonly Latency[];
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly metricName?: string;
}

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly values: readonly Sample[];
}

const gauge = (name: string, help: string, value: number): Family => ({
  name,
  type: 'gauge',
  help,
  values: [{ value }],
});
const counter = (name: string, help: string, value: number): Family => ({
  name,
  type: 'counter',
  help,
  values: [{ value }],
});

/** One counter per value of a label. */
function counters(name: string, help: string, label: string, numbers: Readonly<Record<string, number>>): Family {
  const values = Object.entries(numbers).map(([key, value]) => ({ value, labels: { [label]: key } }));
  return { name, type: 'counter', help, values };
}

type Counted = Pick<Latency, 'times' | 'seconds' | 'count'>;

/** The samples of one histogram. Its classes are cumulative. */
function histogram(name: string, { times, seconds, count }: Counted, labels: Record<string, string> = {}): Sample[] {
  let sum = 0;
  const buckets = times.map(({ upTo, count: here }) => {
    sum += here;
    const le = upTo === Number.POSITIVE_INFINITY ? '+Inf' : String(upTo);
    return { metricName: `${name}_bucket`, value: sum, labels: { ...labels, le } };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, value: seconds, labels },
    { metricName: `${name}_count`, value: count, labels },
  ];
}

/** All present numbers. docs/operations.md lists them. */
export function families(source: MetricsSource): Family[] {
  const s = source.stats();
  const append = { times: s.store.appendTimes, seconds: s.store.appendSeconds, count: s.store.appends };
  const engine = source.engineLatencies();
  const [appendName, engineName] = ['rtm_store_append_seconds', 'rtm_engine_seconds'];
  return [
    {
      ...gauge('rtm_build_info', 'Version of the server.', 1),
      values: [{ value: 1, labels: { version: source.version } }],
    },
    gauge('rtm_ready', '1 while the server takes clients.', source.ready() ? 1 : 0),
    gauge('rtm_connections', 'Connections open now.', s.connections),
    gauge('rtm_sessions', 'Users logged in now, including those in their grace time.', s.sessions),
    gauge('rtm_channels', 'Channels with a member now.', s.channels),
    counter('rtm_logins_total', 'Logins.', s.logins),
    counters('rtm_login_failures_total', 'Refused logins.', 'reason', { ...s.loginFailuresBy }),
    counter('rtm_resumes_total', 'Sessions continued over a new connection.', s.resumes),
    counter('rtm_kicks_total', 'Sessions ended by a login of the same user elsewhere.', s.kicks),
    counters('rtm_messages_in_total', 'Messages received from clients.', 'kind', {
      peer: s.messagesIn - s.channelMessagesIn,
      channel: s.channelMessagesIn,
    }),
    counters('rtm_deliveries_total', 'Messages delivered to clients.', 'kind', {
      peer: s.messagesOut - s.channelMessagesOut,
      channel: s.channelMessagesOut,
    }),
    {
      name: 'rtm_memory_bytes',
      type: 'gauge',
      help: 'Bytes of memory by what they are taken for.',
      values: Object.entries(s.memory).map(([category, value]) => ({ value, labels: { category } })),
    },
    gauge('rtm_memory_used_bytes', 'Bytes of memory that users take.', s.memoryUsed),
    gauge('rtm_memory_limit_bytes', 'Most bytes of memory that users may take.', s.memoryLimit),
    gauge('rtm_queue_bytes', 'Bytes that wait for clients to read them.', s.queueBytes),
    counter('rtm_denials_total', 'What rules or the callout denied to users that are logged in.', s.denials),
    counter('rtm_callout_failures_total', 'Requests without a usable answer of the callout.', s.calloutFailures),
    counter('rtm_slow_consumers_total', 'Connections cut because they did not read fast enough.', s.slowConsumers),
    gauge('rtm_pending_connections', 'Connections whose clients are not logged in.', s.pending),
    counter(
      'rtm_pending_dropped_total',
      'Connections closed before a login: others needed their place, or they sent nothing.',
      s.pendingDropped,
    ),
    counter('rtm_accept_waits_total', 'How often new connections waited for file descriptors.', s.acceptWaits),
    counter('rtm_handshake_cpu_seconds_total', 'Processor time of TLS handshakes.', s.handshakeCpuMs / 1000),
    counter('rtm_handshake_waits_total', 'How often handshakes had used up their share of time.', s.handshakeWaits),
    counter('rtm_floods_total', 'Clients that sent too many frames without effect, and were slowed or cut.', s.floods),
    counter('rtm_penalties_total', 'Addresses slowed or refused for what they did.', s.penalties),
    counter('rtm_malformed_total', 'Connections closed for what they sent.', s.malformed),
    counters('rtm_media_bytes_total', 'Bytes of files and images.', 'direction', {
      in: s.mediaBytesIn,
      out: s.mediaBytesOut,
    }),
    gauge(
      'rtm_loop_delay_seconds',
      'Lateness of the slowest I/O thread, at most, in the last second or two.',
      s.loopDelayMs / 1000,
    ),
    gauge('rtm_store_offline_messages', 'Offline messages that wait for their receivers.', s.store.offlineMessages),
    counter('rtm_store_failures_total', 'Operations of the store that failed.', s.store.failures),
    {
      name: appendName,
      type: 'histogram',
      help: 'Time until the store has kept a message, in seconds.',
      values: histogram(appendName, append),
    },
    {
      name: engineName,
      type: 'histogram',
      help: 'Time of the operations of a cluster engine, in seconds.',
      values: engine.flatMap((each) => histogram(engineName, each, { operation: each.operation })),
    },
  ];
}

/** @throws RtmError `ERR_RTM_SERVER_START` if prom-client is not installed */
export async function makeMetrics(source: MetricsSource): Promise<Metrics> {
  const { Registry, collectDefaultMetrics } = loadOptional('prom-client', 'serve /metrics');
  const registry = new Registry();
  // CPU, memory, file descriptors, and the delay of this process' event loop.
  collectDefaultMetrics({ register: registry });
  let present = families(source);
  for (const { name, type, help } of present) {
    const get = async () => present.find((each) => each.name === name);
    // The writer of prom-client uses only these members of a metric.
    registry.registerMetric({ name, type, help, get } as never);
  }
  return {
    contentType: registry.contentType,
    async text() {
      present = families(source);
      return registry.metrics();
    },
  };
}
