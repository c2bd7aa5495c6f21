import type { DoctorEndpoint } from './endpoint.js';
import type { Probe } from './probe.js';

/** Difference between the clocks, in milliseconds, above which valid tokens fail. */
const CLOCK_TOLERANCE_MS = 30_000;

/** A description of the problem at an address, and what to do about it; undefined when all is well. */
export function adviceFor(endpoint: DoctorEndpoint, { reached, failure = '' }: Probe): string | undefined {
  switch (reached) {
    case 'connect':
      if (failure.includes('ECONNREFUSED'))
        return `nothing listens at port ${endpoint.port} there: is the server running, and is it this port?`;
      if (/ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL/.test(failure))
        return 'this machine has no route to that address: is the family (IPv4, IPv6) set up here?';
      return 'packets go out and nothing comes back: a firewall on the way, or a wrong address';
    case 'tls':
      return /wrong version number|packet length|ECONNRESET|disconnected before|no TLS handshake/i.test(failure)
        ? 'something listens there that does not speak TLS; a server started with --no-tls is reached by rtm://'
        : 'the TLS handshake failed: the server may be too old for TLS 1.3, or something on the way interferes';
    case 'trust':
      return endpoint.pin === undefined
        ? 'nobody this machine trusts vouches for the certificate; for a server of your own, use the endpoint with #sha256= that it prints, or give its CA'
        : 'the server shows another certificate than the pinned one; if it was started anew, use the endpoint that it prints now';
    case 'hello':
      return endpoint.tls
        ? 'a TLS server, but not an RTM server: is the port right?'
        : 'a server, but not an RTM server without TLS: try rtms://';
    case 'login':
      return 'the server works, but does not let this user in, for the reason above: a token fits only the App ID, App certificate and user that it was made with';
    case 'done':
      return undefined;
  }
}

/** Remarks on a server that works. */
export function remarksOn({ server, tls }: Probe): string[] {
  const remarks: string[] = [];
  if (server !== undefined && Math.abs(server.clockAheadMs) > CLOCK_TOLERANCE_MS) {
    const direction = server.clockAheadMs > 0 ? 'ahead of' : 'behind';
    remarks.push(
      `the server's clock is ${Math.round(Math.abs(server.clockAheadMs) / 1000)} s ${direction} this one: tokens may be refused, or end early`,
    );
  }
  if (tls !== undefined && tls.protocol !== 'TLSv1.3')
    remarks.push(`${tls.protocol} only: clients refuse it unless rtm.allow_tls12 is set`);
  const daysLeft = tls === undefined ? Number.NaN : (Date.parse(tls.validTo) - Date.now()) / 86_400_000;
  if (daysLeft < 0 && tls?.pinned === false) remarks.push('the certificate has expired');
  else if (daysLeft < 14 && tls?.pinned === false)
    remarks.push(`the certificate ends in ${Math.max(0, Math.floor(daysLeft))} days`);
  return remarks;
}

/** A remark on the address families of a name; undefined when there is none. */
export function familyAdvice(probes: readonly Probe[]): string | undefined {
  const works = (family: boolean) => probes.filter(({ address }) => address.includes(':') === family);
  const [v6, v4] = [works(true), works(false)];
  if (v6.length === 0 || v4.length === 0) return undefined;
  const good = (list: readonly Probe[]) => list.some(({ reached }) => reached === 'done');
  if (good(v4) && !good(v6)) return 'IPv6 does not work here: each login tries it first and loses up to 250 ms';
  if (good(v6) && !good(v4)) return 'IPv4 does not work here; clients without IPv6 cannot log in';
  return undefined;
}
