import type { FireCancelTimer, SetCancelTimer, SetKillSwitch } from '../protocol/commands.ts';
import { KillScope } from '../protocol/enums.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { NaiveMarket, NaiveOrder } from './naive-rules.fixture.ts';

/** What of a venue its protections look at and do. */
interface ProtectedVenue {
  readonly markets: ReadonlyMap<number, NaiveMarket>;
  hasAccount(accountId: number): boolean;
  /** Cancels orders account by account, whatever the state of their markets. */
  cancelWhere(isMeant: (order: NaiveOrder) => boolean): void;
}

const { Venue, Market, Account } = KillScope;

/** The latches and timers of a naive venue, as plainly as possible: by name. */
export class NaiveProtections {
  readonly #venue: ProtectedVenue;
  readonly #latches = new Set<string>();
  /** Deadlines, µs. */
  readonly #timers = new Map<string, number>();

  constructor(venue: ProtectedVenue) {
    this.#venue = venue;
  }

  /** What is latched. */
  get latches(): readonly { scope: number; targetId: number }[] {
    return [...this.#latches].map((name) => {
      const [scope, targetId] = name.split(' ').map(Number);
      return { scope: scope!, targetId: targetId! };
    });
  }

  isAccountKilled(accountId: number): boolean {
    return this.#latches.has(`${Account} ${accountId}`);
  }

  setKillSwitch({ scope, targetId, isActive }: Body<typeof SetKillSwitch>): RejectCode {
    const { markets } = this.#venue;
    if (scope === Market && !markets.has(targetId)) return RejectCode.UnknownMarket;
    if (scope === Account && !this.#venue.hasAccount(targetId)) return RejectCode.UnknownAccount;
    const name = `${scope} ${scope === Venue ? 0 : targetId}`;
    if (isActive) this.#latches.add(name);
    else this.#latches.delete(name);
    for (const market of markets.values()) market.killed = this.#killedOf(market.spec.marketId);
    if (!isActive) return RejectCode.None;
    this.#venue.cancelWhere((order) => {
      if (scope === Venue) return true;
      return targetId === (scope === Market ? order.marketId : order.accountId);
    });
    return RejectCode.None;
  }

  setCancelTimer(timer: Body<typeof SetCancelTimer>): RejectCode {
    const { accountId, marketId, timeoutUs, deadlineUs } = timer;
    if (!this.#venue.hasAccount(accountId)) return RejectCode.UnknownAccount;
    if (marketId !== 0 && !this.#venue.markets.has(marketId)) return RejectCode.UnknownMarket;
    if (timeoutUs === 0) this.#timers.delete(nameOf(timer));
    else this.#timers.set(nameOf(timer), deadlineUs);
    return RejectCode.None;
  }

  fireCancelTimer(timer: Body<typeof FireCancelTimer>, nowUs: number): RejectCode {
    const { accountId, marketId } = timer;
    if (!this.#venue.hasAccount(accountId)) return RejectCode.UnknownAccount;
    const deadlineUs = this.#timers.get(nameOf(timer)) ?? 0;
    if (deadlineUs === 0 || deadlineUs > nowUs) return RejectCode.None;
    this.#timers.delete(nameOf(timer));
    this.#venue.cancelWhere((order) => {
      return order.accountId === accountId && (marketId === 0 || order.marketId === marketId);
    });
    return RejectCode.None;
  }

  /** See `NaiveMarket`. */
  #killedOf(marketId: number): number {
    const isKilled = this.#latches.has(`${Market} ${marketId}`);
    return (isKilled ? 1 : 0) + (this.#latches.has(`${Venue} 0`) ? 2 : 0);
  }
}

function nameOf({ accountId, marketId, trigger }: Body<typeof FireCancelTimer>): string {
  return `${accountId} ${marketId} ${trigger}`;
}
