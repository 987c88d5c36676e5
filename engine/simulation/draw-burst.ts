import type { Random } from '../collections/random.ts';
import { PlaceOrder } from '../protocol/commands.ts';
import { CancelScope } from '../protocol/enums.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import type { Step, TwinVenue } from '../shard/venue-comparison.fixture.ts';
import type { Regime } from '../shard/venue-flow.fixture.ts';

/** A few more stop orders than an account may have open. */
const STOPS = 203;

/**
 * One account's stop orders up to the limit of them and beyond, one cancelled and one more, then all
 * cancelled. Nothing where no market has traded, since stop orders wait for what is compared with that.
 */
export function* stopBurst(
  random: Random,
  regime: Regime,
  twin: TwinVenue,
): Generator<Omit<Step, 'number'>> {
  const { accountIds } = regime.setup;
  const accountId = accountIds[random.below(accountIds.length)]!;
  const traded = [...twin.venue.markets.values()].filter((market) => market.lastPriceTicks > 0);
  const market = traded[random.below(Math.max(1, traded.length))];
  if (market === undefined) return;
  const { marketId, minPriceTicks, maxPriceTicks, minQuantityLots, ...spec } = market.spec;
  const lotUnits = market.lastPriceTicks * spec.quoteUnitsPerTickLot;
  const quantityLots = Math.max(minQuantityLots, Math.ceil(spec.minNotionalUnits / lotUnits) + 1);
  const place = (): { command: Command } => {
    const priceTicks = Math.min(maxPriceTicks, market.lastPriceTicks + random.below(3));
    // A few ticks away, one way or the other: none fires until something trades.
    const ticks = market.lastPriceTicks + (random.below(2) * 2 - 1) * (1 + random.below(5));
    const triggerPriceTicks = Math.min(maxPriceTicks, Math.max(minPriceTicks, ticks));
    const order = { accountId, marketId, side: random.below(2), priceTicks, quantityLots };
    const body = { ...PlaceOrder.create(), ...order, triggerPriceTicks };
    return { command: { kind: 'place', body } };
  };
  for (let count = 0; count < STOPS; count++) yield place();
  const stop = twin.venue.orders.find((o) => o.accountId === accountId && o.isPending);
  if (stop !== undefined) {
    // A number that no order has: the order is looked up when the step runs.
    const named = { accountId, marketId: stop.marketId, orderId: 1, clientId: null };
    const command: Command = { kind: 'cancel', body: { requestId: 0, ...named } };
    yield { command, target: stop.requestId };
  }
  for (let count = 0; count < 2; count++) yield place();
  const body = { requestId: 0, accountId, marketId: 0, scope: CancelScope.TriggerPending };
  yield { command: { kind: 'cancelAll', body } };
}
