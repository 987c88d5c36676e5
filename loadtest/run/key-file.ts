import { readFileSync } from 'node:fs';
import { apiKeyOf, type KeyPair, keyPairOf } from '../client/signing.ts';
import { OptionError } from '../option-error.ts';

interface WrittenKey {
  readonly apiKey?: unknown;
  readonly secret?: unknown;
}

/**
 * Reads API keys: JSON lines, or one JSON array, of `{"apiKey": …, "secret": …}`, both in base64 as the venue's web
 * site gives them. Throws `OptionError` that names what is wrong, and never a secret.
 */
export function readKeys(path: string): KeyPair[] {
  const keys = writtenKeys(path).map((written, index) => {
    const where = `key ${index + 1} of ${path}`;
    const { apiKey, secret } = written ?? {};
    if (typeof apiKey !== 'string' || typeof secret !== 'string') {
      throw new OptionError(`${where} must be {"apiKey": "…", "secret": "…"}`);
    }
    return checkedPair(apiKey, secret, where);
  });
  if (keys.length === 0) throw new OptionError(`there is no key in ${path}`);
  if (new Set(keys.map(({ apiKey }) => apiKey)).size < keys.length) {
    throw new OptionError(`${path} has a key twice: every connection needs an account of its own`);
  }
  return keys;
}

function writtenKeys(path: string): (WrittenKey | null)[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new OptionError(`the keys cannot be read: ${(error as Error).message}`);
  }
  try {
    if (text.startsWith('[')) return JSON.parse(text) as WrittenKey[];
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.map((line) => JSON.parse(line) as WrittenKey);
  } catch {
    // The parser's own message quotes the text, and with it the secret.
    throw new OptionError(`${path} is neither a JSON array of keys nor one key in each line`);
  }
}

function checkedPair(apiKey: string, secret: string, where: string): KeyPair {
  let pair: KeyPair;
  try {
    pair = keyPairOf(apiKey, secret);
  } catch {
    throw new OptionError(`the secret of ${where} is not base64 of 32 or 64 bytes`);
  }
  if (apiKeyOf(pair) !== apiKey) {
    throw new OptionError(`the secret of ${where} is not that of its apiKey`);
  }
  return pair;
}
