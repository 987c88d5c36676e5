import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOCKS, clockStepSeconds, nowUs } from './clock.ts';

test('the step of the host’s clock is told with its direction', () => {
  const engineUs = () => 1_700_000_000_000_000;
  for (const seconds of [3600, 0, -3600]) {
    const hostMs = () => 1_700_000_000_000 + 1000 * seconds;
    assert.equal(clockStepSeconds({ hostMs, engineUs }), seconds);
  }
});

test('the venue’s time is its own when the host’s clock is set', (context) => {
  const beforeUs = nowUs();
  const { now } = Date;
  context.mock.method(Date, 'now', () => now() - 3_600_000);
  assert.ok(CLOCKS.engineUs() >= beforeUs);
  assert.ok(CLOCKS.hostMs() < beforeUs / 1000 - 3_000_000);
});
