import { invalidRequest } from '../api-error.ts';
import type { Market, Registry } from '../registry/registry.ts';

/** The market that a parameter `symbol` names. */
export function marketParameter(registry: Registry, { symbol }: { symbol: string }): Market {
  const market = registry.marketBySymbol(symbol);
  if (market === undefined) throw invalidRequest('Invalid market symbol');
  return market;
}
