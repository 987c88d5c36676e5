import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net';
import { normalAddress } from '../http/remote-address.ts';

/** With the longest addresses still below the room that a command must find in its ring. */
export const ALLOWED_ADDRESSES_MAX = 32;

const NETWORK = /^([0-9A-Fa-f.:]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/;
const BITS = { ipv4: 32, ipv6: 128 } as const;

/** From where a key may be used: some networks, or anywhere. */
export class AllowedAddresses {
  /** The networks in CIDR form, each written in its one way, separated by commas; empty: anywhere. */
  readonly text: string;
  /** By family, since a list finds IPv4 addresses in networks of IPv6 as well: `::/0` would be everybody. */
  readonly #ofIPv4: BlockList;
  readonly #ofIPv6: BlockList;

  private constructor(networks: readonly string[]) {
    this.text = networks.join(',');
    this.#ofIPv4 = listOf(networks, 'ipv4');
    this.#ofIPv6 = listOf(networks, 'ipv6');
  }

  /** Of what `text` was. */
  static ofText(text: string): AllowedAddresses {
    return text === '' ? ANYWHERE : new AllowedAddresses(text.split(','));
  }

  /** Of addresses and networks, IPv4 or IPv6, as an operator writes them; or the first that is none. */
  static parse(entries: readonly string[]): AllowedAddresses | { readonly malformed: string } {
    const networks = new Set<string>();
    for (const entry of entries) {
      const network = networkOf(entry);
      if (network === null) return { malformed: entry };
      networks.add(network);
    }
    return new AllowedAddresses([...networks].sort());
  }

  get networks(): readonly string[] {
    return this.text === '' ? [] : this.text.split(',');
  }

  /** @param address in any spelling; an IPv4 address in its IPv6 form is IPv4 */
  allows(address: string): boolean {
    if (this.text === '') return true;
    const normal = normalAddress(address);
    if (normal === null) return false;
    return isIPv4(normal) ? this.#ofIPv4.check(normal) : this.#ofIPv6.check(normal, 'ipv6');
  }
}

export const ANYWHERE = AllowedAddresses.parse([]) as AllowedAddresses;

/** `10.1.2.3/8` as it is, a single address as a network of one; null for anything else. */
function networkOf(entry: string): string | null {
  const match = NETWORK.exec(entry);
  const version = match === null ? 0 : isIP(match[1]!);
  if (match === null || version === 0) return null;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const prefix = match[2] === undefined ? BITS[family] : Number(match[2]);
  if (prefix > BITS[family]) return null;
  const { address } = new SocketAddress({ address: match[1]!, family });
  // An IPv4 address in its IPv6 form would be asked for in the other.
  return address.startsWith('::ffff:') ? null : `${address}/${prefix}`;
}

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, prefix] = network.split('/') as [string, string];
    const isOfFamily = isIPv4(address) === (family === 'ipv4');
    if (isOfFamily) list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
