import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { Signer } from '../orders/venue.fixture.ts';
import { type CheckSource, SIGNATURE_CHECKS_MAX, SignatureChecks } from './signature-checks.ts';

const checks = new SignatureChecks();
after(() => checks.close());

const signer = new Signer();
const publicKey = Buffer.from(signer.apiKey, 'base64');
const signed = (text: string): Buffer => Buffer.from(signer.sign(text), 'base64');
const TEXT = 'instruction=subscribe&timestamp=1&window=2';
const SOURCE: CheckSource = { address: '10.0.0.1', publicKey: signer.apiKey };
const SIGNATURE = signed(TEXT);
const OTHER = signed('another');

test('each check is answered for itself, whichever of its texts was signed', async () => {
  const random = new Random(1);
  const expected: boolean[] = [];
  const answers = Array.from({ length: 500 }, (_, index) => {
    const texts = Array.from({ length: 1 + random.below(3) }, (_each, at) => `${index}:${at} ü🙂`);
    const isRight = random.below(3) > 0;
    expected.push(isRight);
    const text = isRight ? texts[random.below(texts.length)]! : `${index}:9 ü🙂`;
    return checks.check(SOURCE, publicKey, signed(text), texts);
  });
  assert.deepEqual(await Promise.all(answers), expected);
  assert.equal(await checks.check(SOURCE, publicKey, SIGNATURE, []), false);
  const foreign = Buffer.from(new Signer().apiKey, 'base64');
  assert.equal(await checks.check(SOURCE, foreign, SIGNATURE, [TEXT]), false);
  assert.equal(checks.count, 0);
});

/** Goes on for some turns of the queue of microtasks before it does what it is for. */
async function afterTurns(turns: number, work: () => void): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await null;
  work();
}

test('what was asked for first goes on first, however long its way is, and a bad one holds up nobody', async () => {
  const random = new Random(2);
  const order: number[] = [];
  const ways: Promise<void>[] = [];
  for (let index = 0; index < 400; index++) {
    const signature = random.below(4) === 0 ? OTHER : SIGNATURE;
    const texts = random.below(2) === 0 ? ['a', 'b', TEXT] : [TEXT];
    const turns = random.below(12);
    const way = checks.check(SOURCE, publicKey, signature, texts).then((isAuthentic) => {
      assert.equal(isAuthentic, signature === SIGNATURE);
      return afterTurns(turns, () => order.push(index));
    });
    ways.push(way);
    // In some turn of the event loop, in the middle of those before.
    if (random.below(40) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(ways);
  assert.deepEqual(
    order,
    order.map((_, index) => index),
  );
  assert.equal(order.length, 400);
});

test('too many are refused at once, by number or by length, and not for ever', async () => {
  const busy = { status: 503, code: 'BUSY' };
  const some = Array.from({ length: SIGNATURE_CHECKS_MAX }, () =>
    checks.check(SOURCE, publicKey, OTHER, [TEXT]),
  );
  assert.throws(() => checks.check(SOURCE, publicKey, SIGNATURE, [TEXT]), busy);
  const answers = await Promise.all(some);
  assert.equal(answers.includes(true), false);
  assert.equal(await checks.check(SOURCE, publicKey, SIGNATURE, [TEXT]), true);
  const long = 'x'.repeat(2 ** 24);
  const large = [
    checks.check(SOURCE, publicKey, OTHER, [long]),
    checks.check(SOURCE, publicKey, OTHER, [long]),
  ];
  assert.throws(() => checks.check(SOURCE, publicKey, SIGNATURE, [TEXT]), busy);
  await Promise.all(large);
  assert.equal(await checks.check(SOURCE, publicKey, SIGNATURE, [TEXT]), true);
});

test('a thread that dies takes with it only what it had, and another one goes on', async () => {
  const deadly = [[1n]] as unknown as string[];
  const before = checks.check(SOURCE, publicKey, SIGNATURE, [TEXT]);
  const dying = checks.check(SOURCE, publicKey, SIGNATURE, deadly);
  const [first, second] = await Promise.allSettled([before, dying]);
  assert.equal(second.status, 'rejected');
  assert.match(String((second as PromiseRejectedResult).reason), /BigInt/);
  assert.equal(first.status, 'rejected', 'it was in the same batch');
  assert.equal(await checks.check(SOURCE, publicKey, SIGNATURE, [TEXT]), true);
  assert.equal(checks.count, 0);
});

test('when it is closed, whoever waits is told, and whoever comes later', async () => {
  const own = new SignatureChecks();
  await own.check(SOURCE, publicKey, SIGNATURE, [TEXT]);
  const waiting = Array.from({ length: 300 }, () =>
    own.check(SOURCE, publicKey, SIGNATURE, [TEXT]),
  );
  const settled = Promise.allSettled(waiting);
  await new Promise((resolve) => setImmediate(resolve));
  await own.close();
  const rejected = (await settled).filter((outcome) => outcome.status === 'rejected');
  assert.ok(rejected.length > 0);
  for (const { reason } of rejected) assert.equal(reason.code, 'SHUTTING_DOWN');
  const stopping = { status: 503, code: 'SHUTTING_DOWN' };
  assert.throws(() => own.check(SOURCE, publicKey, SIGNATURE, [TEXT]), stopping);
});

test('who floods is refused himself, not who sends little, from another address or with another key', async () => {
  const own = new SignatureChecks();
  const flood = Array.from({ length: SIGNATURE_CHECKS_MAX }, () =>
    own.check(SOURCE, publicKey, OTHER, [TEXT]),
  );
  const floodEnds = Promise.allSettled(flood);
  const neighbours = [
    { ...SOURCE, address: '10.0.0.2' },
    { ...SOURCE, publicKey: 'another' },
  ];
  const honest = neighbours.flatMap((source) =>
    Array.from({ length: 100 }, () => own.check(source, publicKey, SIGNATURE, [TEXT])),
  );
  assert.throws(() => own.check(SOURCE, publicKey, SIGNATURE, [TEXT]), { code: 'BUSY' });
  assert.equal(own.count, SIGNATURE_CHECKS_MAX);
  assert.deepEqual(new Set(await Promise.all(honest)), new Set([true]));
  assert.ok(own.count > SIGNATURE_CHECKS_MAX / 2, 'they did not wait for the flood');
  const ends = await floodEnds;
  const refused = ends.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, honest.length);
  const last = ends.slice(-honest.length);
  assert.deepEqual(refused, last, 'those that came last');
  const { waiting, checked, forged, batches, refused: busy } = own.status;
  const expected = [0, SIGNATURE_CHECKS_MAX, SIGNATURE_CHECKS_MAX - 200, 201];
  assert.deepEqual([waiting, checked, forged, busy], expected);
  assert.ok(batches >= checked / 64 && batches <= checked);
  assert.ok(own.use !== null);
  for (const end of last) assert.equal((end as PromiseRejectedResult).reason.code, 'BUSY');
  assert.equal(own.count, 0);
  await own.close();
});
