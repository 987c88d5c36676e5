import assert from 'node:assert/strict';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { formatPadded } from '../engine/protocol/decimal.ts';
import { AppendRows, ArrayRows } from './table-rows.ts';
import { Random } from './testing/random.ts';
import { useTestServer } from './testing/test-server.ts';

const server = useTestServer();
const MAX = Number.MAX_SAFE_INTEGER;

async function withClient(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Every scale with values at its edges, and random ones. */
function* numericCases(): Generator<[number, { decimals: number; stepUnits: number }]> {
  const random = new Random(11);
  for (let decimals = 0; decimals <= 18; decimals++) {
    for (const stepUnits of [1, 5, 25_000]) {
      const values = [0, 1, 9, 10, 9999, 10_000, 10_001, 99_999_999, 1e8, 1e12, 1e15, MAX - 1, MAX];
      for (let count = 0; count < 20; count++) {
        values.push(random.below(2 ** (1 + random.below(53))));
      }
      for (const value of values) yield [value, { decimals, stepUnits }];
    }
  }
}

test('integers become the exact numeric that their decimal string names, up to 2^53 - 1', async () => {
  const cases = [...numericCases()];
  const rows = new AppendRows('numbers', ['id', 'value']);
  cases.forEach(([steps, scale], id) => {
    const row = rows.addRow();
    row.bigint(id);
    row.numeric(steps, scale);
  });
  await withClient(async (client) => {
    await client.query('create temporary table numbers (id bigint, value numeric)');
    const stream = client.query(copyFrom(rows.statement));
    stream.end(rows.finish());
    await finished(stream);
    const found = await client.query('select value::text from numbers order by id');
    cases.forEach(([steps, scale], id) => {
      const { decimals, stepUnits } = scale;
      const expected = formatPadded(steps, scale);
      assert.equal(found.rows[id].value, expected, `${steps} × ${stepUnits} × 10^-${decimals}`);
    });
  });
});

test('sums beyond 2^53 become exact numerics', async () => {
  const rows = new ArrayRows('big', { value: 'numeric' }, (source) => `select * from ${source}`);
  const cases: [bigint, number][] = [
    [0n, 0],
    [0n, 3],
    [7n, 10],
    [2n ** 53n, 0],
    [2n ** 64n + 1n, 6],
    [10n ** 30n, 18],
  ];
  for (const [units, decimals] of cases) {
    rows.count++;
    rows.columns.value.bigNumeric(units, decimals);
  }
  await withClient(async (client) => {
    const found = await client.query({
      text: rows.statement.replace('select *', 'select unnest::text as value'),
      values: rows.finish(),
    });
    const texts = ['0', '0.000', '0.0000000007', '9007199254740992', '18446744073709.551617'];
    texts.push('1000000000000.000000000000000000');
    assert.deepEqual(
      found.rows.map((row) => row.value),
      texts,
    );
  });
});

test('times keep their microseconds, and every other type its value, nulls too', async () => {
  const types = { a: 'bigint', b: 'timestamptz', c: 'text', d: 'boolean', e: 'integer' } as const;
  const rows = new ArrayRows(
    'all',
    types,
    (source) => `select * from ${source} as row (a, b, c, d, e)`,
  );
  const { a, b, c, d, e } = rows.columns;
  a.bigint(-MAX);
  b.timestamp(1_767_225_600_123_457);
  c.text('ключ "€" \\ {},');
  d.bool(true);
  e.integer(-5);
  for (const column of [a, b, c, d, e]) column.null();
  a.bigint(MAX);
  b.timestamp(0);
  c.text('');
  d.bool(false);
  e.integer(2 ** 31 - 1);
  rows.count = 3;
  await withClient(async (client) => {
    await client.query(`set timezone to 'UTC'`);
    const found = await client.query({
      text: `select a::text, b::text, c, d, e from (${rows.statement}) as rows`,
      values: rows.finish(),
    });
    assert.deepEqual(found.rows, [
      { a: String(-MAX), b: '2026-01-01 00:00:00.123457+00', c: 'ключ "€" \\ {},', d: true, e: -5 },
      { a: null, b: null, c: null, d: null, e: null },
      { a: String(MAX), b: '1970-01-01 00:00:00+00', c: '', d: false, e: 2 ** 31 - 1 },
    ]);
  });
});
