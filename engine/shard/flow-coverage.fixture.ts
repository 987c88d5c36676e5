import { OrderType, Side, TimeInForce } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Command } from './shard-harness.fixture.ts';
import type { TwinVenue } from './venue-comparison.fixture.ts';

const KINDS = [
  'GTC',
  'IOC',
  'FOK',
  'GTC post-only',
  'IOC post-only',
  'FOK post-only',
  'market by base',
  'market by quote',
];
const SIDES = ['bid', 'ask'];
const OWN_SIDES = ['no own side', 'own side'];
const OTHER_SIDES = [
  'no other side',
  'out of reach',
  'one level, too few lots',
  'one level, just the lots',
  'one level, lots to spare',
  'several levels, too few lots',
  'several levels, just the lots',
  'several levels, lots to spare',
];

/** Refusals that the book decides: such an order was looked at by the whole venue. */
const BOOK_REFUSALS: readonly RejectCode[] = [
  RejectCode.None,
  RejectCode.PostOnlyWouldTake,
  RejectCode.FillOrKillUnfillable,
];

/** Which combinations of order and book a flow has reached. */
export class FlowCoverage {
  readonly #counts = new Map<string, number>();
  readonly refusals = new Map<RejectCode, number>();

  /** The combination an order is about to make, or null when it is not an order. */
  static of(command: Command, twin: TwinVenue): string | null {
    if (command.kind !== 'place') return null;
    const { marketId, side, priceTicks, quoteBudgetUnits } = command.body;
    const isBid = side === Side.Bid;
    const own = twin.levels(marketId, isBid ? Side.Bid : Side.Ask);
    const other = twin.levels(marketId, isBid ? Side.Ask : Side.Bid);
    const reached = other.filter(([price]) => (isBid ? price <= priceTicks : price >= priceTicks));
    const unit = twin.venue.markets.get(marketId)?.spec.quoteUnitsPerTickLot ?? 1;
    const isByQuote = quoteBudgetUnits > 0;
    const there = reached.reduce(
      (sum, [price, lots]) => sum + lots * (isByQuote ? price * unit : 1),
      0,
    );
    const wanted = isByQuote ? quoteBudgetUnits : command.body.quantityLots;
    const enough =
      there < wanted ? 'too few lots' : there === wanted ? 'just the lots' : 'lots to spare';
    const levels = reached.length === 1 ? 'one level' : 'several levels';
    const met = reached.length === 0 ? 'out of reach' : `${levels}, ${enough}`;
    const shape = other.length === 0 ? 'no other side' : met;
    return [
      kindOf(command.body),
      SIDES[side],
      own.length > 0 ? 'own side' : 'no own side',
      shape,
    ].join(' | ');
  }

  count(combination: string | null, refusal: RejectCode): void {
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
    if (combination === null || !BOOK_REFUSALS.includes(refusal)) return;
    this.#counts.set(combination, (this.#counts.get(combination) ?? 0) + 1);
  }

  get reached(): number {
    return this.#counts.size;
  }

  get possible(): number {
    return KINDS.length * SIDES.length * OWN_SIDES.length * OTHER_SIDES.length;
  }

  missing(): string[] {
    const all = KINDS.flatMap((kind) =>
      SIDES.flatMap((side) =>
        OWN_SIDES.flatMap((own) =>
          OTHER_SIDES.map((other) => [kind, side, own, other].join(' | ')),
        ),
      ),
    );
    return all.filter((combination) => !this.#counts.has(combination));
  }
}

function kindOf(order: Extract<Command, { kind: 'place' }>['body']): string {
  if (order.orderType === OrderType.Market) {
    return order.quoteBudgetUnits > 0 ? 'market by quote' : 'market by base';
  }
  if (order.timeInForce === TimeInForce.IOC) return order.postOnly ? 'IOC post-only' : 'IOC';
  if (order.timeInForce === TimeInForce.FOK) return order.postOnly ? 'FOK post-only' : 'FOK';
  return order.postOnly ? 'GTC post-only' : 'GTC';
}
