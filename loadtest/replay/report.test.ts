import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError, parseOptions } from './options.ts';
import { percentile } from './report.ts';

test('a percentile is the nearest rank', () => {
  const samples = Float64Array.from({ length: 1000 }, (_, index) => index + 1);
  assert.equal(percentile(samples, 0.5), 500);
  assert.equal(percentile(samples, 0.99), 990);
  assert.equal(percentile(samples, 0.999), 999);
  assert.equal(percentile(samples, 1), 1000);
  assert.equal(percentile(new Float64Array(0), 0.5), 0);
  assert.equal(percentile(Float64Array.of(7), 0.001), 7);
});

test('settings are read from the command line', () => {
  const options = parseOptions(
    ['--day', 'x', '--shards', '2', '--messages', '5000', '--url', 'http://h:1/', '--depth', '8'],
    { RINGSIDE_ADMIN_TOKEN: 'secret' },
  );
  assert.equal(options.dayFolder, 'x');
  assert.equal(options.shards, 2);
  assert.equal(options.messageLimit, 5000);
  assert.equal(options.url, 'http://h:1');
  assert.equal(options.pipelineDepth, 8);
  assert.equal(options.adminToken, 'secret');
});

test('a wrong setting is one clear error', () => {
  for (const argv of [
    [],
    ['--day', ''],
    ['--day', 'x', '--depth', '65'],
    ['--day', 'x', '--shards', '0'],
    ['--day', 'x', '--messages', '1e3'],
    ['--day', 'x', '--what'],
  ]) {
    assert.throws(() => parseOptions(argv, {}), OptionError, argv.join(' '));
  }
});
