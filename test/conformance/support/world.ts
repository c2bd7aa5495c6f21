// One server per test file, and bots with the C++ names on the real addon.
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { RtmChannel } from '../../../lib/sdk/channel.js';
import { createRtmService, type RtmService } from '../../../lib/sdk/service.js';
import type { RtmServerOptions } from '../../../lib/server/options/server-options.js';
import { RtmServer } from '../../../lib/server/rtm-server.js';
import { buildToken } from '../../../lib/server/token.js';
import { Events } from './events.js';
import { WireRelay } from './wire-relay.js';

/** A project without a certificate, a project with one, and its certificate. */
export const staticApp = '0123456789abcdef0123456789abcdef';
export const tokenApp = 'aaaabbbbccccddddeeeeffff00001111';
export const certificate = '00112233445566778899aabbccddeeff';

export interface BotOptions {
  readonly appId?: string;
  readonly user?: string;
  readonly token?: string | null;
  /** Connects through this relay instead of directly to the server. */
  readonly via?: WireRelay;
  /** `rtm.timing` of setParameters, ms. */
  readonly timing?: Readonly<Record<string, number>>;
}

export interface Client {
  readonly service: RtmService;
  readonly events: Events;
}

export interface Bot extends Client {
  readonly user: string;
}

export interface Room {
  readonly channel: RtmChannel;
  readonly events: Events;
}

let names = 0;
/** A name that no other user has. */
export const fresh = (prefix = 'u') => `${prefix}${process.pid % 10_000}-${names++}`;

/** A text of exactly this number of bytes. */
export const bytes = (count: number) => 'x'.repeat(count);

export function tokenFor(userId: string, expireSeconds = 600): string {
  return buildToken({ appId: tokenApp, appCertificate: certificate, userId, expireSeconds });
}

export class World {
  server!: RtmServer;

  /** An initialised service, released after the test. */
  client({ appId = staticApp, via, timing }: BotOptions = {}): Client {
    const service = createRtmService();
    onTestFinished(() => service.release());
    const events = new Events();
    const parameters = {
      'rtm.endpoints': via?.endpoint ?? this.server.connectString,
      ...(timing !== undefined && { 'rtm.timing': timing }),
    };
    for (const code of [service.initialize(appId, events.handler), service.setParameters(JSON.stringify(parameters))]) {
      if (code !== 0) throw new Error(`a new service: ${code}`);
    }
    return { service, events };
  }

  /** A logged-in service. */
  async bot(options: BotOptions = {}): Promise<Bot> {
    const client = this.client(options);
    const user = options.user ?? fresh();
    const code = client.service.login(options.token ?? null, user);
    if (code !== 0) throw new Error(`login: ${code}`);
    await client.events.take('onLoginSuccess');
    return { ...client, user };
  }

  /** A bot whose link is lost: what it calls does not leave. `prepare` comes before the loss. */
  async cutOff<T>(prepare: (bot: Bot) => Promise<T>): Promise<Bot & { readonly made: T }> {
    const via = await this.relay();
    const bot = await this.bot({ via, timing: { outage_ms: 100 } });
    const made = await prepare(bot);
    via.cut();
    await bot.events.until('RECONNECTING', () => bot.events.states().length === 3);
    return { ...bot, made };
  }

  /** `count` logged-in services. */
  bots(count: number, options: BotOptions = {}): Promise<Bot[]> {
    return Promise.all(Array.from({ length: count }, () => this.bot(options)));
  }

  /** A relay in front of the server, closed after the test. */
  async relay(): Promise<WireRelay> {
    const relay = await WireRelay.start(this.server.port);
    onTestFinished(() => relay.close());
    return relay;
  }
}

/** A server for the tests of a file: plaintext, so that a relay can read along; with the limits of SDK 1.5.0. */
export function world(options: Partial<RtmServerOptions> = {}): World {
  const made = new World();
  beforeAll(async () => {
    made.server = await startServer(options);
  });
  afterAll(() => made.server.close());
  return made;
}

export function startServer(options: Partial<RtmServerOptions> = {}): Promise<RtmServer> {
  return RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    tls: false,
    apps: [{ appId: staticApp }, { appId: tokenApp, certificate }],
    ...options,
  });
}

/** A channel object and its reports. */
export function room(bot: Client, id: string): Room {
  const events = new Events();
  const channel = bot.service.createChannel(id, events.handler);
  if (channel === null) throw new Error(`createChannel: ${id}`);
  return { channel, events };
}

/** A joined channel. */
export async function joined(bot: Client, id: string): Promise<Room> {
  const made = room(bot, id);
  const code = made.channel.join();
  if (code !== 0) throw new Error(`join: ${code}`);
  await made.events.take('onJoinSuccess');
  return made;
}
