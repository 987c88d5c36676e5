import { invalidRequest } from '../api-error.ts';

/** The names of the exchange whose API we speak, by which clients map theirs. */
const BLOCKCHAINS: ReadonlySet<string> = new Set([
  ...['0G', 'Aptos', 'Arbitrum', 'Avalanche', 'Base', 'Berachain', 'Bitcoin', 'BitcoinCash'],
  ...['Bsc', 'Cardano', 'Dogecoin', 'Eclipse', 'EqualsMoney', 'Ethereum', 'Fogo', 'HyperEVM'],
  ...['Hyperliquid', 'Linea', 'Litecoin', 'Monad', 'Near', 'Optimism', 'Plasma', 'Polygon', 'Sei'],
  ...['Solana', 'Stable', 'Story', 'Sui', 'Tron', 'XRP', 'Zcash'],
]);

/** @throws ApiError 400 INVALID_CLIENT_REQUEST when it names none */
export function readBlockchain(value: unknown): string {
  if (typeof value === 'string' && BLOCKCHAINS.has(value)) return value;
  throw invalidRequest(
    'failed to parse parameter `blockchain`: failed to parse "Blockchain": Expect a valid enumeration value.',
  );
}
