import type { Findings } from './findings.ts';
import { marketOf } from './markets.ts';
import { isOver, OrderRecord, type SentOrder, sameTerms } from './order-record.ts';
import {
  fillOfReply,
  fillOfUpdate,
  type OrderUpdate,
  stateOfOrder,
  stateOfUpdate,
  strangenessOf,
  termsOfOrder,
  termsOfUpdate,
  type WireOrder,
} from './wire-orders.ts';

/** What the run shares between its accounts. */
export interface SharedFacts {
  readonly findings: Findings;
  /** Highest depth update id that any reply or stream has told, by market. */
  readonly updateIds: Map<string, number>;
  /** Highest order id the auditor has seen in the state, by the shard in its low bits. */
  readonly lastOrderIds: Map<number, number>;
  /** Order results that were acknowledged. */
  acknowledged: number;
}

/** Order ids are a counter times this, plus the home shard. */
const SHARDS_MAX = 64;

/**
 * Everything one account was told about its orders, kept until the auditor has found an order ended and right.
 * Client ids are given out one after the other and never twice, so each stands for one request.
 */
export class AccountFacts {
  readonly accountId: number;
  /** Orders not yet settled, by client id. */
  readonly records = new Map<number, OrderRecord>();
  /** The same, by order id where it is known. */
  readonly byOrderId = new Map<string, OrderRecord>();
  /** Orders that were told and not told to be over: what a request may name. */
  readonly open: OrderRecord[] = [];
  readonly #shared: SharedFacts;
  #lastClientId = 0;

  constructor(accountId: number, shared: SharedFacts) {
    this.accountId = accountId;
    this.#shared = shared;
  }

  nextClientId(): number {
    return ++this.#lastClientId;
  }

  get lastClientId(): number {
    return this.#lastClientId;
  }

  /** An order is about to be sent. */
  sending(sent: SentOrder): OrderRecord {
    const record = new OrderRecord(sent);
    this.records.set(sent.clientId, record);
    return record;
  }

  /** A command about the order named here was acknowledged with the order as it now is. */
  acknowledged(order: WireOrder): void {
    const record = this.seen(order);
    if (record === undefined) return;
    this.#shared.acknowledged++;
    record.unchecked++;
  }

  /** An answer shows an order as it now is. */
  seen(order: WireOrder): OrderRecord | undefined {
    const record = this.#recordOf(order.clientId, order.id);
    if (record === undefined) return undefined;
    this.#noteUpdateId(order.symbol, order.depthUpdateId ?? 0);
    if (record.answer === 'open') {
      record.answer = 'taken';
      const strangeness = strangenessOf(order, record.sent);
      if (strangeness !== null) this.#contradiction(record, strangeness);
    }
    for (const fill of order.fills ?? []) {
      const contradicted = record.tellFill(fillOfReply(fill, marketOf(order.symbol)));
      if (contradicted !== null) this.#contradiction(record, contradicted);
    }
    this.#tell(record, () => record.tell(stateOfOrder(order)));
    return record;
  }

  /** A reduce or replace was done: its terms are the order's from now on. */
  changed(record: OrderRecord, order: WireOrder): void {
    this.acknowledged(order);
    const told = termsOfOrder(order, marketOf(order.symbol));
    const wanted = record.change ?? record.terms;
    if (!sameTerms(told, wanted)) {
      const terms = JSON.stringify(told);
      this.#contradiction(record, `changed to ${terms}, asked for ${JSON.stringify(wanted)}`);
    }
    record.terms = told;
    record.change = null;
  }

  /** A place was refused: the order must never appear. */
  refused(record: OrderRecord): void {
    if (record.orderId !== null) this.#contradiction(record, 'refused after it was told');
    record.answer = 'refused';
  }

  /** An event of the account's private stream. */
  updated(update: OrderUpdate): void {
    const record = this.#recordOf(update.c ?? null, update.i);
    if (record === undefined) return;
    const fill = fillOfUpdate(update);
    if (fill !== null) {
      const contradicted = record.tellFill(fill);
      if (contradicted !== null) this.#contradiction(record, contradicted);
    }
    this.#tell(record, () => record.tell(stateOfUpdate(update)));
    // The stream may lag behind the replies: a change before the one under way is no news.
    if (update.e !== 'orderModified' || record.change === null) return;
    if (!sameTerms(record.change, termsOfUpdate(update))) return;
    record.terms = record.change;
    record.change = null;
  }

  /** Forgets an order that is over and was found right. */
  settled(record: OrderRecord): void {
    this.records.delete(record.sent.clientId);
    if (record.orderId !== null) this.byOrderId.delete(record.orderId);
    this.#close(record);
  }

  /** The auditor found an order in the state that had not been told, or what became of it since. */
  found(record: OrderRecord): void {
    if (record.orderId !== null) this.byOrderId.set(record.orderId, record);
    if (isOver(record.status)) this.#close(record);
    else this.#open(record);
  }

  #recordOf(clientId: number | null, orderId: string): OrderRecord | undefined {
    const record = clientId === null ? undefined : this.records.get(clientId);
    // News of a settled order may come late; the last audit sees whether it is still as it was.
    const isSettled = clientId !== null && clientId <= this.#lastClientId;
    if (record === undefined && !isSettled) {
      this.#shared.findings.add(
        'phantom',
        () => `account ${this.accountId} is told of order ${orderId}, client id ${clientId}`,
      );
    }
    return record;
  }

  #tell(record: OrderRecord, tell: () => string | null): void {
    const isNew = record.orderId === null;
    const contradicted = tell();
    if (contradicted !== null) this.#contradiction(record, contradicted);
    if (isNew && record.orderId !== null) this.#named(record, record.orderId);
    this.found(record);
  }

  /** An order id must be new, and above all that the state held at the last audit. */
  #named(record: OrderRecord, orderId: string): void {
    const { findings, lastOrderIds } = this.#shared;
    const other = this.byOrderId.get(orderId);
    if (other !== undefined && other !== record) {
      findings.add('duplicate', () => `${record.name} has the id of ${other.name}`);
    }
    const last = lastOrderIds.get(Number(orderId) % SHARDS_MAX) ?? 0;
    if (Number(orderId) <= last) {
      findings.add('sequence', () => `new ${record.name}, though ${last} was given out before`);
    }
  }

  #contradiction(record: OrderRecord, what: string): void {
    this.#shared.findings.add('contradiction', () => `${record.name}: ${what}`);
  }

  #noteUpdateId(symbol: string, updateId: number): void {
    const { updateIds } = this.#shared;
    if (updateId > (updateIds.get(symbol) ?? 0)) updateIds.set(symbol, updateId);
  }

  #open(record: OrderRecord): void {
    if (record.openIndex >= 0 || record.orderId === null) return;
    record.openIndex = this.open.length;
    this.open.push(record);
  }

  #close(record: OrderRecord): void {
    if (record.openIndex < 0) return;
    const last = this.open.pop()!;
    if (last !== record) {
      this.open[record.openIndex] = last;
      last.openIndex = record.openIndex;
    }
    record.openIndex = -1;
  }
}
