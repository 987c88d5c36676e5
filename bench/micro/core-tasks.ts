import { OrderBook } from '../../engine/book/order-book.ts';
import { Ledger } from '../../engine/ledger/ledger.ts';
import { Side } from '../../engine/protocol/enums.ts';
import { ByteRing } from '../../engine/ring/byte-ring.ts';
import type { MicroTask } from './task.ts';

/** Bytes of a small message and of a turn's batch. */
const SMALL_BYTES = 64;
const BATCH_BYTES = 16_384;

/** The ring with both ends in this thread: what the copying and the atomics cost without contention. */
export function ringTasks(): MicroTask[] {
  const ring = new ByteRing(ByteRing.allocate(2 ** 20));
  const source = new Uint8Array(BATCH_BYTES).fill(7);
  const target = new Uint8Array(BATCH_BYTES);
  const passing =
    (bytes: number) =>
    (calls: number): number => {
      let sum = 0;
      for (let call = 0; call < calls; call++) {
        ring.write(source, 0, bytes);
        sum += ring.read(target, 0);
      }
      return sum;
    };
  return [
    { name: `ring: write and read ${SMALL_BYTES} bytes`, work: passing(SMALL_BYTES) },
    { name: `ring: write and read ${BATCH_BYTES} bytes`, work: passing(BATCH_BYTES) },
  ];
}

const MID_TICKS = 33_500;
const RESTING = 1000;

/** Operations on a book of 1,000 orders on 100 levels each side. */
export function bookTasks(): MicroTask[] {
  const book = new OrderBook();
  let nextId = 1;
  for (let index = 0; index < RESTING; index++) {
    const away = 1 + (index % 100);
    book.rest(nextId++, 1, Side.Bid, MID_TICKS - away, 10);
    book.rest(nextId++, 1, Side.Ask, MID_TICKS + away, 10);
  }
  const restAndCancel = (calls: number): number => {
    let lots = 0;
    for (let call = 0; call < calls; call++) {
      book.rest(nextId, 1, Side.Bid, MID_TICKS - 1 - (call % 100), 5);
      lots += book.cancel(nextId++);
    }
    return lots;
  };
  const restAndMatch = (calls: number): number => {
    let left = 0;
    for (let call = 0; call < calls; call++) {
      book.rest(nextId++, 1, Side.Ask, MID_TICKS, 5);
      left += book.match(Side.Bid, MID_TICKS, 5, Number.POSITIVE_INFINITY) + book.fills.count;
    }
    return left;
  };
  const best = (calls: number): number => {
    let sum = 0;
    for (let call = 0; call < calls; call++) sum += book.bestBid() + book.bestAsk();
    return sum;
  };
  return [
    { name: 'book: rest and cancel', work: restAndCancel },
    { name: 'book: rest, and match it whole', work: restAndMatch },
    { name: 'book: best bid and best ask', work: best },
  ];
}

const ACCOUNTS = 1000;

/** What a fill does to a ledger: lock, spend what is locked, credit somebody else. */
export function ledgerTasks(): MicroTask[] {
  const ledger = new Ledger(1);
  for (let accountId = 1; accountId <= ACCOUNTS; accountId++) {
    ledger.deposit(ledger.slot(accountId, 1), 1, 1e12);
  }
  const lockSpendCredit = (calls: number): number => {
    let sum = 0;
    for (let call = 0; call < calls; call++) {
      const from = ledger.slot(1 + ((call * 7) % ACCOUNTS), 1);
      const to = ledger.slot(1 + ((call * 13) % ACCOUNTS), 1);
      ledger.lock(from, 100);
      ledger.spendLocked(from, 100);
      ledger.credit(to, 100);
      sum += ledger.available(to);
    }
    return sum;
  };
  return [{ name: 'ledger: find two slots, lock, spend, credit', work: lockSpendCredit }];
}

/** Checks that need a result of each operation by itself. */
export function ledgerKeepsTheSum(): boolean {
  const ledger = new Ledger(1);
  const [from, to] = [ledger.slot(1, 1), ledger.slot(2, 1)];
  ledger.deposit(from, 1, 1000);
  ledger.lock(from, 300);
  ledger.spendLocked(from, 300);
  ledger.credit(to, 300);
  return ledger.available(from) === 700 && ledger.available(to) === 300;
}
