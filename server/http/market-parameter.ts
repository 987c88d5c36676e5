import { invalidRequest } from '../api-error.ts';
import type { Market, Registry } from '../registry/registry.ts';
import type { QueryParameters } from './query.ts';

/** The market that the parameter `symbol` names. */
export function marketParameter(registry: Registry, parameters: QueryParameters): Market {
  const market = registry.marketBySymbol(parameters.requiredText('symbol'));
  if (market === undefined) throw invalidRequest('Invalid market symbol');
  return market;
}
