import { assert } from '../../engine/assert.ts';
import type { Permissions } from '../../engine/protocol/enums.ts';
import { AllowedAddresses } from './allowed-addresses.ts';
import { PUBLIC_KEY_BYTES } from './ed25519.ts';

/** One key that may sign requests; its text form is also its name on the wire. */
export interface ApiKey {
  /** Base64 of the 32-byte Ed25519 public key. */
  readonly publicKey: string;
  readonly accountId: number;
  readonly permissions: Permissions;
  /** Now: they may change while the key is in force. */
  readonly allowedAddresses: AllowedAddresses;
  readonly publicKeyBytes: Uint8Array;
}

/** What the engine says of a key. */
export interface KeyDescription {
  readonly publicKey: string;
  readonly accountId: number;
  readonly permissions: Permissions;
  /** As `AllowedAddresses` writes them. */
  readonly allowedAddresses: string;
}

/** True when `text` is the padded base64 of 32 bytes, in its one canonical spelling. */
export function isPublicKeyText(text: string): boolean {
  if (text.length !== 44) return false;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === PUBLIC_KEY_BYTES && bytes.toString('base64') === text;
}

class KeyInForce implements ApiKey {
  readonly publicKey: string;
  readonly accountId: number;
  readonly permissions: Permissions;
  allowedAddresses: AllowedAddresses;

  constructor({ publicKey, accountId, permissions, allowedAddresses }: KeyDescription) {
    this.publicKey = publicKey;
    this.accountId = accountId;
    this.permissions = permissions;
    this.allowedAddresses = AllowedAddresses.ofText(allowedAddresses);
  }

  /** Made anew each time: that is nothing beside a check, and most keys sleep. */
  get publicKeyBytes(): Uint8Array {
    return Buffer.from(this.publicKey, 'base64');
  }
}

/** The API keys in force and the names of those revoked, built from what the shards say alone. */
export class ApiKeys {
  readonly #keys = new Map<string, KeyInForce>();
  readonly #revoked = new Set<string>();

  /** Of an `ApiKeyCreated` event. */
  add(key: KeyDescription): void {
    assert(isPublicKeyText(key.publicKey), 'API key is not 32 bytes of base64');
    this.#keys.set(key.publicKey, new KeyInForce(key));
  }

  /** Of an `AllowedAddressesSet` event; answers the key as it is now. */
  setAllowedAddresses(set: Pick<KeyDescription, 'publicKey' | 'allowedAddresses'>): ApiKey {
    const key = this.#keys.get(set.publicKey);
    assert(key !== undefined, 'addresses of a key that is not in force');
    key.allowedAddresses = AllowedAddresses.ofText(set.allowedAddresses);
    return key;
  }

  /** Of an `ApiKeyRevoked` event: the key is in force no more, and never again. */
  revoke(publicKey: string): void {
    this.#keys.delete(publicKey);
    this.#revoked.add(publicKey);
  }

  /** The keys of an account that are in force. Looks at every key: they are seldom listed. */
  ofAccount(accountId: number): ApiKey[] {
    const found: ApiKey[] = [];
    for (const key of this.#keys.values()) if (key.accountId === accountId) found.push(key);
    return found;
  }

  isRevoked(publicKey: string): boolean {
    return this.#revoked.has(publicKey);
  }

  get(publicKey: string): ApiKey | undefined {
    return this.#keys.get(publicKey);
  }

  get size(): number {
    return this.#keys.size;
  }
}
