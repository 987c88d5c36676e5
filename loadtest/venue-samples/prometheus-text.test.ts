import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './prometheus-text.ts';

const TEXT = `# HELP fill_bytes Bytes waiting.
# TYPE fill_bytes gauge
fill_bytes{ring="a-b"} 3
fill_bytes{ring="b-a",shard="1"} 1e3
odd{text="a \\"b\\", c=\\\\}"} 7 1395066363000
plain 0.25
growing +Inf
broken
nothing NaN
`;

test('values are found by name and label', () => {
  const metrics = Metrics.parse(TEXT);
  assert.deepEqual(
    [...metrics.by('fill_bytes', 'ring')],
    [
      ['a-b', 3],
      ['b-a', 1000],
    ],
  );
  assert.deepEqual([...metrics.by('fill_bytes', 'shard')], [['1', 1000]]);
  assert.deepEqual([...metrics.by('odd', 'text')], [['a "b", c=\\}', 7]]);
  assert.equal(metrics.sum('fill_bytes'), 1003);
  assert.equal(metrics.max('fill_bytes'), 1000);
  assert.equal(metrics.sum('plain'), 0.25);
});

test('what a venue does not tell is absent', () => {
  const metrics = Metrics.parse(TEXT);
  assert.equal(metrics.sum('missing'), undefined);
  assert.equal(metrics.max('missing'), undefined);
  assert.equal(metrics.by('missing', 'ring').size, 0);
  assert.equal(metrics.sum('broken'), undefined);
  assert.equal(metrics.sum('nothing'), undefined);
});
