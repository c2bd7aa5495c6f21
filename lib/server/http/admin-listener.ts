import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { RtmError } from '../../errors.js';
import { type AdminAccess, AdminGuard } from './admin-access.js';
import { ConnectionPlaces } from './connection-places.js';
import { type Health, isAlive } from './health.js';
import { type Metrics, type MetricsSource, makeMetrics } from './metrics.js';

/** Enough for probes and a few scrapers. Above it each newcomer takes the place of another. */
const MAX_CONNECTIONS = 256;
/** From the connection, or the end of the last answer, to the last header. */
const HEADERS_MS = 2000;
const REQUEST_MS = 5000;
/** A client that takes none of its answer for so long has gone, or does harm. */
const SILENCE_MS = 10_000;
const CHECK_EACH_MS = 500;
const MOST_HEADER_BYTES = 8 * 1024;
/** No more pipelined requests than this are read from one connection. */
const REQUESTS_OF_CONNECTION = 100;
/** Default and maximum number of users in an answer of `/usage`. */
const USERS = 10;
const MOST_USERS = 1000;

/** The address that the listener binds to. */
export interface AdminAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `[::1]:port`, or `port`, which is one of 127.0.0.1. Undefined: not an address. */
export function readAdminAddress(text: string): AdminAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:(?:\[([0-9a-f:.%]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65535) return undefined;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  return { host: bracketed ?? plain ?? '127.0.0.1', port };
}

/**
 * Health checks and metrics over HTTP, on a port of their own: `GET /healthz`, `/readyz`, `/metrics`, and `/usage` for
 * this machine only. No secrets, and elsewhere no names of users; no encryption, so it belongs on loopback or a network
 * of the operators.
 */
export class AdminListener {
  readonly #http: Server;
  readonly #health: Health;
  readonly #source: MetricsSource;
  readonly #guard: AdminGuard;
  readonly #places = new ConnectionPlaces(MAX_CONNECTIONS);
  /** `http://127.0.0.1:9137` */
  url = '';
  #metrics: Promise<Metrics> | undefined;

  private constructor(health: Health, source: MetricsSource, guard: AdminGuard) {
    this.#health = health;
    this.#source = source;
    this.#guard = guard;
    const bounds = {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_EACH_MS,
      maxHeaderSize: MOST_HEADER_BYTES,
    };
    this.#http = createServer(bounds, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
    this.#http.timeout = SILENCE_MS;
    this.#http.maxRequestsPerSocket = REQUESTS_OF_CONNECTION;
    this.#http.on('connection', (socket) => this.#place(socket));
  }

  /** @throws RtmError `ERR_RTM_SERVER_START` if it cannot listen */
  static async listen(
    address: AdminAddress,
    access: AdminAccess,
    health: Health,
    source: MetricsSource,
  ): Promise<AdminListener> {
    const listener = new AdminListener(health, source, new AdminGuard(access, address.host));
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => {
        const where = `${address.host}, port ${address.port}`;
        const failure = `admin: cannot listen on ${where} (${error.code ?? error.message}); choose another address`;
        reject(new RtmError('ERR_RTM_SERVER_START', failure, { operation: 'start', cause: error }));
      };
      listener.#http.once('error', fail).listen(address.port, address.host, () => {
        listener.#http.off('error', fail);
        const { address: host, port } = listener.#http.address() as AddressInfo;
        listener.url = `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
        resolve();
      });
    });
    return listener;
  }

  setReferenced(referenced: boolean): void {
    if (referenced) this.#http.ref();
    else this.#http.unref();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
  }

  #place(socket: Socket): void {
    this.#places.add(socket, socket.remoteAddress ?? '');
    socket.once('close', () => this.#places.remove(socket));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#places.setAnswering(request.socket, true);
    response.once('finish', () => this.#places.setAnswering(request.socket, false));
    const path = request.url?.split('?', 1)[0] ?? '';
    const pages: Readonly<Record<string, () => Promise<void> | void>> = {
      '/healthz': () => this.#sayAlive(response),
      '/readyz': () => this.#sayReady(response),
      '/metrics': () => this.#sayMetrics(response),
      '/usage': () => this.#sayUsage(request, response),
    };
    request.resume();
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    const refusal = this.#guard.check(request);
    if (refusal) {
      for (const [name, value] of Object.entries(refusal.headers ?? {})) response.setHeader(name, value);
      return say(response, refusal.status, refusal.text);
    }
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (!page) return say(response, 404, `there are ${Object.keys(pages).join(', ')}\n`);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return say(response, 405, 'GET or HEAD\n');
    }
    await page();
  }

  #sayAlive(response: ServerResponse): void {
    const { loopDelayMs } = this.#source.stats();
    const alive = isAlive(loopDelayMs);
    sayJson(response, alive ? 200 : 503, { alive, loopDelayMs });
  }

  #sayReady(response: ServerResponse): void {
    const { ready, phase, problems } = this.#health;
    sayJson(response, ready ? 200 : 503, { ready, phase, problems });
  }

  /** Names users, so only for programs of this machine. */
  #sayUsage({ socket, url }: IncomingMessage, response: ServerResponse): void {
    const users = Number(new URL(url ?? '', 'http://localhost').searchParams.get('users') ?? USERS);
    if (!isLoopback(socket.remoteAddress ?? '')) {
      say(response, 403, 'names of users are told to this machine only\n');
    } else if (!Number.isInteger(users) || users < 0 || users > MOST_USERS) {
      say(response, 400, `users: expected 0 to ${MOST_USERS}\n`);
    } else {
      const usage = this.#source.usage(users);
      if (usage) sayJson(response, 200, usage);
      else say(response, 503, 'the server has not started yet\n');
    }
  }

  async #sayMetrics(response: ServerResponse): Promise<void> {
    try {
      this.#metrics ??= makeMetrics(this.#source);
      const metrics = await this.#metrics;
      say(response, 200, await metrics.text(), metrics.contentType);
    } catch (error) {
      this.#metrics = undefined; // the package may be installed by the next request
      if (!RtmError.is(error)) throw error;
      say(response, 501, `${error.message}\n`);
    }
  }
}

const isLoopback = (address: string) => /^(?:::ffff:)?127\.|^::1$/.test(address);

function say(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function sayJson(response: ServerResponse, status: number, value: unknown): void {
  say(response, status, `${JSON.stringify(value)}\n`, 'application/json');
}
