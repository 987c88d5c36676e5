import { invalidRequest } from '../api-error.ts';
import { BLOCKCHAINS } from '../schemas/blockchains.ts';

const NAMES: ReadonlySet<string> = new Set(BLOCKCHAINS);

export const BAD_BLOCKCHAIN =
  'failed to parse parameter `blockchain`: failed to parse "Blockchain": Expect a valid enumeration value.';

/** @throws ApiError 400 INVALID_CLIENT_REQUEST when it names none */
export function readBlockchain(value: unknown): string {
  if (typeof value === 'string' && NAMES.has(value)) return value;
  throw invalidRequest(BAD_BLOCKCHAIN);
}
