import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

const MAPPED_IPV4 = '::ffff:';

/** Of all clients together of whom a trusted proxy says something that is no address; RFC 7239 has the word. */
export const UNKNOWN_CLIENT = 'unknown';

/** No address is longer, brackets, zone and port included. */
const FORWARDED_LENGTH_MAX = 80;

/**
 * An address in its one spelling: IPv6 in lower case, without leading zeros and with the longest run of zeros as `::`
 * (as inet_ntop writes it), without a zone; an IPv4 address in its IPv6 form as IPv4. Null for what is no address.
 */
export function normalAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return null;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const mapped = address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : '';
  return isIPv4(mapped) ? mapped : address;
}

/** Of the client's end of a connection, as `normalAddress` has it. */
export function remoteAddressOf(response: HttpResponse): string {
  const text = Buffer.from(response.getRemoteAddressAsText()).toString('latin1');
  return normalAddress(text) ?? text;
}

/**
 * Whom limits are counted for: an IPv6 client has a whole network of 2^64 addresses, so it is the network.
 *
 * @param address as `normalAddress` has it
 */
export function limitedAddress(address: string): string {
  return address.includes(':') ? `${networkGroups(address).join(':')}::/64` : address;
}

/** The first four groups of an IPv6 address. */
function networkGroups(address: string): string[] {
  const [head, tail] = address.split('::');
  const groups = head === '' ? [] : head!.split(':');
  if (tail === undefined) return groups.slice(0, 4);
  const last = tail === '' ? [] : tail.split(':');
  while (groups.length + last.length < 8) groups.push('0');
  return [...groups, ...last].slice(0, 4);
}

/**
 * The client that the nearest proxy names: the last of `X-Forwarded-For`, with or without a port, as `normalAddress` has
 * it. Empty when there is none, `UNKNOWN_CLIENT` when it is no address.
 */
export function forwardedAddress(header: string): string {
  if (header.trim() === '') return '';
  const last = header.slice(header.lastIndexOf(',') + 1).trim();
  if (last.length > FORWARDED_LENGTH_MAX) return UNKNOWN_CLIENT;
  return normalAddress(withoutPort(last)) ?? UNKNOWN_CLIENT;
}

const IN_BRACKETS = /^\[([^[\]]*)\](?::\d{1,5})?$/;
const IPV4_AND_PORT = /^([\d.]+):\d{1,5}$/;

/** Some proxies write `192.0.2.7:4000`, `[2001:db8::1]:4000` or `[2001:db8::1]`. */
function withoutPort(text: string): string {
  return (IN_BRACKETS.exec(text) ?? IPV4_AND_PORT.exec(text))?.[1] ?? text;
}

/**
 * A header that stands in several lines is one list, in their order, and some proxies add a line of their own at the
 * end: the library's `getHeader` answers the first, which may be the client's.
 */
export function lastLineOf(request: HttpRequest, name: string): string {
  let last = '';
  request.forEach((each, value) => {
    if (each === name) last = value;
  });
  return last;
}
