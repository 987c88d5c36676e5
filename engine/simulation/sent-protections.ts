import { KillScope } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import type { VenueSetup } from '../shard/venue-comparison.fixture.ts';

/**
 * The latches and timers of a venue as its commands were sent. An account's home takes everything in the order it was
 * sent, and so it does what concerns all: what was sent behind a latch is refused.
 */
export class SentProtections {
  readonly #setup: VenueSetup;
  readonly #latches = new Set<string>();
  /** Codes that somebody may be refused with by now. */
  readonly #codes = new Set<number>();
  /** Deadlines, µs. */
  readonly #timers = new Map<string, number>();

  constructor(setup: VenueSetup) {
    this.#setup = setup;
  }

  /** `command` is sent. */
  send({ kind, body }: Command): void {
    if (kind === 'setKillSwitch') {
      const { scope, targetId, isActive } = body;
      const name = nameOf(scope, targetId);
      if (isActive) this.#latches.add(name);
      else this.#latches.delete(name);
      const isOfAccount = scope === KillScope.Account;
      this.#codes.add(isOfAccount ? RejectCode.AccountKillSwitch : RejectCode.KillSwitch);
    } else if (kind === 'setCancelTimer') {
      const { accountId, marketId, timeoutUs, deadlineUs } = body;
      const { accountIds, markets } = this.#setup;
      const isThere = marketId === 0 || markets.some((market) => market.marketId === marketId);
      if (!isThere || !accountIds.includes(accountId)) return;
      this.#timers.set(timerNameOf(body), timeoutUs === 0 ? 0 : deadlineUs);
    }
  }

  /** Whether a latch stops the new order, or the replace, that is sent now. */
  stops({ kind, body }: Command): boolean {
    if (kind !== 'place' && kind !== 'replace') return false;
    const { accountId, marketId } = body;
    const { Venue, Market, Account } = KillScope;
    const names = [nameOf(Venue, 0), nameOf(Market, marketId), nameOf(Account, accountId)];
    return names.some((name) => this.#latches.has(name));
  }

  /** Whether the timer that is told to fire now is due for sure; then it is no more. */
  fires({ kind, body }: Command, nowUs: number): boolean {
    if (kind !== 'fireCancelTimer') return false;
    const deadlineUs = this.#timers.get(timerNameOf(body)) ?? 0;
    const isDue = deadlineUs > 0 && deadlineUs <= nowUs;
    if (isDue) this.#timers.delete(timerNameOf(body));
    return isDue;
  }

  /** Whether anything was latched so far for which this is the code. */
  explains(code: number): boolean {
    return this.#codes.has(code);
  }
}

function nameOf(scope: number, targetId: number): string {
  return `${scope} ${scope === KillScope.Venue ? 0 : targetId}`;
}

function timerNameOf(timer: { accountId: number; marketId: number; trigger: number }): string {
  return `${timer.accountId} ${timer.marketId} ${timer.trigger}`;
}
