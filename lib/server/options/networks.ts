import { isIP } from 'node:net';

/** What a network looks like, for the words behind "expected". */
export const NETWORK_FORM = 'a network such as 192.0.2.0/24 or 2001:db8::/32 (IPv6 up to /64)';

/**
 * Whether a text has the form of a network: an address, and perhaps a length. The server counts whole /64 networks, so
 * that no longer ones can be named. The core checks the bits (cpp/net/admission/prefix_list.hpp).
 */
export function isNetwork(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return length === undefined || (/^\d{1,2}$/.test(length) && Number(length) <= (family === 4 ? 32 : 64));
}
