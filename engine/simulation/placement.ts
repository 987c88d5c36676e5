import { Side } from '../protocol/enums.ts';
import { BASIS_POINTS } from '../protocol/units.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import type { TwinVenue } from '../shard/venue-comparison.fixture.ts';

/**
 * Whether it may depend on which shard has the market that a replace can be paid for. A bid that moves
 * down holds the lock of its old price until a market of another shard has answered (see
 * `Reservations.tryLockReplacement`), and within one shard it does not: true when funds suffice for the
 * one and not for the other.
 */
export function dependsOnPlacement(command: Command, { venue }: TwinVenue): boolean {
  if (command.kind !== 'replace') return false;
  const { accountId, orderId, clientId, priceTicks, quantityLots } = command.body;
  const order = venue.orders.find(
    (o) =>
      o.accountId === accountId &&
      (orderId === 0 ? o.clientId === clientId : o.orderId === orderId),
  );
  const spec = venue.markets.get(order?.marketId ?? 0)?.spec;
  if (order === undefined || spec === undefined || order.side === Side.Ask) return false;
  const openLots = (quantityLots || order.quantityLots) - order.executedLots;
  const extraTicks = order.priceTicks - (priceTicks || order.priceTicks);
  if (extraTicks <= 0 || openLots < 1) return false;
  const tickLots =
    BigInt(openLots) * BigInt(order.priceTicks - extraTicks) +
    BigInt(Math.min(openLots, order.openLots)) * BigInt(extraTicks);
  const notional = tickLots * BigInt(spec.quoteUnitsPerTickLot);
  const feeBps = BigInt(Math.max(spec.makerFeeBps, spec.takerFeeBps));
  const most = notional + (notional * feeBps) / BigInt(BASIS_POINTS) + 1n;
  return venue.available(accountId, spec.quoteAssetId) + order.lockedUnits < most;
}
