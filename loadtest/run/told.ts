import type {
  FillsOfReplies,
  PlacedOrders,
  ToldToAccounts,
  ToldTrades,
} from '../audit/audit-input.ts';
import { FILL_FIGURES, type FillSums, noSums, sumsTogether } from '../audit/weighted-sums.ts';
import type { GeneratorReport } from '../generator/messages.ts';
import type { MarketSet } from './trading-setup.ts';

/**
 * What the generators' replies said that the private streams must say, too: in the words of the whole run, whose
 * accounts are those of the processes one after the other.
 *
 * @param startedAtMs of the measured part, in ms of the epoch
 */
export function toldOf(
  reports: readonly GeneratorReport[],
  { markets }: MarketSet,
  startedAtMs: number,
): ToldToAccounts {
  const trades = markets.map(({ symbol }, market): ToldTrades => {
    const ids = reports.flatMap(({ told }) =>
      told === undefined
        ? []
        : [told.tradeId.filter((_, index) => told.tradeMarket[index] === market)],
    );
    return { symbol, tradeIds: joined(ids) };
  });
  const placed: PlacedOrders[] = [];
  let first = 0;
  for (const { told, connections } of reports) {
    if (told !== undefined) {
      const before = first;
      placed.push({
        account: told.placedConnection.map((connection) => before + connection),
        clientId: told.placedClientId,
        intendedMs: told.placedIntendedMs.map((ms) => startedAtMs + ms),
      });
    }
    first += connections.length;
  }
  const isWhole = reports.every(({ all }) => all.unknown === 0);
  return { trades, placed, isWhole };
}

/** What the fills of all generators' replies come to; undefined where they were not looked at. */
export function fillsOfReplies(
  reports: readonly GeneratorReport[],
  { markets }: MarketSet,
): FillsOfReplies | undefined {
  const told = reports.flatMap(({ fillsInReplies }) => fillsInReplies ?? []);
  if (told.length < reports.length) return undefined;
  const sums = new Map(
    markets.map(({ symbol }, market): [string, FillSums] => [
      symbol,
      told.reduce(
        (total, each) => sumsTogether(total, each.sums[market]!),
        noSums(FILL_FIGURES) as FillSums,
      ),
    ]),
  );
  const total = (of: 'ordersCompared' | 'wrongOrderCount'): number =>
    told.reduce((sum, each) => sum + each[of], 0);
  return {
    sums,
    ordersCompared: total('ordersCompared'),
    wrongOrderCount: total('wrongOrderCount'),
    wrongOrders: told.flatMap(({ wrongOrders }) => wrongOrders),
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
