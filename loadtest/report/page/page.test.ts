import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { RunResult } from '../../result/run-result.ts';
import { startChromium } from '../chromium.fixture.ts';
import { formatCount, formatDuration } from '../format.ts';
import { renderReport } from '../report-html.ts';
import { makeRunResult } from '../run-result.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringside-report-'));
const result = makeRunResult({ seconds: 20 });
const other = makeRunResult({ seconds: 15, seed: 2, slowness: 1.5, commit: 'b81d0a44' });
/** Of the two scenarios that have everything: over time 3, percentiles 1, venue 7; of the third its percentiles. */
const CANVASES = 2 * 11 + 1;
let browser: Browser;

before(async () => {
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  /** What the page complained of, and what it asked the network for. */
  readonly complaints: string[];
}

async function open(
  name: string,
  html: string,
  dark = false,
  canvases = CANVASES,
): Promise<Opened> {
  const path = join(folder, name);
  writeFileSync(path, html);
  const context = await browser.newContext({
    offline: true,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width: 1280, height: 900 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!/^(?:file|data):/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(path).href);
  await page.waitForFunction(
    (count) => document.querySelectorAll('canvas').length === count,
    canvases,
  );
  return { page, complaints };
}

/** The cells of the row with this header in the table with this caption, inside of an element. */
function cellsOf(page: Page, within: string, caption: string, row: string): Promise<string[]> {
  return page
    .locator(within)
    .locator('table', { has: page.locator('caption', { hasText: caption }) })
    .locator('tbody tr', { has: page.locator('th', { hasText: new RegExp(`^${row}`) }) })
    .first()
    .locator('td')
    .allInnerTexts();
}

/** How many different colours a canvas has: one that was not drawn on has one. */
function colourCounts(page: Page): Promise<number[]> {
  return page.locator('canvas').evaluateAll((canvases) =>
    (canvases as HTMLCanvasElement[]).map((canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }),
  );
}

test('the page draws every chart without a network, and shows the figures of the result', async () => {
  const { page, complaints } = await open('report.html', renderReport([result]));
  for (const colours of await colourCounts(page)) assert.ok(colours > 10, `${colours} colours`);
  const [steady] = result.scenarios;
  const ack = steady!.spans[0]!;
  const row = await cellsOf(page, '#scenario-steady-mix', 'Spans', 'order → ack');
  assert.deepEqual(row, [
    formatCount(ack.count),
    ...[ack.minUs, ack.meanUs, ack.p50Us, ack.p90Us, ack.p99Us].map(formatDuration),
    ...[ack.p999Us, ack.p9999Us, ack.maxUs].map(formatDuration),
  ]);
  const { counts } = steady!;
  const requests = await cellsOf(page, '#scenario-steady-mix', 'Requests', 'this run');
  assert.deepEqual(
    requests.slice(0, 6),
    [counts.sent, counts.acknowledged, 51, 0, 40, 11].map(formatCount),
  );
  const generator = await cellsOf(page, '#scenario-steady-mix', 'Generators', '1');
  assert.equal(generator.at(-1), 'p99 500 µs of 2.00 ms (25%)');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('it opens with the verdict, what it was measured on and what was left out', async () => {
  const { page } = await open('opening.html', renderReport([result]));
  const opening = (await page.locator('.opening').textContent())!;
  assert.equal((await page.locator('h1').textContent())!, 'Failed: microburst');
  const { environment } = result;
  for (const said of [
    environment.processors,
    environment.kernel,
    environment.node,
    environment.commit,
    environment.venue.durability!,
    '8 GiB',
    ...environment.leavesOut,
    'microburst: The generator was the bottleneck',
    'microburst: Not checked: The venue has no database to compare with.',
    'microburst: Not measured: The venue’s rings are not known.',
  ]) {
    assert.ok(opening.includes(said), said);
  }
  await page.context().close();
});

test('a run that passed says why, and claims nothing that was not looked at', async () => {
  const [steady, , storm] = result.scenarios;
  const passed = { ...result, scenarios: [steady!, { ...steady!, name: 'soak' }, storm!] };
  const { page } = await open('passed.html', renderReport([passed]));
  assert.equal(await page.locator('h1').textContent(), 'Passed: all 3 scenarios');
  assert.match(
    (await page.locator('.opening').textContent())!,
    /No audit failed, with nothing to check in connect-storm; every objective held, and no gen/,
  );
  await page.context().close();
});

test('a run that broke off says so before anything else', async () => {
  const broken = { ...result, scenarios: [result.scenarios[0]!, result.scenarios[2]!] };
  const brokenOff = 'interrupted by SIGINT';
  const { page } = await open('broken.html', renderReport([{ ...broken, brokenOff }]), false, 12);
  assert.equal(await page.locator('h1').textContent(), 'Broken off');
  const opening = (await page.locator('.opening').textContent())!;
  assert.ok(opening.includes(`The run came to no end: ${brokenOff}.`), opening);
  await page.context().close();
});

test('what was not sent, and what became of the cancels, is in the table', async () => {
  const { page } = await open('requests.html', renderReport([result]));
  const burst = await cellsOf(page, '#scenario-microburst', 'Requests', 'this run');
  assert.deepEqual(burst.slice(-3), [1_234, 4_321, 17].map(formatCount));
  const section = (await page.locator('#scenario-microburst').textContent())!;
  assert.ok(section.includes('Not measured: The venue’s rings are not known.'));
  const tile = page.locator('#scenario-microburst .tile', { hasText: 'not sent' });
  assert.match((await tile.getAttribute('class'))!, /bad/);
  const steady = (await page.locator('#scenario-steady-mix').textContent())!;
  assert.doesNotMatch(steady, /not sent|too late/);
  await page.context().close();
});

test('text of a result is text, whatever it says', async () => {
  const { page } = await open('text.html', renderReport([result]));
  const section = page.locator('#scenario-microburst');
  assert.ok((await section.textContent())!.includes('<b>&amp;</b> </script>.'));
  assert.equal(await section.locator('b').count(), 0);
  assert.ok((await section.textContent())!.includes("it's </script> quoted"));
  await page.context().close();
});

test('a closed loop has no target', async () => {
  const [steady] = result.scenarios;
  const closed = {
    ...steady!,
    schedule: { ...steady!.schedule, kind: 'closed', isOpenLoop: false },
  };
  const { page } = await open(
    'closed.html',
    renderReport([{ ...result, scenarios: [closed] }]),
    false,
    11,
  );
  const chart = page.locator('figure', { has: page.locator('h4', { hasText: 'Rate over time' }) });
  assert.match((await chart.textContent())!, /closed loop, without a target.*sent.*acknowledged/);
  assert.doesNotMatch((await chart.locator('.legend').textContent())!, /intended/);
  await page.context().close();
});

test('what has no data is said not to be drawn', async () => {
  const { page } = await open('missing.html', renderReport([result]));
  const storm = (await page.locator('#scenario-connect-storm').textContent())!;
  assert.match(
    storm,
    /Not drawn, for want of data: where the time goes, latency over time, .*CPU per thread, .*database lag/,
  );
  assert.match(storm, /The audit had nothing to check/);
  const burst = (await page.locator('#scenario-microburst').textContent())!;
  assert.ok(burst.includes('Not checked: The venue has no database to compare with.'));
  await page.context().close();
});

test('a percentile that too few samples were taken for is marked', async () => {
  const { page } = await open('few.html', renderReport([result]));
  const marked = (name: string) => page.locator(`#scenario-${name} .too-few`);
  // Of 500 connects p99.9 and p99.99 are not known; of 6,000 fills and 5,000 cancels p99.99 is not.
  assert.equal(await marked('connect-storm').count(), 2);
  assert.equal(await marked('steady-mix').count(), 2);
  await page.context().close();
});

test('a name in the legend switches its curve, and says so', async () => {
  const { page } = await open('legend.html', renderReport([result]));
  const chart = page.locator('#scenario-steady-mix figure', { hasText: 'Percentile curves' });
  const button = chart.getByRole('button', { name: 'intended send → gateway' });
  const canvas = chart.locator('canvas');
  const image = () => canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
  const hidden = await image();
  assert.equal(await button.getAttribute('aria-pressed'), 'false');
  await button.click();
  assert.equal(await button.getAttribute('aria-pressed'), 'true');
  await page.waitForFunction(
    ([element, drawn]) => (element as HTMLCanvasElement).toDataURL() !== drawn,
    [await canvas.elementHandle(), hidden] as const,
  );
  await page.context().close();
});

test('a second run is laid over the first, from a file or in the page itself', async () => {
  const opened = await open('report-alone.html', renderReport([result]));
  const file = { name: 'result.json', mimeType: 'application/json', buffer: textOf(other) };
  await opened.page.setInputFiles('#other-run', file);
  await opened.page.waitForSelector('.run-key');
  const overlay = await open('overlay.html', renderReport([result, other]));
  const ack = other.scenarios[0]!.spans[0]!;
  for (const { page, complaints } of [opened, overlay]) {
    assert.match((await page.locator('.run-key').textContent())!, /3f9c2d17.*b81d0a44/s);
    const row = await cellsOf(page, '#scenario-steady-mix', 'Spans', 'other run');
    assert.equal(row[3], formatDuration(ack.p50Us));
    assert.equal(await page.locator('canvas').count(), CANVASES);
    const tile = page.locator('#scenario-steady-mix .tile', { hasText: 'ack p99' }).first();
    assert.match((await tile.textContent())!, /\(\+\d+%\)/);
    assert.deepEqual(complaints, []);
  }
  await opened.page.getByRole('button', { name: 'Take it off again' }).click();
  await opened.page.waitForSelector('.run-key', { state: 'detached' });
  assert.equal(await opened.page.locator('.other').count(), 0);
  await opened.page.context().close();
  await overlay.page.context().close();
});

test('bars of both runs begin and end by one scale', async () => {
  const { page } = await open('bars.html', renderReport([result, other]));
  const figure = page.locator('#scenario-steady-mix figure', { hasText: 'Where the time goes' });
  const starts = await figure
    .locator('.bar')
    .evaluateAll((bars) => bars.map((bar) => Math.round(bar.getBoundingClientRect().x)));
  assert.equal(starts.length, 4);
  assert.equal(new Set(starts).size, 1, `${starts}`);
  await page.context().close();
});

test('a second run can be dropped anywhere, and what it warns of is said as its own', async () => {
  const { page } = await open('drop.html', renderReport([result]));
  const warned = { ...other.scenarios[0]!, warnings: ['Too slow a disk.'] };
  await page.evaluate(
    (text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], 'result.json'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
    },
    JSON.stringify({ ...other, scenarios: [warned, { ...warned, name: 'soak' }] }),
  );
  await page.waitForSelector('.run-key');
  const opening = (await page.locator('.opening').textContent())!;
  assert.ok(opening.includes('other run: steady-mix: Too slow a disk.'), opening);
  assert.ok((await page.locator('main').textContent())!.includes('Only in the other run: soak.'));
  await page.context().close();
});

test('a file that is no result is refused by name, and the page stays', async () => {
  const { page } = await open('refused.html', renderReport([result]));
  for (const [text, said] of [
    ['[]', 'wrong.json is no result of a load test'],
    ['{', 'wrong.json is no JSON'],
    [JSON.stringify({ ...other, formatVersion: 2 }), 'wrong.json has format version 2'],
  ] as const) {
    const file = { name: 'wrong.json', mimeType: 'application/json', buffer: Buffer.from(text) };
    await page.setInputFiles('#other-run', file);
    await page.locator('.error', { hasText: said }).waitFor();
  }
  assert.equal(await page.locator('canvas').count(), CANVASES);
  await page.context().close();
});

test('nothing is wider than the window, light or dark, wide or narrow', async () => {
  for (const dark of [false, true]) {
    const { page, complaints } = await open('wide.html', renderReport([result, other]), dark);
    for (const width of [1280, 800, 390]) {
      await page.setViewportSize({ width, height: 900 });
      const plots = page.locator('.uplot');
      await page.waitForFunction(() =>
        [...document.querySelectorAll('.uplot')].every(
          (plot) => plot.clientWidth === plot.parentElement!.clientWidth,
        ),
      );
      assert.equal(await plots.count(), CANVASES);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
});

test('paper is light and takes the charts at its width', async () => {
  const { page } = await open('paper.html', renderReport([result]), true);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(paper, 'rgb(255, 255, 255)');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.uplot')].every((plot) => plot.clientWidth <= 700),
  );
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.notEqual(
    await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    paper,
  );
  await page.context().close();
});

function textOf(run: RunResult): Buffer {
  return Buffer.from(JSON.stringify(run));
}
