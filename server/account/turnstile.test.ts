import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile, type TurnstileLimits } from './turnstile.ts';

const LIMITS: TurnstileLimits = {
  ...{ insideMax: 2, presentMax: 5, presentOfOneMax: 3, waitMsMax: 60_000 },
};

/** Work that ends when it is told to, and says when it began. */
class Visits {
  readonly begun: number[] = [];
  readonly #ends: ((error?: Error) => void)[] = [];
  readonly #turnstile: Turnstile;

  constructor(limits: Partial<TurnstileLimits> = {}) {
    this.#turnstile = new Turnstile({ ...LIMITS, ...limits });
  }

  visit(accountId: number, number: number, approach = async (): Promise<void> => {}) {
    return this.#turnstile.pass(accountId, approach, () => {
      this.begun.push(number);
      return new Promise<number>((resolve, reject) => {
        this.#ends[number] = (error) => (error === undefined ? resolve(number) : reject(error));
      });
    });
  }

  end(number: number, error?: Error): void {
    this.#ends[number]!(error);
  }

  get present(): number {
    return this.#turnstile.present;
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('so many are inside at a time, and the others follow in the order of their coming', async () => {
  const visits = new Visits();
  const passing = [1, 2, 3, 4].map((number) => visits.visit(number, number));
  await turn();
  assert.deepEqual(visits.begun, [1, 2]);
  visits.end(2);
  await turn();
  assert.deepEqual(visits.begun, [1, 2, 3]);
  visits.end(1, new Error('it failed'));
  await assert.rejects(passing[0]!, /it failed/);
  await turn();
  assert.deepEqual(visits.begun, [1, 2, 3, 4]);
  visits.end(3);
  visits.end(4);
  const [, ...results] = await Promise.allSettled(passing);
  const expected = [2, 3, 4].map((result) => ({ status: 'fulfilled', value: { result } }));
  assert.deepEqual(results, expected);
  assert.equal(visits.present, 0);
});

test('of one account, and of all, only so many are let in line', async () => {
  const visits = new Visits();
  const own = [1, 2, 3].map((number) => visits.visit(7, number));
  assert.equal(await visits.visit(7, 4), 'tooManyOfOne');
  const others = [5, 6].map((number) => visits.visit(number, number));
  assert.equal(await visits.visit(8, 8), 'tooMany');
  for (const number of [1, 2, 3, 5, 6]) {
    await turn();
    visits.end(number);
  }
  await Promise.all([...own, ...others]);
  const next = visits.visit(7, 9);
  await turn();
  visits.end(9);
  assert.deepEqual(await next, { result: 9 });
});

test('whoever has waited too long leaves the line, and takes no place', async () => {
  const visits = new Visits({ insideMax: 1, waitMsMax: 1 });
  const first = visits.visit(1, 1);
  await turn();
  assert.equal(await visits.visit(2, 2), 'tooLong');
  visits.end(1);
  await first;
  const third = visits.visit(3, 3);
  await turn();
  assert.deepEqual(visits.begun, [1, 3]);
  visits.end(3);
  await third;
  assert.equal(visits.present, 0);
});

test('whoever turns back on the way has taken no place', async () => {
  const visits = new Visits({ insideMax: 1 });
  const turnBack = () => Promise.reject(new Error('not yet'));
  await assert.rejects(visits.visit(1, 1, turnBack), /not yet/);
  assert.equal(visits.present, 0);
  const second = visits.visit(1, 2);
  await turn();
  visits.end(2);
  assert.deepEqual(await second, { result: 2 });
});
