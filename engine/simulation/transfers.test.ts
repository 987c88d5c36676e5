import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import type { CreditTransfer } from '../protocol/shard-messages.ts';
import { Accounts } from '../shard/accounts.ts';
import { SHARD_PARTS } from '../shard/shard-parts.ts';
import type { Step } from '../shard/venue-comparison.fixture.ts';
import { drawCase } from './draw-case.ts';
import { runCase } from './run-case.ts';
import type { SimulationCase } from './simulation-case.ts';

const COMMANDS = 250;
const SEEDS = 8;
const SHARD_COUNTS = [1, 2, 2, 4];
/** Far above the numbers of a case's own steps. */
const FIRST_NUMBER = 500_000;

/** A case with a transfer between two accounts behind every other step or so; some of them are repeated. */
function withTransfers(simulated: SimulationCase, random: Random): SimulationCase {
  const { accountIds, assetIds } = simulated.regime.setup;
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const steps: Step[] = [];
  const made: Step[] = [];
  for (const [index, step] of simulated.steps.entries()) {
    steps.push(step);
    if (index < simulated.fixedSteps || random.below(2) === 0) continue;
    const number = FIRST_NUMBER + steps.length;
    const again = random.below(6) === 0 ? made[random.below(made.length)] : undefined;
    if (again !== undefined) {
      steps.push({ ...again, number });
      continue;
    }
    const body = {
      ...{ requestId: 0, accountId: pick(accountIds), toAccountId: pick(accountIds) },
      ...{ transferId: `${number}`, assetId: pick(assetIds), amountUnits: 1 + random.below(50) },
    };
    made.push({ number, command: { kind: 'transferFunds', body } });
    steps.push(made.at(-1)!);
  }
  return { ...simulated, steps };
}

for (const mode of ['crowd', 'crash'] as const) {
  test(`money moves between accounts exactly once, among orders: ${mode}`, (context) => {
    const counts = { made: 0, credited: 0, crossed: 0, refused: 0, deaths: 0 };
    let shardCount = 1;
    class CountingAccounts extends Accounts {
      override creditTransfer(message: Readonly<CreditTransfer>): void {
        counts.credited++;
        const [from, to] = [message.fromAccountId, message.toAccountId];
        if (from % shardCount !== to % shardCount) counts.crossed++;
        super.creditTransfer(message);
      }
    }
    for (let seed = 1; seed <= SEEDS; seed++) {
      shardCount = SHARD_COUNTS[seed % SHARD_COUNTS.length]!;
      const drawn = drawCase(seed, { mode, shardCount, commands: COMMANDS });
      const simulated = withTransfers(drawn, new Random(seed));
      const parts = { ...SHARD_PARTS, Accounts: CountingAccounts };
      const { summary, fault } = runCase(simulated, { parts });
      assert.equal(fault, null, `seed ${seed}: ${fault?.message}`);
      counts.made += summary.commands.get('transferFunds') ?? 0;
      counts.refused += summary.refusals.get('InsufficientFunds') ?? 0;
      for (const deaths of summary.deaths.values()) counts.deaths += deaths;
    }
    context.diagnostic(JSON.stringify(counts));
    assert.ok(counts.credited > 300 && counts.crossed > 100 && counts.refused > 20);
    assert.equal(counts.deaths > 10, mode === 'crash');
  });
}

/** Ways to lose or make money between the two sides. */
const FAULTS: Readonly<Record<string, typeof Accounts>> = {
  'a credit comes twice': class extends Accounts {
    override creditTransfer(message: Readonly<CreditTransfer>): void {
      super.creditTransfer(message);
      super.creditTransfer({ ...message, transferId: `${message.transferId} again` });
    }
  },
  'a credit is forgotten': class extends Accounts {
    override creditTransfer(message: Readonly<CreditTransfer>): void {
      if (message.amountUnits !== 7) super.creditTransfer(message);
    }
  },
};

test('money that is lost or made on the way is found out', () => {
  for (const [name, Faulty] of Object.entries(FAULTS)) {
    const found = [1, 2, 3].some((seed) => {
      const drawn = drawCase(seed, { mode: 'crowd', shardCount: 2, commands: COMMANDS });
      const simulated = withTransfers(drawn, new Random(seed));
      return runCase(simulated, { parts: { ...SHARD_PARTS, Accounts: Faulty } }).fault !== null;
    });
    assert.ok(found, name);
  }
});
