import { setTimeout as delay } from 'node:timers/promises';
import { RestClient } from '../client/rest-client.ts';
import type { KeyPair } from '../client/signing.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { SelfDelay } from '../subscribers/self-delay.ts';
import { AccountLedger, type Capital, type MarketAssets } from './account-ledger.ts';
import { AccountSocket } from './account-socket.ts';
import type { ToldToAccounts } from './audit-input.ts';
import { NAMED_MAX } from './check.ts';
import { Decimal } from './decimal-sums.ts';
import { type EventFrame, KeptText, Member } from './event-frame.ts';
import { FillEvents } from './fill-events.ts';
import { HeardFills } from './heard-fills.ts';
import { HeardOrders } from './heard-orders.ts';
import type { AccountFindings } from './stream-findings.ts';

const CATCH_UP_TIMEOUT_MS = 10_000;
const POLL_MS = 50;
/** At rest, nothing more is under way when nothing has come for so long. */
const SETTLED_MS = 250;
/** First bytes of `true` and of `Bid`. */
const TRUE = 0x74;
const BID = 0x42;
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

/** What was told last of one asset. */
interface ToldBalance {
  readonly available: KeptText;
  readonly locked: KeptText;
}

/** One account, as it is heard. */
interface HeardAccount {
  readonly rest: RestClient;
  readonly socket: AccountSocket;
  readonly ledger: AccountLedger;
  readonly orders: HeardOrders;
  /** When an order of it, by client id, was first told to be met: ms of the epoch. */
  readonly firstMet: Map<number, number>;
  /** By asset. */
  readonly balances: Map<string, ToldBalance>;
}

/** Listens to the private streams of the run's accounts, from before their first order on. */
export class AccountListener {
  readonly #setup: ListenerSetup;
  readonly #accounts: HeardAccount[] = [];
  readonly #fills = new FillEvents();
  readonly #takerSums = new HeardFills();
  readonly #makerSums = new HeardFills();
  readonly #orderUpdate = new LatencyCounts();
  readonly #delay = new SelfDelay();
  readonly #quantity = new Decimal();
  readonly #price = new Decimal();
  readonly #fee = new Decimal();
  #makerFills = 0;
  #takerFills = 0;
  #balanceEvents = 0;
  #orderEvents = 0;
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
      const balances = new Map<string, ToldBalance>();
      const socket = new AccountSocket(
        (event) => this.#fill(account, event),
        (event) => this.#balance(account, event),
        (event) => this.#order(account, event),
      );
      const orders = new HeardOrders();
      const account = { rest, ledger, orders, socket, firstMet, balances };
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
  async finish({ trades, placed, isWhole }: ToldToAccounts): Promise<AccountFindings> {
    const watch = this.#fromMs === Number.POSITIVE_INFINITY ? undefined : this.#delay.end();
    const how = { hasStrangers: this.#setup.hasOthersInMarkets, isWhole };
    const endMs = performance.now() + CATCH_UP_TIMEOUT_MS;
    let wrong = this.#fills.compare(trades, how);
    let balances = await this.#compareBalances();
    while (wrong.count + balances.wrong.length + balances.wrongEvents.length > 0) {
      if (performance.now() > endMs) break;
      await delay(POLL_MS);
      wrong = this.#fills.compare(trades, how);
      balances = await this.#compareBalances();
    }
    await this.#settled();
    const lost = this.#accounts.filter(({ socket }) => !socket.isOpen).length;
    await Promise.all(this.#accounts.map(({ socket }) => socket.close()));
    const wrongStatuses = this.#accounts.flatMap(({ orders }, index) => {
      const { count, first } = orders.wrongStatuses;
      return count === 0 ? [] : [`of account ${index + 1} of the run ${count}: ${first}`];
    });
    return {
      accounts: this.#accounts.length,
      orderEvents: this.#orderEvents,
      wrongStatuses,
      orderSums: this.#accounts.map(({ orders }) => orders.sums),
      takerSums: this.#takerSums.sums,
      makerSums: this.#makerSums.sums,
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

  /** Waits until the streams are quiet. */
  async #settled(): Promise<void> {
    let heard = -1;
    while (heard !== this.#orderEvents) {
      heard = this.#orderEvents;
      await delay(SETTLED_MS);
    }
  }

  #order({ orders }: HeardAccount, event: EventFrame): void {
    this.#orderEvents++;
    if (this.#setup.assets.has(event.text(Member.symbol))) orders.take(event);
  }

  #fill(account: HeardAccount, event: EventFrame): void {
    const heardMs = performance.timeOrigin + performance.now();
    const symbol = event.text(Member.symbol);
    const assets = this.#setup.assets.get(symbol);
    // Of a market that the run has nothing to do with.
    if (assets === undefined) return;
    const isMaker = event.firstByte(Member.isMaker) === TRUE;
    this.#order(account, event);
    if (isMaker) this.#makerFills++;
    else this.#takerFills++;
    (isMaker ? this.#makerSums : this.#takerSums).take(symbol, event);
    this.#fills.add(symbol, event.whole(Member.tradeId), isMaker);
    this.#book(account.ledger, event, assets);
    const clientId = event.whole(Member.clientId);
    if (isMaker && clientId >= 0 && !account.firstMet.has(clientId)) {
      account.firstMet.set(clientId, heardMs);
    }
    const engineUs = event.whole(Member.engineUs);
    const atMs = engineUs / 1000;
    if (this.#setup.sharesClock && atMs >= this.#fromMs && atMs < this.#toMs) {
      this.#orderUpdate.record(heardMs * 1000 - engineUs);
    }
  }

  #book(ledger: AccountLedger, event: EventFrame, assets: MarketAssets): void {
    const quantity = event.decimal(Member.fillQuantity, this.#quantity);
    const price = event.decimal(Member.fillPrice, this.#price);
    ledger.fill(event.firstByte(Member.side) === BID, quantity, price, assets);
    if (!event.has(Member.fee) || !event.has(Member.feeAsset)) return;
    ledger.fee(event.text(Member.feeAsset), event.decimal(Member.fee, this.#fee));
  }

  #balance({ balances }: HeardAccount, event: EventFrame): void {
    this.#balanceEvents++;
    const asset = event.text(Member.asset);
    let told = balances.get(asset);
    if (told === undefined) {
      told = { available: new KeptText(), locked: new KeptText() };
      balances.set(asset, told);
    }
    event.keep(Member.available, told.available);
    event.keep(Member.locked, told.locked);
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
        for (const [asset, told] of balances) {
          const [available, locked] = [`${told.available}`, `${told.locked}`];
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
