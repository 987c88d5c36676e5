import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const tool = fileURLToPath(new URL('./conformance.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringside-conformance-'));
after(() => rmSync(folder, { recursive: true }));

const COLUMNS = 'seq,type,order_id,side,price_ticks,qty,ioc';

function replayOf(name: string, bytes: string | Buffer): { status: number | null; text: string } {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, path], {
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

function hashOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** As many asks as need several pieces of a file and of the hash, a buy of them all, and a cancel. */
function longFlow(asks: number): { flow: string; reports: string[] } {
  const messages: string[] = [];
  const reports: string[] = [];
  for (let seq = 0; seq < asks; seq++) {
    messages.push(`${seq},new,${2 ** 53 - 1 - seq},1,${1000 + seq},3,0`);
    reports.push(`0,${seq},1,${2 ** 53 - 1 - seq},${1000 + seq},3`);
  }
  messages.push(`${asks},new,7,0,${2 ** 53 - 1},${3 * asks},1`);
  reports.push(`0,${asks},0,7,${2 ** 53 - 1},${3 * asks}`);
  for (let seq = 0; seq < asks; seq++) {
    reports.push(`1,${asks},${1000 + seq},3,${2 ** 53 - 1 - seq},7`);
  }
  messages.push(`${asks + 1},cancel,7,,,,`);
  reports.push(`4,${asks + 1},7`);
  return { flow: `${COLUMNS}\n${messages.join('\n')}\n`, reports };
}

test('a flow, packed or not, is answered with the hash of its report stream', () => {
  const { flow, reports } = longFlow(9_000);
  for (const [name, bytes] of [
    ['flow.csv', flow],
    ['flow.csv.gz', gzipSync(flow)],
    ['unended.csv', flow.trimEnd()],
    ['windows.csv', `\ufeff${flow.replaceAll('\n', '\r\n')}\r\n`],
    ['windows.csv.gz', gzipSync(`\ufeff${flow.replaceAll('\n', '\r\n')}`)],
    ['carriage-returns.csv', `${flow.replaceAll('\n', '\r')}\r`],
    ['blank-end.csv', `${flow}\n \n`],
  ] as const) {
    const { status, text } = replayOf(name, bytes);
    assert.equal(status, 0, text);
    assert.match(text, /messages +9002\nreport lines +18002\n/);
    assert.match(text, new RegExp(`sha256 +${hashOf(reports)}\n`));
    assert.match(text, /resting orders +0 bids, 0 asks/);
  }
});

test('a level may hold up to 2^53 − 1 lots', () => {
  const lots = Number.MAX_SAFE_INTEGER - 1;
  const { status, text } = replayOf(
    'full.csv',
    `${COLUMNS}\n0,new,1,0,10,${lots},0\n1,new,2,0,10,1,0`,
  );
  assert.equal(status, 0, text);
  assert.match(text, /open quantity +9007199254740991 bids, 0 asks/);
});

test('a flow that is cut off, or is none, gives an error and no hash', () => {
  const { flow } = longFlow(100);
  const placed = '0,new,1,0,10,5,0';
  const full = `0,new,1,0,10,${Number.MAX_SAFE_INTEGER},0`;
  for (const [name, bytes, error] of [
    ['cut.csv.gz', gzipSync(flow).subarray(0, 200), /unexpected end of file/],
    ['not-packed.csv.gz', flow, /incorrect header/],
    ['empty.csv', '', /empty/],
    ['columns.csv', `${placed}\n`, /line 1: columns/],
    ['twice.csv', `${COLUMNS}\n${placed}\n1,new,1,0,10,5,0\n`, /line 3: order 1 rests already/],
    ['type.csv', `${COLUMNS}\n0,place,1,0,10,5,0\n`, /line 2: type/],
    ['crlf.csv', `\ufeff${COLUMNS}\r\n${placed}\r\n1,new,2,0,ten,5,0\r\n`, /line 3: price_ticks/],
    ['cr.csv', `${COLUMNS}\r${placed}\r1,new,2,2,10,5,0\r`, /line 3: side/],
    ['blank.csv', `${COLUMNS}\n${placed}\n\n1,cancel,1,,,,\n`, /line 3: blank/],
    ['utf16.csv', Buffer.from(`\ufeff${flow}`, 'utf16le'), /line 1: columns/],
    ['no-lines.csv', Buffer.alloc(1e6, 'x'), /line 1: longer than/],
    ['level.csv', `${COLUMNS}\n${full}\n1,new,2,0,10,1,0\n`, /line 3: level total/],
  ] as const) {
    const { status, text } = replayOf(name, bytes);
    assert.equal(status, 1, name);
    assert.match(text, error);
    assert.doesNotMatch(text, /sha256/);
  }
});
