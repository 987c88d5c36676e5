import type { Random } from '../collections/random.ts';
import { PlaceOrder } from '../protocol/commands.ts';
import { CancelScope, OrderType, TimeInForce } from '../protocol/enums.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import type { Step } from '../shard/venue-comparison.fixture.ts';
import type { Regime } from '../shard/venue-flow.fixture.ts';

/**
 * The longest that an order of a crowd, or a replace of one, may take to reach its shard, when it may not take
 * for ever: some come in time and some do not.
 */
const EXPIRY_US_MAX = 20_000;

/** An account that there is none of. */
const NOBODY = 77;

/** Mostly the rarer kind: a cancel of all that rests makes a crowd quiet. */
const { All, Resting, TriggerPending } = CancelScope;
const SCOPES = [TriggerPending, TriggerPending, Resting, All];

/** How long after its turn a command that may trade expires; 0 = never. */
function drawExpiry(random: Random): number {
  return random.below(16) === 0 ? 1 + random.below(EXPIRY_US_MAX) : 0;
}

/** An order close to the others, so that most of them trade, or set off one another. */
export function drawLively(random: Random, regime: Regime): PlaceOrder {
  const { markets, accountIds } = regime.setup;
  const spec = markets[random.below(markets.length)]!;
  const { marketId, minQuantityLots } = spec;
  const near = () => Math.max(1, regime.middleTicks[marketId]! - 2 + random.below(4));
  const order = {
    ...PlaceOrder.create(),
    ...{ accountId: accountIds[random.below(accountIds.length)]!, marketId },
    ...{ side: random.below(2), selfTradePrevention: random.below(4) },
    ...{ timeInForce: [0, 0, 0, 1, 2][random.below(5)]!, postOnly: random.below(8) === 0 },
    ...{ priceTicks: near(), quantityLots: minQuantityLots + random.below(12) },
    expiresAtUs: drawExpiry(random),
  };
  const isMarket = random.below(6) === 0;
  if (isMarket) {
    const terms = { orderType: OrderType.Market, timeInForce: TimeInForce.IOC };
    Object.assign(order, { ...terms, postOnly: false });
  }
  if (random.below(4) === 0) order.triggerPriceTicks = near() + random.below(2);
  else if (isMarket && random.below(2) === 0) {
    const lotUnits = order.priceTicks * spec.quoteUnitsPerTickLot;
    order.quoteBudgetUnits = lotUnits * order.quantityLots + random.below(lotUnits);
    order.quantityLots = 0;
  }
  return order;
}

/** Somebody's order that trades with an order placed a little while ago, if that rests. */
export function drawTaker(random: Random, regime: Regime, placed: Step): PlaceOrder {
  const { accountIds } = regime.setup;
  const { marketId, side, priceTicks, quantityLots } = placed.command.body as PlaceOrder;
  return {
    ...PlaceOrder.create(),
    ...{ accountId: accountIds[random.below(accountIds.length)]!, marketId },
    ...{ side: 1 - side, priceTicks, quantityLots: 1 + random.below(quantityLots + 2) },
    ...{ timeInForce: random.below(2), selfTradePrevention: random.below(4) },
  };
}

/** A command after an order that was placed a little while ago. A cancel ends the chase, so it is rare. */
export function drawChange(random: Random, regime: Regime, placed: Step): Command {
  const { marketId, priceTicks, ...placer } = placed.command.body as PlaceOrder;
  const accountId = random.below(60) === 0 ? NOBODY : placer.accountId;
  const account = { requestId: 0, accountId };
  const order = { ...account, marketId, orderId: 0, clientId: placed.number };
  const roll = random.below(32);
  if (roll < 2) return { kind: 'cancel', body: order };
  if (roll < 4) return { kind: 'query', body: { ...order, mayWait: random.below(2) === 0 } };
  if (roll < 5) return { kind: 'queryOrders', body: { ...account, marketId: 0 } };
  if (roll < 6) return { kind: 'queryBalances', body: account };
  if (roll < 7) {
    const scope = SCOPES[random.below(SCOPES.length)]!;
    const body = { ...account, marketId: random.below(2) * marketId, scope };
    return { kind: 'cancelAll', body };
  }
  if (roll < 15) {
    return { kind: 'reduce', body: { ...order, quantityLots: 1 + random.below(4) } };
  }
  const nearLots = Math.max(1, placer.quantityLots - 4 + random.below(10));
  const nearTicks = Math.max(1, priceTicks - 3 + random.below(6));
  const lowerTicks = Math.max(1, priceTicks - random.below(1 + (priceTicks >>> 2)));
  const replaced = {
    priceTicks: [0, lowerTicks, nearTicks, nearTicks][random.below(4)]!,
    quantityLots: [0, 1 + random.below(regime.lotsMax), nearLots, nearLots][random.below(4)]!,
    expiresAtUs: drawExpiry(random),
  };
  return { kind: 'replace', body: { ...order, ...replaced } };
}
