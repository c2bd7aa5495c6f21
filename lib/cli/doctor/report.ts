import { AREAS } from '../../common-constants.js';
import { LimitsFields, RateGroup, RateLimitFields } from '../../wire-numbers.js';
import type { Terminal } from '../terminal/terminal.js';
import { adviceFor, familyAdvice, remarksOn } from './advice.js';
import type { DoctorEndpoint } from './endpoint.js';
import { type Fields, numberOf, readFields } from './frames.js';
import type { Probe } from './probe.js';

const ms = (time: number) => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

function areaName(area: number): string {
  if (area === 0) return 'every area';
  return Object.entries(AREAS)
    .filter(([, bit]) => (area & bit) !== 0)
    .map(([name]) => name)
    .join('|');
}

/** Shows what was found at one endpoint; true when clients can use it. */
export function report(
  terminal: Terminal,
  endpoint: DoctorEndpoint,
  resolved: { readonly ms: number; readonly failure?: string },
  probes: readonly Probe[],
): boolean {
  const { style } = terminal;
  const good = (text: string) => terminal.print(`  ${style.green('✓')} ${text}`);
  const bad = (text: string) => terminal.print(`  ${style.red('✗')} ${text}`);
  const remark = (text: string) => terminal.print(`  ${style.yellow('!')} ${text}`);
  terminal.print(style.bold(endpoint.name));
  if (resolved.failure !== undefined) {
    bad(`${endpoint.host} has no address (${resolved.failure}): check the spelling, and what resolves names here`);
    return false;
  }
  const addresses = probes.map(({ address }) => address).join(', ');
  if (addresses !== endpoint.host) good(`${endpoint.host} is ${addresses} (${ms(resolved.ms)})`);
  for (const probe of probes) {
    const line = describe(probe);
    const advice = adviceFor(endpoint, probe);
    if (advice === undefined) good(line);
    else bad(`${line}${line.endsWith(':') ? '' : ','} ${probe.failure ?? ''}\n      ${advice}`);
  }
  const works = probes.find(({ reached }) => reached === 'done');
  const families = familyAdvice(probes);
  if (families !== undefined) remark(families);
  if (works === undefined) return false;
  for (const text of remarksOn(works)) remark(text);
  if (works.login !== undefined) {
    const { heartbeatMs, graceMs, limits } = works.login;
    good(`logged in; heartbeat ${heartbeatMs / 1000} s, a lost session lives ${graceMs / 1000} s`);
    terminal.print(style.dim(`      limits: ${describeLimits(limits)}`));
  }
  return true;
}

function describe({ address, connectMs, tls, server }: Probe): string {
  const parts: string[] = [];
  if (connectMs !== undefined) parts.push(`connected in ${ms(connectMs)}`);
  if (tls !== undefined)
    parts.push(`${tls.protocol.replace('TLSv', 'TLS ')} in ${ms(tls.ms)}${tls.pinned ? ' (pinned)' : ''}`);
  if (server !== undefined) {
    const ahead = Math.round(server.clockAheadMs);
    parts.push(`server ${server.version}, ${areaName(server.area)}`, `round trip ${ms(server.roundTripMs)}`);
    parts.push(`clock ${ahead >= 0 ? '+' : ''}${ahead} ms`);
  }
  return `${address}: ${parts.join(', ')}`.trimEnd();
}

function describeLimits(limits: Fields | undefined): string {
  if (limits === undefined) return 'none';
  const bound = (field: number, text: (value: number) => string) => {
    const value = numberOf(limits, field);
    return value === 0 ? [] : [text(value)];
  };
  const rates = (limits.get(LimitsFields.rates) ?? []).flatMap((entry) => {
    if (!(entry instanceof Uint8Array)) return [];
    const rate = readFields(entry);
    const [count, windowMs] = [numberOf(rate, RateLimitFields.count), numberOf(rate, RateLimitFields.windowMs)];
    // The rate that people run into.
    return numberOf(rate, RateLimitFields.group) === RateGroup.Send ? [`${count} sends in ${windowMs / 1000} s`] : [];
  });
  const all = [
    ...bound(LimitsFields.messageBytes, (value) => `messages up to ${value} bytes`),
    ...rates,
    ...bound(LimitsFields.joinedChannels, (value) => `${value} channels`),
    ...bound(LimitsFields.subscribedPeers, (value) => `${value} subscriptions`),
    ...bound(LimitsFields.inFlightSends, (value) => `${value} sends under way`),
  ];
  return all.length === 0 ? 'none' : all.join(', ');
}
