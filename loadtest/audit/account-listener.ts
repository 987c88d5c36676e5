import { setTimeout as delay } from 'node:timers/promises';
import { RestClient } from '../client/rest-client.ts';
import type { KeyPair } from '../client/signing.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { SelfDelay } from '../subscribers/self-delay.ts';
import {
  AccountLedger,
  type Capital,
  type FillEvent,
  type MarketAssets,
} from './account-ledger.ts';
import { AccountSocket } from './account-socket.ts';
import type { ToldToAccounts } from './audit-input.ts';
import { NAMED_MAX } from './check.ts';
import { FillEvents } from './fill-events.ts';
import type { AccountFindings } from './stream-findings.ts';

const CATCH_UP_TIMEOUT_MS = 10_000;
const POLL_MS = 50;
/** Accounts that are asked for their balances at a time. */
const CONCURRENCY = 8;

/** What an `AccountListener` must know of the run. */
export interface ListenerSetup {
  readonly url: string;
  /** Where its websockets are, if not there. */
  readonly streamUrl?: string;
  readonly assets: ReadonlyMap<string, MarketAssets>;
  /** The venue's times are of the same clock as ours. */
  readonly sharesClock: boolean;
  /** Those who make may be strangers, whose streams nobody hears. */
  readonly hasOthersInMarkets: boolean;
}

interface BalanceEvent {
  readonly a: string;
  readonly A: string;
  readonly L: string;
}

/** One account, as it is heard. */
interface HeardAccount {
  readonly rest: RestClient;
  readonly socket: AccountSocket;
  readonly ledger: AccountLedger;
  /** When an order of it, by client id, was first told to be met: ms of the epoch. */
  readonly firstMet: Map<number, number>;
  /** The last of each asset. */
  readonly balances: Map<string, BalanceEvent>;
}

/** Listens to the private streams of the run's accounts, from before their first order on. */
export class AccountListener {
  readonly #setup: ListenerSetup;
  readonly #accounts: HeardAccount[] = [];
  readonly #fills = new FillEvents();
  readonly #orderUpdate = new LatencyCounts();
  readonly #delay = new SelfDelay();
  #makerFills = 0;
  #takerFills = 0;
  #balanceEvents = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.POSITIVE_INFINITY;

  constructor(setup: ListenerSetup) {
    this.#setup = setup;
  }

  /** Subscribes all of them; rejects with what the venue refuses. */
  async listen(keys: readonly KeyPair[]): Promise<void> {
    const { url, streamUrl = url, assets } = this.#setup;
    for (const keyPair of keys) {
      const rest = new RestClient(url, keyPair);
      const ledger = new AccountLedger(await capitalOf(rest), assets.values());
      const firstMet = new Map<number, number>();
      const balances = new Map<string, BalanceEvent>();
      const socket = new AccountSocket(
        (frame) => this.#fill(account, frame),
        (frame) => this.#balance(account, frame),
      );
      const account = { rest, ledger, socket, firstMet, balances };
      this.#accounts.push(account);
      await socket.listen(streamUrl, keyPair);
    }
  }

  /** The measured part, in ms of the epoch. */
  measure(fromEpochMs: number, toEpochMs: number): void {
    this.#fromMs = fromEpochMs;
    this.#toMs = toEpochMs;
    this.#delay.start(fromEpochMs - performance.timeOrigin);
  }

  /** To be called at rest: waits until what was told has come here, too, and says what was heard. */
  async finish({ trades, placed }: ToldToAccounts): Promise<AccountFindings> {
    const watch = this.#fromMs === Number.POSITIVE_INFINITY ? undefined : this.#delay.end();
    const { hasOthersInMarkets } = this.#setup;
    const endMs = performance.now() + CATCH_UP_TIMEOUT_MS;
    let wrong = this.#fills.compare(trades, hasOthersInMarkets);
    let balances = await this.#compareBalances();
    while (wrong.count + balances.wrong.length + balances.wrongEvents.length > 0) {
      if (performance.now() > endMs) break;
      await delay(POLL_MS);
      wrong = this.#fills.compare(trades, hasOthersInMarkets);
      balances = await this.#compareBalances();
    }
    const lost = this.#accounts.filter(({ socket }) => !socket.isOpen).length;
    await Promise.all(this.#accounts.map(({ socket }) => socket.close()));
    return {
      accounts: this.#accounts.length,
      makerFills: this.#makerFills,
      takerFills: this.#takerFills,
      tradesTold: trades.reduce((sum, { tradeIds }) => sum + tradeIds.length, 0),
      wrongFillCount: wrong.count,
      wrongFills: wrong.words,
      balancesCompared: balances.compared,
      wrongBalances: balances.wrong.slice(0, NAMED_MAX),
      balanceEvents: this.#balanceEvents,
      wrongBalanceEvents: balances.wrongEvents.slice(0, NAMED_MAX),
      ...(lost === 0
        ? {}
        : { incomplete: `the venue closed the sockets of ${lost} accounts during the run` }),
      makerFirstFill: this.#makerFirstFill(placed).toSparse(),
      orderUpdate: this.#orderUpdate.toSparse(),
      ...(watch === undefined ? {} : { watch }),
    };
  }

  #fill(account: HeardAccount, frame: string): void {
    const heardMs = performance.timeOrigin + performance.now();
    const { data } = JSON.parse(frame) as { data: FillEvent };
    const assets = this.#setup.assets.get(data.s);
    // Of a market that the run has nothing to do with.
    if (assets === undefined) return;
    if (data.m) this.#makerFills++;
    else this.#takerFills++;
    this.#fills.add(data.s, data.t, data.m);
    account.ledger.fill(data, assets);
    if (data.m && data.c !== undefined && !account.firstMet.has(data.c)) {
      account.firstMet.set(data.c, heardMs);
    }
    const atMs = data.T / 1000;
    if (this.#setup.sharesClock && atMs >= this.#fromMs && atMs < this.#toMs) {
      this.#orderUpdate.record(heardMs * 1000 - data.T);
    }
  }

  #balance(account: HeardAccount, frame: string): void {
    const { data } = JSON.parse(frame) as { data: BalanceEvent };
    this.#balanceEvents++;
    account.balances.set(data.a, data);
  }

  #makerFirstFill(placed: ToldToAccounts['placed']): LatencyCounts {
    const counts = new LatencyCounts();
    for (const { account, clientId, intendedMs } of placed) {
      clientId.forEach((id, index) => {
        const metMs = this.#accounts[account[index]!]?.firstMet.get(id);
        if (metMs !== undefined) counts.record((metMs - intendedMs[index]!) * 1000);
      });
    }
    return counts;
  }

  async #compareBalances() {
    let compared = 0;
    const wrong: string[] = [];
    const wrongEvents: string[] = [];
    const queue = this.#accounts.entries();
    const compareInTurn = async (): Promise<void> => {
      for (const [index, { rest, ledger, balances }] of queue) {
        const capital = await capitalOf(rest);
        const found = ledger.compare(capital);
        compared += found.compared;
        wrong.push(...found.wrong.map((words) => `of account ${index + 1} of the run ${words}`));
        for (const { a: asset, A: available, L: locked } of balances.values()) {
          const now = capital[asset];
          if (now?.available === available && now.locked === locked) continue;
          wrongEvents.push(
            `account ${index + 1} of the run was last told ${available} + ${locked} ${asset}, it has ${now?.available} + ${now?.locked}`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, compareInTurn));
    return { compared, wrong, wrongEvents };
  }
}

function capitalOf(rest: RestClient): Promise<Capital> {
  return rest.signedGet('/api/v1/capital', 'balanceQuery');
}
