import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

/** Who may read the pages of the admin listener. */
export interface AdminAccess {
  /** Names in the header Host besides localhost and the address that the connection came to. */
  readonly hosts: readonly string[];
  /** The bearer token that a request must carry; undefined: none is needed. */
  readonly token: string | undefined;
}

/** A refusal: the status, a line that says what to do, and further headers. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A host name or an address, as it may stand in a Host header, without a port. */
export const isHostName = (text: string) => isIPv6(text) || /^[a-z0-9_](?:[a-z0-9._-]{0,252})$/i.test(text);

/** What fits into the header Authorization, and is too long to be guessed. */
export const isBearerToken = (text: string) => /^[\w.~+/-]{16,512}=*$/.test(text);

/** The characters of a bearer token and its least length, used in error texts after "expected". */
export const BEARER_TOKEN = '16 to 512 characters of A-Z a-z 0-9 . _ ~ + / -';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** The host of a Host header without its port and brackets; undefined if it is no host. */
export function hostOf(header: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(header) ?? [];
  const host = bracketed ?? plain?.replace(/\.$/, '');
  return host !== undefined && isHostName(host) && (bracketed === undefined || isIPv6(bracketed))
    ? host.toLowerCase()
    : undefined;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Decides about a request before anything of it is answered. A page in a browser can make a name of its own lead to this
 * address and then read the answers (DNS rebinding); the browser tells that name in the header Host.
 */
export class AdminGuard {
  readonly #hosts: ReadonlySet<string>;
  /** Digests have one length, so that a comparison takes the same time for each. */
  readonly #token: Buffer | undefined;

  /** @param listens - the host of the address that the listener was given */
  constructor({ hosts, token }: AdminAccess, listens: string) {
    this.#hosts = new Set([...LOOPBACK, listens, ...hosts].map((host) => host.toLowerCase()));
    this.#token = token === undefined ? undefined : digest(token);
  }

  /** Why the request is refused; undefined: it is not. */
  check({ headers, httpVersion, socket }: IncomingMessage): Refusal | undefined {
    // Without the header there is no name that a browser was led by; Node refuses HTTP/1.1 without it.
    const named = headers.host === undefined && httpVersion === '1.0';
    if (!named && !this.#isHost(headers.host ?? '', socket.localAddress ?? '')) {
      return { status: 421, text: 'this host name is not known here; name it in the setting adminHosts\n' };
    }
    if (this.#token === undefined) return undefined;
    const [, given = ''] = /^Bearer +(\S{1,1024})$/i.exec(headers.authorization ?? '') ?? [];
    if (timingSafeEqual(digest(given), this.#token)) return undefined;
    const text = 'expected the header "Authorization: Bearer" with the token of the setting adminToken\n';
    return { status: 401, text, headers: { 'www-authenticate': 'Bearer' } };
  }

  #isHost(header: string, localAddress: string): boolean {
    const host = hostOf(header);
    if (host === undefined) return false;
    if (this.#hosts.has(host)) return true;
    return isIP(host) !== 0 && host === localAddress.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
  }
}
