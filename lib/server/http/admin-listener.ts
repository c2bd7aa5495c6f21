import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { RtmError } from '../../errors.js';
import { type Health, isAlive } from './health.js';
import { type Metrics, type MetricsSource, makeMetrics } from './metrics.js';

/** Enough for probes and a few scrapers. More connections are not legitimate. */
const MAX_CONNECTIONS = 64;
const REQUEST_MS = 10_000;

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
 * Health checks and metrics over HTTP, on a port of their own: `GET /healthz`, `/readyz`, `/metrics`. No secrets, no
 * names of users; and no authentication, so it belongs on loopback or a network of the operators.
 */
export class AdminListener {
  readonly #http: Server;
  readonly #health: Health;
  readonly #source: MetricsSource;
  /** `http://127.0.0.1:9137` */
  url = '';
  #metrics: Promise<Metrics> | undefined;

  private constructor(health: Health, source: MetricsSource) {
    this.#health = health;
    this.#source = source;
    this.#http = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
    this.#http.maxConnections = MAX_CONNECTIONS;
  }

  /** @throws RtmError `ERR_RTM_SERVER_START` if it cannot listen */
  static async listen(address: AdminAddress, health: Health, source: MetricsSource): Promise<AdminListener> {
    const listener = new AdminListener(health, source);
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

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? '';
    const pages: Readonly<Record<string, () => Promise<void> | void>> = {
      '/healthz': () => this.#sayAlive(response),
      '/readyz': () => this.#sayReady(response),
      '/metrics': () => this.#sayMetrics(response),
    };
    request.resume();
    response.setHeader('cache-control', 'no-store');
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

function say(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function sayJson(response: ServerResponse, status: number, value: unknown): void {
  say(response, status, `${JSON.stringify(value)}\n`, 'application/json');
}
