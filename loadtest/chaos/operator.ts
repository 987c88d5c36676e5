import { AdminClient, type TransferAnswer } from '../client/admin-client.ts';
import { textOf, unitsOf } from '../client/decimal-text.ts';
import type { Random } from '../random.ts';
import { Creations } from './creations.ts';
import type { CreationRow } from './database.ts';
import { definiteAnswer } from './definite-answer.ts';
import type { Findings } from './findings.ts';
import { CHAOS_ASSETS, CHAOS_MARKETS, type ChaosAsset, HALTED_MARKET } from './markets.ts';

export interface TransferRecord {
  readonly accountId: number;
  readonly kind: 'Deposit' | 'Withdrawal';
  readonly id: string;
  readonly asset: ChaosAsset;
  readonly units: number;
  answer: 'open' | 'taken' | 'refused';
  /** The first answer: a repetition must hear the same. */
  first: TransferAnswer | null;
}

/** Units at most, of the smallest amount an account is given of any asset. */
const TRANSFER_SHARE = 0.001;
type MarketStateName = 'Open' | 'PostOnly' | 'CancelOnly';

/**
 * The venue's operator: lists everything, moves money in and out while orders flow, and now and then opens an account
 * or changes a market's state. Knows what each request was answered.
 */
export class Operator {
  readonly #random: Random;
  readonly #findings: Findings;
  #admin: AdminClient | null = null;
  /** Every transfer that is not refused for certain. */
  readonly transfers: TransferRecord[] = [];
  readonly #creations: Creations;
  /** What the halted market's state may be. */
  #marketStates: readonly MarketStateName[] = ['Open'];
  #accountIdList: readonly number[] = [];
  #nextTransfer = 1;
  #acknowledged = 0;

  constructor(random: Random, findings: Findings) {
    this.#random = random;
    this.#findings = findings;
    this.#creations = new Creations(random, findings);
  }

  /** Requests of every kind that were answered as done. */
  get acknowledged(): number {
    return this.#acknowledged + this.#creations.acknowledged;
  }

  get admin(): AdminClient {
    if (this.#admin === null) throw new Error('the operator is not connected');
    return this.#admin;
  }

  connect(adminUrl: string, token: string): void {
    this.#admin = new AdminClient(adminUrl, token);
  }

  /** Lists assets and markets and opens the trading accounts; answers their ids. */
  async setUp(publicKeys: readonly string[]): Promise<number[]> {
    const { admin } = this;
    for (const { symbol, decimals } of CHAOS_ASSETS) await admin.createAsset(symbol, decimals);
    for (const { listing } of CHAOS_MARKETS) await admin.listMarket(listing);
    const ids: number[] = [];
    for (const [index, publicKey] of publicKeys.entries()) {
      const name = `trader ${index + 1}`;
      const accountId = await admin.createAccount(name);
      await admin.createKey(accountId, publicKey);
      ids.push(accountId);
    }
    this.#accountIdList = ids;
    for (const accountId of ids) {
      for (const asset of CHAOS_ASSETS) {
        await this.#transfer(accountId, 'Deposit', asset, asset.endowment * 10 ** asset.decimals);
      }
    }
    return ids;
  }

  /** One action of the operator while orders flow; resolves when it is answered, or cannot be any more. */
  async act(): Promise<void> {
    const draw = this.#random.next();
    if (draw < 0.06) await this.#creations.add(this.admin);
    else if (draw < 0.1) await this.#changeMarketState();
    else await this.#moveFunds();
  }

  /** Repeats what has no answer, and some of what has one: both must be as if asked once. */
  async settle(repetitions: number): Promise<void> {
    for (const transfer of this.transfers) {
      if (transfer.answer === 'open') await this.#ask(transfer);
    }
    const taken = this.transfers.filter(({ answer }) => answer === 'taken');
    for (let count = Math.min(repetitions, taken.length); count > 0; count--) {
      await this.#repeat(taken[this.#random.integer(0, taken.length - 1)]!);
    }
    await this.#creations.settle(this.admin);
  }

  auditCreations(rows: readonly CreationRow[]): void {
    this.#creations.audit(rows);
  }

  /** Notes as a finding when the halted market is shown in a state that it cannot have. */
  checkMarketState(shown: string): void {
    if (this.#marketStates.some((name) => name === shown)) {
      this.#marketStates = [shown as MarketStateName];
      return;
    }
    this.#findings.add(
      'lost',
      () => `${HALTED_MARKET.symbol} is ${shown}, told as ${this.#marketStates.join(' or ')}`,
    );
  }

  #moveFunds(): Promise<void> {
    const random = this.#random;
    const ids = this.#accountIdList;
    const accountId = ids[random.integer(0, ids.length - 1)]!;
    const asset = CHAOS_ASSETS[random.integer(0, CHAOS_ASSETS.length - 1)]!;
    const units = asset.endowment * 10 ** asset.decimals;
    const amount = random.integer(1, Math.floor(units * TRANSFER_SHARE));
    // As much goes out as comes in; some withdrawals ask for what is not there.
    if (random.chance(0.5)) return this.#transfer(accountId, 'Deposit', asset, amount);
    return this.#transfer(accountId, 'Withdrawal', asset, random.chance(0.05) ? units * 3 : amount);
  }

  #transfer(
    accountId: number,
    kind: TransferRecord['kind'],
    asset: ChaosAsset,
    units: number,
  ): Promise<void> {
    const id = `transfer ${this.#nextTransfer++}`;
    const transfer: TransferRecord = {
      ...{ accountId, kind, id, asset, units },
      answer: 'open',
      first: null,
    };
    this.transfers.push(transfer);
    return this.#ask(transfer);
  }

  async #ask(transfer: TransferRecord): Promise<void> {
    const answer = await definiteAnswer(() => this.#send(transfer));
    if (answer === 'unknown') return;
    transfer.answer = answer === 'refused' ? 'refused' : 'taken';
    if (answer === 'refused') return;
    transfer.first = answer;
    this.#acknowledged++;
  }

  #send({ kind, accountId, id, asset, units }: TransferRecord): Promise<TransferAnswer> {
    const quantity = textOf(units, asset.decimals);
    const { admin } = this;
    return kind === 'Deposit'
      ? admin.deposit(accountId, id, asset.symbol, quantity)
      : admin.withdraw(accountId, id, asset.symbol, quantity);
  }

  async #repeat(transfer: TransferRecord): Promise<void> {
    const answer = await definiteAnswer(() => this.#send(transfer));
    const { first, id } = transfer;
    if (answer === 'unknown' || sameBalance(answer, first!, transfer.asset)) return;
    const told = JSON.stringify(answer);
    const describe = () => `${id} repeated is answered ${told}, first ${JSON.stringify(first)}`;
    this.#findings.add(answer === 'refused' ? 'lost' : 'contradiction', describe);
  }

  async #changeMarketState(): Promise<void> {
    const before = this.#marketStates;
    const halt = this.#random.chance(0.5) ? 'PostOnly' : 'CancelOnly';
    const state = before.at(-1) === 'Open' ? halt : 'Open';
    this.#marketStates = [...before, state];
    const { symbol } = HALTED_MARKET;
    const answer = await definiteAnswer(() => this.admin.setMarketState(symbol, state));
    if (answer === 'unknown') return;
    this.#marketStates = answer === 'refused' ? before : [state];
    if (answer !== 'refused') this.#acknowledged++;
  }
}

function sameBalance(
  answer: TransferAnswer | 'refused',
  first: TransferAnswer,
  { decimals }: ChaosAsset,
): boolean {
  if (answer === 'refused') return false;
  return (
    unitsOf(answer.available, decimals) === unitsOf(first.available, decimals) &&
    unitsOf(answer.locked, decimals) === unitsOf(first.locked, decimals)
  );
}
