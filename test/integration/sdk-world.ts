import { onTestFinished } from 'vitest';
import type { RtmChannel } from '../../lib/sdk/channel.js';
import type { IChannelEventHandler, IRtmServiceEventHandler } from '../../lib/sdk/handlers.js';
import { createRtmService, type RtmService } from '../../lib/sdk/service.js';
import type { RtmServerOptions } from '../../lib/server/options/server-options.js';
import { RtmServer } from '../../lib/server/rtm-server.js';

/** A project without a certificate, a project with one, and its certificate. */
export const staticApp = '0123456789abcdef0123456789abcdef';
export const tokenApp = 'aaaabbbbccccddddeeeeffff00001111';
export const certificate = '00112233445566778899aabbccddeeff';

export function startServer(options: Partial<RtmServerOptions> = {}): Promise<RtmServer> {
  return RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    apps: [{ appId: staticApp }, { appId: tokenApp, certificate }],
    limits: 'off',
    ...options,
  });
}

/** Calls of a handler: `[name, ...arguments]` in their order. */
export type Calls = unknown[][];

type AnyHandler = IRtmServiceEventHandler & IChannelEventHandler;

/** A handler that notes all calls, and lets a test wait for the next one of a name. */
export class Recorder<H extends object = AnyHandler> {
  readonly calls: Calls = [];
  readonly #waiting: { name: string; from: number; resolve: (args: unknown[]) => void }[] = [];
  readonly handler: H = new Proxy({} as H, {
    get: (_target, name) => (typeof name === 'string' && name.startsWith('on') ? this.#note(name) : undefined),
  });

  #note(name: string) {
    return (...args: unknown[]) => {
      this.calls.push([name, ...args]);
      for (const waiting of this.#waiting.filter((each) => each.name === name)) {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.resolve(args);
      }
    };
  }

  /** Arguments of the next call of that name; with `past`, of the first there was. */
  next(name: keyof H & string, { past = false } = {}): Promise<unknown[]> {
    const seen = past ? this.calls.find((call) => call[0] === name) : undefined;
    if (seen) return Promise.resolve(seen.slice(1));
    return new Promise((resolve) => this.#waiting.push({ name, from: this.calls.length, resolve }));
  }

  names(): unknown[] {
    return this.calls.map((call) => call[0]);
  }
}

export interface Bot {
  service: RtmService;
  user: string;
  events: Recorder;
}

/** An initialised service that is released after the test. */
export function newService(server: RtmServer, appId = staticApp): { service: RtmService; events: Recorder } {
  const service = createRtmService();
  onTestFinished(() => service.release());
  const events = new Recorder();
  if (service.initialize(appId, events.handler) !== 0) throw new Error('initialize');
  if (service.setParameters(JSON.stringify({ 'rtm.endpoints': server.connectString })) !== 0)
    throw new Error('parameters');
  return { service, events };
}

let users = 0;

/** A logged-in service. */
export async function newBot(server: RtmServer, user = `user${users++}`): Promise<Bot> {
  const { service, events } = newService(server);
  const result = events.next('onLoginSuccess');
  const code = service.login(null, user);
  if (code !== 0) throw new Error(`login: ${code}`);
  await result;
  return { service, user, events };
}

/** A joined channel and its events. */
export async function joined(bot: Bot, id: string): Promise<{ channel: RtmChannel; events: Recorder }> {
  const events = new Recorder();
  const channel = bot.service.createChannel(id, events.handler);
  if (channel === null) throw new Error('createChannel');
  const result = events.next('onJoinSuccess');
  const code = channel.join();
  if (code !== 0) throw new Error(`join: ${code}`);
  await result;
  return { channel, events };
}
