import { AREAS, EVERY_AREA } from './common-constants.js';
import { invalidArgType, invalidArgValue } from './errors.js';

const AREA_NAMES = [...Object.keys(AREAS), EVERY_AREA];

const SCHEMES = ['rtms', 'rtm', 'rtmu'];
const KEYS = ['sha256', 'area', 'udp'];

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;

/** Says what is wrong with an endpoint, or nothing. The core reads it again; this one is for the error message. */
function problemOf(endpoint: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(endpoint)?.[1]?.toLowerCase();
  if (scheme === undefined || !SCHEMES.includes(scheme)) {
    return 'a name that begins with rtms:// (or rtm:// for plaintext, rtmu:// for UDP alone)';
  }
  if (!URL.canParse(endpoint)) return 'host[:port] after rtms://';
  const { hostname, port, pathname, search, username, password, hash } = new URL(endpoint);
  if (hostname === '') return 'a host after rtms://';
  if (port === '0') return 'a port from 1 to 65535';
  if ((pathname !== '' && pathname !== '/') || search !== '' || username !== '' || password !== '') {
    return 'nothing but host, port and #sha256=… after rtms://';
  }
  for (const [key, value] of new URLSearchParams(hash.slice(1))) {
    if (key === 'sha256' && !/^[0-9a-f]{64}$/i.test(value)) return 'sha256= with 64 hexadecimal digits';
    if (key === 'area' && !value.split('|').every((area) => AREA_NAMES.includes(area)))
      return `areas of ${AREA_NAMES.join(', ')}`;
    if (key === 'udp' && scheme !== 'rtms') return 'udp= after rtms://, which is TCP with UDP beside it';
    if (key === 'udp' && value !== 'on' && value !== 'off' && !isPort(value)) return 'udp=on, udp=off or udp=<port>';
    if (!KEYS.includes(key)) return 'only sha256=, area= and udp= after #';
  }
  return undefined;
}

/** `host:port`, with a fragment or without. */
const WITHOUT_SCHEME = /^(\[[^\]]*\]|[^\s:#/?[\]]+):(?!\/\/)/;

/**
 * Brings the `endpoints` option, or else `RTM_ENDPOINTS`, to a list. `host:port` without a scheme means `rtms://`.
 *
 * @throws TypeError with a code if there is none, or one cannot be read
 */
export function checkEndpoints(option: unknown): string[] {
  const given = option ?? process.env['RTM_ENDPOINTS'] ?? '';
  const name = option === undefined ? 'RTM_ENDPOINTS' : 'options.endpoints';
  const texts: unknown[] = Array.isArray(given) ? given : [given];
  const endpoints = texts.flatMap((text) => {
    if (typeof text !== 'string') throw invalidArgType(name, 'a string or an array of strings', text);
    const parts = text.split(/[\s,]+/).filter((part) => part !== '');
    return parts.map((part) => (WITHOUT_SCHEME.test(part) ? `rtms://${part}` : part));
  });
  if (endpoints.length === 0) {
    const expected = 'a server such as rtms://127.0.0.1:9136, here or in the environment variable RTM_ENDPOINTS';
    throw invalidArgValue('options.endpoints', expected, 'none');
  }
  for (const endpoint of endpoints) {
    const expected = problemOf(endpoint);
    if (expected !== undefined) throw invalidArgValue(name, expected, JSON.stringify(endpoint));
  }
  return endpoints;
}
