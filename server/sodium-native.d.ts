/** As documented in https://sodium-friends.github.io; it ships no types. */
declare module 'sodium-native' {
  /** Whether 64 bytes are the Ed25519 signature of a message by the key of 32 bytes. Throws on other lengths. */
  export function crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
}
