import { Hash64 } from '../../../engine/collections/hash64.ts';
import { Ledger } from '../../../engine/ledger/ledger.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';

const ACCOUNTS = 1000;
const ASSET = 1;
const FILLS = 400_000;
const DEPOSIT_UNITS = 1e12;

function load(): LoadedPart {
  let ledger = new Ledger(1);
  return {
    operations: FILLS,
    isTimed: true,
    prepare() {
      ledger = new Ledger(1);
      for (let accountId = 1; accountId <= ACCOUNTS; accountId++) {
        ledger.deposit(ledger.slot(accountId, ASSET), ASSET, DEPOSIT_UNITS);
      }
    },
    work() {
      for (let fill = 0; fill < FILLS; fill++) {
        const from = ledger.slot(1 + ((fill * 7) % ACCOUNTS), ASSET);
        const to = ledger.slot(1 + ((fill * 13) % ACCOUNTS), ASSET);
        const units = 100 + (fill & 31);
        ledger.lock(from, units);
        ledger.spendLocked(from, units);
        ledger.credit(to, units);
      }
    },
    counters() {
      const hash = new Hash64();
      for (let accountId = 1; accountId <= ACCOUNTS; accountId++) {
        hash.add(ledger.available(ledger.slot(accountId, ASSET)));
      }
      return [counter('balances', 'hash', hash.digest())];
    },
  };
}

/** What one side of a fill does to balances, without the orders around it. */
export const ledger: Part = {
  name: 'ledger',
  about: `finding two of ${ACCOUNTS} balances, locking, spending and crediting, ${FILLS} times`,
  operation: 'fill',
  load,
};
