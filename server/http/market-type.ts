import type { QueryParameters } from './query.ts';

const MARKET_TYPES = ['SPOT', 'PERP', 'IPERP', 'DATED', 'PREDICTION', 'RFQ'] as const;

/** Whether the parameter `marketType`, which may be given several times, lets spot markets in: all of ours are. */
export function includesSpot(parameters: QueryParameters): boolean {
  const types = parameters.manyOf('marketType', 'MarketType', MARKET_TYPES);
  return types.length === 0 || types.includes('SPOT');
}
