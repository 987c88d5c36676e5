import { oneOf } from './values.ts';

/** The names of the exchange whose API we speak, by which clients map theirs. */
export const BLOCKCHAINS: readonly string[] = (
  '0G Aptos Arbitrum Avalanche Base Berachain Bitcoin BitcoinCash Bsc Cardano Dogecoin Eclipse EqualsMoney Ethereum ' +
  'Fogo HyperEVM Hyperliquid Linea Litecoin Monad Near Optimism Plasma Polygon Sei Solana Stable Story Sui Tron XRP Zcash'
).split(' ');

/** The one that every asset is said to be on; see `Token`. */
export const ASSET_BLOCKCHAIN = 'Solana';

export const Blockchain = oneOf(BLOCKCHAINS, { title: 'Blockchain' });
