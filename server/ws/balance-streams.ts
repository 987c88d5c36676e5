import { OrderEventKind, Side } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import { nowUs } from '../clock.ts';
import { type BalanceAfter, balanceUpdateData } from '../orders/balance-update-frame.ts';
import type { Registry } from '../registry/registry.ts';
import type { PrivatePublisher } from './private-publisher.ts';

const BALANCE_UPDATE = 'account.balanceUpdate';

/** Of an account whose balances somebody hears. */
interface HeardAccount {
  subscriptions: number;
  /** What was told last, by asset id: at most one of each asset that is listed. */
  readonly told: Map<number, Pick<BalanceAfter, 'availableUnits' | 'lockedUnits'>>;
}

/**
 * `account.balanceUpdate` and the same of one asset. An event tells the balances that events of its kind change: a fill
 * both of its market's, any other event of an order the one that the order locks, a move of funds its own; unless it is
 * what was told last. So the last one told is the truth at rest: whenever a balance changes, an event of a kind that
 * changes it comes then or later, with the balance as it is. Later where a market of another shard, or a match within
 * the account, comes first: what an order has locked is in the balances that are told before it is heard of.
 */
export class BalanceStreams {
  readonly #publisher: PrivatePublisher;
  readonly #registry: Registry;
  readonly #accounts = new Map<number, HeardAccount>();

  constructor(publisher: PrivatePublisher, registry: Registry) {
    this.#publisher = publisher;
    this.#registry = registry;
  }

  /** A socket hears a private stream from now on; of other streams than these it changes nothing. */
  onSubscribed(accountId: number, stream: string): void {
    if (!isOfBalances(stream)) return;
    const heard = this.#accounts.get(accountId);
    if (heard === undefined) this.#accounts.set(accountId, { subscriptions: 1, told: new Map() });
    else heard.subscriptions++;
  }

  /** It hears it no more; what was told is forgotten with the last. */
  onUnsubscribed(accountId: number, stream: string): void {
    if (!isOfBalances(stream)) return;
    const heard = this.#accounts.get(accountId);
    if (heard !== undefined && --heard.subscriptions === 0) this.#accounts.delete(accountId);
  }

  /** To be told of behind the order itself. */
  onOrderEvent(event: Readonly<OrderEvent>): void {
    const { accountId, timeUs } = event;
    const heard = this.#accounts.get(accountId);
    if (heard === undefined) return;
    const { baseAssetId, quoteAssetId } = this.#registry.market(event.marketId).spec;
    const isFill = event.kind === OrderEventKind.Fill;
    const isBid = event.side === Side.Bid;
    if (isFill || !isBid) {
      const { baseAvailableUnits: availableUnits, baseLockedUnits: lockedUnits } = event;
      this.#tell(heard, { accountId, assetId: baseAssetId, availableUnits, lockedUnits, timeUs });
    }
    if (isFill || isBid) {
      const { quoteAvailableUnits: availableUnits, quoteLockedUnits: lockedUnits } = event;
      this.#tell(heard, { accountId, assetId: quoteAssetId, availableUnits, lockedUnits, timeUs });
    }
  }

  /** A balance that changed without an event of an order. */
  onBalance(balance: BalanceAfter): void {
    const heard = this.#accounts.get(balance.accountId);
    if (heard !== undefined) this.#tell(heard, balance);
  }

  #tell({ told }: HeardAccount, balance: BalanceAfter): void {
    const { accountId, assetId, availableUnits, lockedUnits } = balance;
    const last = told.get(assetId);
    if (last?.availableUnits === availableUnits && last.lockedUnits === lockedUnits) return;
    told.set(assetId, { availableUnits, lockedUnits });
    const asset = this.#registry.asset(assetId);
    const streams = [BALANCE_UPDATE, `${BALANCE_UPDATE}.${asset.symbol}`];
    this.#publisher.publish(accountId, streams, () => balanceUpdateData(balance, asset, nowUs()));
  }
}

function isOfBalances(stream: string): boolean {
  return stream.startsWith(BALANCE_UPDATE);
}
