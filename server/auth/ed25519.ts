import sodium from 'sodium-native';

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/**
 * Whether the signature is one of any of the texts, in UTF-8, by the key: Ed25519 of RFC 8032 as libsodium checks it,
 * in half the time of `node:crypto` (`bench/benchmarks/signatures.ts`). Throws unless key and signature have their
 * lengths.
 */
export function isSigned(
  publicKey: Uint8Array,
  signature: Uint8Array,
  texts: readonly string[],
): boolean {
  return texts.some((text) =>
    sodium.crypto_sign_verify_detached(signature, Buffer.from(text), publicKey),
  );
}
