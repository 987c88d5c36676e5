import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'hdr-histogram-js';
import { parseResult } from './check-result.ts';
import { linkModules } from './page-script.ts';
import { CURVE_POINTS, percentileCurve } from './percentile-curve.ts';
import { writeReports } from './report-files.ts';
import { renderReport } from './report-html.ts';
import { makeRunResult } from './run-result.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringside-report-files-'));
const result = makeRunResult({ seconds: 3 });
after(() => rmSync(folder, { recursive: true }));

function command(...args: string[]): Promise<{ code: number; stderr: string }> {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stderr });
    });
  });
}

test('a run is written as JSON, as percentile distributions and as a page', () => {
  const files = writeReports(result, join(folder, 'made', 'here'));
  assert.deepEqual(parseResult(readFileSync(files.resultJson, 'utf8'), 'it'), result);
  assert.equal(readFileSync(files.reportHtml, 'utf8'), renderReport([result]));
  const spans = result.scenarios.reduce((total, scenario) => total + scenario.spans.length, 0);
  assert.equal(files.percentiles.length, spans);
  assert.equal(readdirSync(join(folder, 'made', 'here')).length, spans + 2);
});

test('a percentile distribution is what HdrHistogram plotters read', () => {
  writeReports(result, folder);
  const lines = readFileSync(join(folder, 'steady-mix-ack.hgrm'), 'utf8').trim().split('\n');
  const ack = result.scenarios[0]!.spans[0]!;
  assert.match(lines[0]!, /^ *Value +Percentile +TotalCount +1\/\(1-Percentile\)$/);
  const last = lines
    .findLast((line) => !line.startsWith('#'))!
    .trim()
    .split(/\s+/);
  const [value, percentile, count] = last.map(Number);
  assert.deepEqual([percentile, count], [1, ack.count]);
  // A histogram of three digits keeps no more of a value.
  assert.ok(Math.abs(value! / ack.maxUs - 1) < 0.001, `${value} for ${ack.maxUs}`);
  assert.match(lines.at(-2)!, new RegExp(`^#\\[Max += +[\\d.]+, Total count += +${ack.count}\\]$`));
});

test('a scenario cannot name a file outside of its folder', () => {
  const named = { ...result.scenarios[2]!, name: '../../steady mix/ä' };
  const files = writeReports({ ...result, scenarios: [named] }, join(folder, 'named'));
  assert.deepEqual(files.percentiles, [join(folder, 'named', '..-..-steady-mix--connect.hgrm')]);
});

test('a curve has a point for what was measured and none beyond', () => {
  const histogram = build({ numberOfSignificantValueDigits: 3 });
  for (let value = 1; value <= 1_000; value++) histogram.recordValue(value);
  const curve = percentileCurve(histogram);
  const at = (oneBeyond: number) => curve[CURVE_POINTS.findIndex((p) => p >= oneBeyond * 0.999)];
  assert.deepEqual([at(10), at(100), at(1_000), at(10_000)], [900, 990, 999, null]);
});

test('the command line renders a result and lays one over another', async () => {
  const [one, two] = [join(folder, 'one.json'), join(folder, 'two.json')];
  const other = makeRunResult({ seconds: 3, seed: 9, commit: 'b81d0a44' });
  writeFileSync(one, JSON.stringify(result));
  writeFileSync(two, JSON.stringify(other));
  const [rendered, overlaid] = [join(folder, 'one.html'), join(folder, 'both.html')];
  assert.deepEqual(await command('render', one, '--out', rendered), { code: 0, stderr: '' });
  assert.equal(readFileSync(rendered, 'utf8'), renderReport([result]));
  assert.deepEqual(await command('overlay', one, two, '--out', overlaid), { code: 0, stderr: '' });
  assert.equal(readFileSync(overlaid, 'utf8'), renderReport([result, other]));
});

test('a wrong command line is one clear line and the usage', async () => {
  const file = join(folder, 'no.json');
  writeFileSync(file, '{"formatVersion": 1}');
  for (const [args, said] of [
    [[], /where to\?.*\nusage/],
    [['render', '--out', 'x'], /render takes one result.*\nusage/],
    [['overlay', file, '--out', 'x'], /overlay takes two/],
    [['render', file, '--what'], /Unknown option.*\nusage/s],
    [['render', file, '--out', 'x'], /^.*no\.json is no result of a load test\n$/],
    [['render', join(folder, 'none'), '--out', 'x'], /^cannot read .*ENOENT.*\n$/],
  ] as const) {
    const { code, stderr } = await command(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
});

test('modules become one script, each once and after what it needs', () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write(
    'a.mjs',
    "import { b } from './b.mjs';\nimport { c } from './c.mjs';\nconst own = 1;\nglobalThis.linked = [b(), c, own];\n",
  );
  write(
    'b.mjs',
    "import { c } from './c.mjs';\nconst own = 2;\nexport function b() {\n  return own + c;\n}\n",
  );
  write('c.mjs', 'const own = 40;\nexport const c = own;\n');
  const script = linkModules(new URL(`file://${folder}/a.mjs`));
  assert.deepEqual(new Function(`${script}; return globalThis.linked;`)(), [42, 40, 1]);
  for (const text of [
    "import * as c from './c.mjs';",
    "import { c as d } from './c.mjs';",
    'export default 1;',
  ]) {
    write('wrong.mjs', text);
    assert.throws(() => linkModules(new URL(`file://${folder}/wrong.mjs`)), /wrong\.mjs/);
  }
});

test('a page that does not fit is one line, and nothing of it is left', () => {
  const place = join(folder, 'full');
  writeReports(result, place);
  const page = join(place, 'again.html');
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  const { status, stderr } = spawnSync(
    'bash',
    [
      '-c',
      'ulimit -f 8; exec "$@"',
      'bash',
      process.execPath,
      main,
      'render',
      '--out',
      page,
    ].concat(join(place, 'result.json')),
    { encoding: 'utf8' },
  );
  assert.equal(status, 1, stderr);
  assert.match(stderr, /^cannot write .*again\.html: EFBIG.*\n$/);
  assert.deepEqual(
    readdirSync(place).filter((name) => name.startsWith('again')),
    [],
  );
});
