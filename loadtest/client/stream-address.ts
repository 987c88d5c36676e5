/** Where a venue's websockets are: an address of their own as it is, and `/ws` of an http address. */
export function streamAddress(url: string): URL {
  const address = new URL(url);
  if (/^wss?:$/.test(address.protocol)) return address;
  return new URL('/ws', url.replace(/^http/, 'ws'));
}
