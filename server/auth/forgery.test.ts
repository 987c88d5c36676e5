import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { Permission } from '../../engine/protocol/enums.ts';
import { CLOCKS } from '../clock.ts';
import { Signer } from '../orders/venue.fixture.ts';
import { ApiKeys } from './api-keys.ts';
import { Authenticator, type Credentials } from './authenticate.ts';
import { SignatureChecks } from './signature-checks.ts';
import {
  bodyParameters,
  queryParameters,
  type SignedParameters,
  signingStrings,
} from './signing-strings.ts';
import { skipWithoutVectors as skip, type Vector, vectorsPath } from './signing-vectors.fixture.ts';

interface VectorFile {
  readonly apiKey: string;
  readonly timestamp: number;
  readonly vectors: readonly Vector[];
}

/** A request as the authenticator gets it. */
interface Attempt {
  readonly credentials: Credentials;
  readonly instruction: string;
  readonly sets: readonly SignedParameters[];
}

const checks = new SignatureChecks();
after(() => checks.close());
const permissions = Permission.Read | Permission.Trade;

function attemptOf(vector: Vector, { apiKey, timestamp }: VectorFile): Attempt {
  const signature =
    vector.frame === undefined
      ? vector['x-signature']!
      : (JSON.parse(vector.frame) as { signature: string[] }).signature[1]!;
  let sets: SignedParameters[] = [queryParameters(vector.url?.split('?')[1] ?? '')!];
  if (typeof vector.body === 'string') {
    const body: unknown = JSON.parse(vector.body);
    sets = Array.isArray(body) ? body.map(bodyParameters) : [bodyParameters(body as object)];
  }
  const at = { timestamp: String(timestamp), window: '5000', remoteAddress: '127.0.0.1' };
  return {
    credentials: { apiKey, signature, ...at },
    instruction: /^instruction=(\w+)/.exec(vector.signingString)![1]!,
    sets,
  };
}

function flipBit(base64: string, bit: number): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes.toString('base64');
}

/** Every text that differs from it in one bit of one character. */
function* flips(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    for (let bit = 0; bit < 7; bit++) {
      const changed = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
      yield text.slice(0, at) + changed + text.slice(at + 1);
    }
  }
}

/** Of a request whose parameters are changed in one bit of one key or value: the one on either side. */
function* changedSets(sets: readonly SignedParameters[]): Generator<SignedParameters[]> {
  for (const [at, set] of sets.entries()) {
    for (const [index, [key, value]] of set.entries()) {
      const replaced = (pair: readonly [string, string]) => sets.with(at, set.with(index, pair));
      for (const other of flips(key)) yield replaced([other, value]);
      for (const other of flips(value)) yield replaced([key, other]);
      yield sets.with(at, set.toSpliced(index, 1));
      yield replaced([value, key]);
    }
  }
  if (sets.length > 1) yield sets.toReversed();
  yield [...sets, []];
  yield sets.slice(1);
}

function codeOf(timestamp: string, window: string, nowMs: number): readonly [number, string] {
  const [at, within] = [timestamp, window].map((text) => (/^\d{1,15}$/.test(text) ? +text : -1));
  const isReadable = at! >= 0 && within! >= 0 && within! <= 60_000;
  if (!isReadable || at! - nowMs > 1000 || nowMs - at! > within!) {
    return [400, 'INVALID_CLIENT_REQUEST'];
  }
  return [401, 'INVALID_SIGNATURE'];
}

test('of every recorded request, no bit of what is signed may change', {
  skip,
}, async (context) => {
  const file = JSON.parse(readFileSync(vectorsPath, 'utf8')) as VectorFile;
  const keys = new ApiKeys();
  const other = new Signer().apiKey;
  for (const publicKey of [file.apiKey, other]) {
    keys.add({ publicKey, accountId: 7, permissions, allowedAddresses: '' });
  }
  const nowMs = file.timestamp + 400;
  const authenticator = new Authenticator(keys, { ...CLOCKS, hostMs: () => nowMs }, checks);
  const refusals: Promise<void>[] = [];
  let texts = 0;
  const refused = (attempt: Attempt, change: object, status: number, code: string): void => {
    const { instruction, sets } = attempt;
    const credentials = { ...attempt.credentials, ...change };
    const answer = authenticator.authenticate(credentials, instruction, sets, Permission.Read);
    refusals.push(assert.rejects(answer, { status, code }, JSON.stringify([change, instruction])));
  };
  const invalid = [401, 'INVALID_SIGNATURE'] as const;
  for (const vector of file.vectors) {
    const attempt = attemptOf(vector, file);
    const { credentials, instruction, sets } = attempt;
    const { signature, apiKey, timestamp, window } = credentials;
    const grant = await authenticator.authenticate(credentials, instruction, sets, permissions);
    assert.equal(grant.key.accountId, 7, vector.name);
    for (let bit = 0; bit < 512; bit += 3) {
      refused(attempt, { signature: flipBit(signature, bit) }, ...invalid);
    }
    for (let bit = 0; bit < 256; bit++) {
      refused(attempt, { apiKey: flipBit(apiKey, bit) }, 401, 'UNAUTHORIZED');
    }
    refused(attempt, { apiKey: other }, ...invalid);
    for (const changed of flips(timestamp)) {
      refused(attempt, { timestamp: changed }, ...codeOf(changed, window, nowMs));
    }
    for (const changed of flips(window)) {
      refused(attempt, { window: changed }, ...codeOf(timestamp, changed, nowMs));
    }
    await Promise.all(refusals.splice(0));
    const readings = (of: readonly SignedParameters[], by = instruction): string[] =>
      signingStrings(by, of, timestamp, window);
    assert.ok(readings(sets).includes(vector.signingString), vector.name);
    for (const changed of flips(instruction)) {
      assert.equal(readings(sets, changed).includes(vector.signingString), false, changed);
    }
    let last: readonly SignedParameters[] = [];
    for (const changed of changedSets(sets)) {
      texts++;
      last = changed;
      const what = `${vector.name}: ${JSON.stringify(changed)}`;
      assert.equal(readings(changed).includes(vector.signingString), false, what);
    }
    refused({ ...attempt, sets: last }, {}, ...invalid);
    refused({ ...attempt, instruction: `${instruction}s` }, {}, ...invalid);
    await Promise.all(refusals.splice(0));
  }
  context.diagnostic(`${texts} changed parameters`);
  assert.equal(file.vectors.length, 16);
  assert.ok(texts > 5_000);
});

/** A few that have a meaning in queries or in their encoding, and none else: so that readings meet. */
const LETTERS = [
  'a',
  'b',
  '=',
  '&',
  '%',
  '2',
  '6',
  'F',
  '+',
  ' ',
  '/',
  "'",
  'é',
  '\ud83d',
  '\ude42',
];
const KEYS = ['a', 'b', 'ab', 'instruction', 'timestamp', 'a=b', 'a&b', '%26', '%2', 'é', ''];

function drawRequest(random: Random): { instruction: string; sets: SignedParameters[] } {
  const word = (length: number): string =>
    Array.from({ length }, () => LETTERS[random.below(LETTERS.length)]!).join('');
  const sets = Array.from({ length: 1 + (random.below(4) === 0 ? 1 : 0) }, () => {
    const body: Record<string, string> = {};
    for (let count = random.below(4); count > 0; count--) {
      body[KEYS[random.below(KEYS.length)]!] = word(random.below(5));
    }
    return bodyParameters(body);
  });
  return { instruction: random.below(8) === 0 ? 'y' : 'x', sets };
}

test('no text is signed by two requests that differ', (context) => {
  const random = new Random(20_261_123);
  /** By text: the request that has it among its readings. */
  const known = new Map<string, string>();
  let met = 0;
  let raw = 0;
  for (let drawn = 0; drawn < 300_000; drawn++) {
    const { instruction, sets } = drawRequest(random);
    const request = JSON.stringify([instruction, sets]);
    const readings = signingStrings(instruction, sets, '1700000000000', '5000');
    assert.equal(new Set(readings).size, readings.length);
    if (readings.length > 1) raw++;
    for (const text of readings) {
      const before = known.get(text);
      if (before === undefined) known.set(text, request);
      else if (before === request) met++;
      else assert.fail(`${text}\nis of ${before}\nand of ${request}`);
    }
  }
  context.diagnostic(`${known.size} texts, ${met} met again, ${raw} requests with two readings`);
  assert.ok(known.size > 50_000 && met > 50_000 && raw > 10_000);
});

test('a request is authentic by its own readings and by nothing else', async () => {
  const random = new Random(7);
  const signer = new Signer();
  const keys = new ApiKeys();
  keys.add({ publicKey: signer.apiKey, accountId: 1, permissions, allowedAddresses: '' });
  const nowMs = 1_700_000_000_000;
  const authenticator = new Authenticator(keys, { ...CLOCKS, hostMs: () => nowMs }, checks);
  const requests = Array.from({ length: 300 }, () => drawRequest(random));
  const textsOf = ({ instruction, sets }: (typeof requests)[number]): string[] =>
    signingStrings(instruction, sets, String(nowMs), '5000');
  const own = requests.filter((request) => textsOf(request).length > 0);
  await Promise.all(
    own.flatMap((request, index) => {
      const { instruction, sets } = request;
      const at = { timestamp: String(nowMs), window: '', remoteAddress: '' };
      const texts = textsOf(request);
      const ask = (text: string) => {
        const credentials = { apiKey: signer.apiKey, signature: signer.sign(text), ...at };
        return authenticator.authenticate(credentials, instruction, sets, Permission.Read);
      };
      const others = textsOf(own[(index + 1) % own.length]!).filter(
        (text) => !texts.includes(text),
      );
      return [
        ...texts.map((text) => ask(text)),
        ...[...others, texts[0]!.slice(1), `${texts[0]!}0`, ''].map((text) =>
          assert.rejects(ask(text), { code: 'INVALID_SIGNATURE' }),
        ),
      ];
    }),
  );
  assert.ok(own.length > 100);
});
