import type { HttpResponse } from 'uWebSockets.js';

/** `::ffff:127.0.0.1` as the library writes it: an IPv4 client of a socket that listens on IPv6. */
const MAPPED_IPV4 = /^(?:0000:){5}ffff:([0-9a-f]{2})([0-9a-f]{2}):([0-9a-f]{2})([0-9a-f]{2})$/;

const IPV6_LOOPBACK = '0000:0000:0000:0000:0000:0000:0000:0001';

/** Of the client's end of a connection: an IPv4 address as usual, an IPv6 one in full, `::1` excepted. */
export function remoteAddressOf(response: HttpResponse): string {
  return normalAddress(Buffer.from(response.getRemoteAddressAsText()).toString('latin1'));
}

function normalAddress(text: string): string {
  if (!text.includes(':')) return text;
  if (text === IPV6_LOOPBACK) return '::1';
  const mapped = MAPPED_IPV4.exec(text);
  return mapped === null
    ? text
    : mapped
        .slice(1)
        .map((byte) => Number.parseInt(byte, 16))
        .join('.');
}

/** Whom limits are counted for: an IPv6 client has a whole network of 2^64 addresses, so it is the network. */
export function limitedAddress(address: string): string {
  return address.length === IPV6_LOOPBACK.length && address[4] === ':'
    ? `${address.slice(0, 19)}::/64`
    : address;
}

/** The client that the nearest proxy names: the last of `X-Forwarded-For`. Empty when there is none. */
export function forwardedAddress(header: string): string {
  return header
    .slice(header.lastIndexOf(',') + 1)
    .trim()
    .slice(0, 64);
}
