import type { Client, MakeClient } from './client.js';
import type { Address, Settings } from './options.js';

/** The facts that a Redis server reports about itself. */
export interface ServerFacts {
  readonly kind: 'single' | 'cluster' | 'sentinel';
  readonly info: ReadonlyMap<string, string>;
}

export const nameOf = (address: Address): string =>
  `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;

export function parseInfo(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return facts;
}

/** An error of connecting or asking, in words that say what to do. */
export function explain(address: Address, error: unknown): Error {
  const at = nameOf(address);
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: string }).code ?? '';
  const say = (words: string) => new Error(`Redis at ${at}: ${words}`, { cause: error });
  if (/ECONNREFUSED/.test(code + text)) return say('nothing listens there. Is it running, and is the port right?');
  if (/ENOTFOUND|EAI_AGAIN/.test(code + text)) return say('the host name is not known');
  if (/NOAUTH|Authentication required/i.test(text)) {
    return say('it needs a password: redis://user:password@host:port (or redis://:password@…)');
  }
  if (/WRONGPASS|invalid password|invalid username/i.test(text)) return say('it refuses this user and password');
  if (/NOPERM/.test(text)) return say(`the user may not do what is needed (${text}); allow +@all ~* &* or see docs`);
  if (/^OOM|OOM command/.test(text)) return say('it is out of memory (maxmemory): give it more, or remove data');
  if (/READONLY|read only replica/i.test(text)) return say('it is a read-only replica; name the primary');
  if (/MISCONF/.test(text)) return say(`it refuses writes because it cannot save them: ${text}`);
  if (/CLUSTERDOWN/.test(text)) return say('the Redis Cluster is down: not all slots are served');
  if (/LOADING/.test(text)) return say('it is still loading its data; try again in a moment');
  if (/certificate|self.signed|SSL|TLS|EPROTO|wrong version/i.test(code + text)) {
    return say(`the TLS handshake failed (${text}); is it rediss:// on both sides, and is its certificate trusted?`);
  }
  if (
    /Socket closed|socket hang up|ECONNRESET|Connection timeout|Invalid RESP|Unknown RESP|unexpected/i.test(code + text)
  ) {
    return say(`it does not answer like a Redis (${text}); is it another kind of server, or one that wants rediss://?`);
  }
  return say(text);
}

function isOlderThan7(version: string): boolean {
  return Number(version.split('.')[0]) < 7;
}

/** Asks a server for its version and kind. Throws, with an explanation, if it cannot be used. */
async function askFacts(client: Client, address: Address, settings: Settings): Promise<ServerFacts> {
  const info = parseInfo(String(await client.sendCommand(['INFO'])));
  const say = (words: string) => new Error(`Redis at ${nameOf(address)}: ${words}`);
  const version = info.get('valkey_version') ?? info.get('redis_version');
  if (version === undefined) throw say('it does not tell its version; expected Redis or Valkey 7.0 or newer');
  if (isOlderThan7(version)) throw say(`its version is ${version}; expected 7.0 or newer`);
  const mode = info.get('redis_mode') ?? info.get('server_mode');
  if (mode === 'sentinel') {
    if (settings.sentinel === undefined) throw say('it is a Sentinel; add ?sentinel=<name of the primary> to the URL');
    return { kind: 'sentinel', info };
  }
  if (settings.sentinel !== undefined)
    throw say('it is no Sentinel; remove ?sentinel= from the URL, or name Sentinels');
  if (info.get('cluster_enabled') === '1') {
    const state = parseInfo(String(await client.sendCommand(['CLUSTER', 'INFO']))).get('cluster_state');
    if (state !== 'ok') throw say(`the Redis Cluster is down (cluster_state: ${state}): not all slots are served`);
    if (settings.database !== 0)
      throw say('it is a Redis Cluster, which has no databases; remove the number from the URL');
    return { kind: 'cluster', info };
  }
  checkWritable(address, info);
  return { kind: 'single', info };
}

/** Throws if a primary cannot keep what is written. */
export function checkWritable(address: Address, info: ReadonlyMap<string, string>): void {
  const say = (words: string) => new Error(`Redis at ${nameOf(address)}: ${words}`);
  if (info.get('role') === 'slave') {
    throw say(`it is a read-only replica of ${info.get('master_host')}:${info.get('master_port')}; name the primary`);
  }
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  const limit = Number(info.get('maxmemory') ?? 0);
  if (limit > 0 && policy !== 'noeviction') {
    throw say(`maxmemory-policy is ${policy}: it would drop sessions and messages when full; set it to noeviction`);
  }
  if (limit > 0 && Number(info.get('used_memory') ?? 0) >= limit) {
    throw say(`it is out of memory (maxmemory ${limit} bytes): give it more, or remove data`);
  }
}

/** Connects once to an address and asks for the version and kind of the server. */
export async function meet(make: MakeClient, address: Address, settings: Settings): Promise<ServerFacts> {
  const client = make(address, settings.sentinel === undefined ? undefined : 'sentinel');
  client.on('error', () => {});
  try {
    await client.connect();
    return await askFacts(client, address, settings);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Redis at ')) throw error;
    throw explain(address, error);
  } finally {
    try {
      client.destroy();
    } catch {
      // It never was open.
    }
  }
}
