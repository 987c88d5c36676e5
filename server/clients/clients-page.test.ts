import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { VenueUnderTest } from '../venue-process.fixture.ts';

/** Where `package.json` is: this file runs from a folder of compiled ones. */
function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from));
}

const root = findRoot(import.meta.dirname);
const page = readFileSync(join(root, 'docs/clients.md'), 'utf8');

/** Made by `make deps-test`, where it can be; else whatever Python is there. */
const pythonInstalled = join(root, 'node_modules/.cache/ccxt-python/bin/python');
const python = existsSync(pythonInstalled) ? pythonInstalled : 'python3';

/** How each language's blocks are run, and how to find out whether they can be here. */
const LANGUAGES: Readonly<Record<string, { run: string[]; probe: string[] }>> = {
  sh: {
    run: ['bash', '-euo', 'pipefail'],
    probe: ['bash', '-c', 'curl --version && openssl version && base64 --version'],
  },
  js: { run: ['node'], probe: ['node', '--version'] },
  python: { run: [python], probe: [python, '-c', 'import ccxt.pro'] },
};

/** What a block says when it has done what the page says, besides ending well. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  'rest.mjs': /^last [\d.]+, bought 0.5 at [\d.]+\n\[ '\d+' \]\npaid [\d.]+ USDC/,
  'streams.mjs': /^best \[.*\ntrade (?:buy|sell) [\s\S]*candle \[[\s\S]*\d+ closed 0\.5$/m,
  'reconnect.mjs': /^3 \d+\n6 \d+\n9 \d+\n12 \d+$/m,
  'rest.py': /^last [\d.]+ bought 0.5 at [\d.]+\n\['\d+'\]\npaid \{/,
  'streams.py': /^best \[.*\ntrade (?:buy|sell) .*\n\d+ closed 0\.5$/m,
};

interface Block {
  readonly language: string;
  /** Of the file that it is kept in; a number where it has none. */
  readonly name: string;
  readonly text: string;
}

/** The page's blocks but those that install something, or are to be read only. */
function blocksOf(markdown: string): Block[] {
  const found = markdown.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm);
  return [...found]
    .map(([, language, name, text], index) => ({
      language: language!,
      name: name === '' ? `block-${index + 1}.${language}` : name!,
      text: text!,
    }))
    .filter(({ language, name }) => language !== 'text' && name !== 'install');
}

async function run(block: Block, folder: string): Promise<string> {
  writeFileSync(join(folder, block.name), block.text);
  const [command, ...settings] = LANGUAGES[block.language]!.run;
  const child = spawn(command!, [...settings, block.name], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [exitCode] = await once(child, 'close');
  assert.equal(exitCode, 0, `${block.name}: ${errors}${output}`);
  return output;
}

test('every session of the page does what it says, at a venue that was started as it says', async (context) => {
  const venue = new VenueUnderTest({ RINGSIDE_DEMO: '1' });
  const folder = mkdtempSync(join(tmpdir(), 'ringside-clients-'));
  context.after(async () => {
    await venue.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });
  const ready = await venue.ready();
  symlinkSync(venue.dataDir, join(folder, 'data'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const hostOf = (url: unknown): string => new URL(String(url)).host;
  const here = page
    .replaceAll('127.0.0.1:8080', hostOf(ready.url))
    .replaceAll('127.0.0.1:8081', hostOf(ready.adminUrl));
  const blocks = blocksOf(here);
  assert.ok(blocks.length >= 8, `only ${blocks.length} blocks`);
  for (const name of Object.keys(EXPECTED)) assert.ok(blocks.some((block) => block.name === name));
  for (const block of blocks) {
    const [probe, ...settings] = LANGUAGES[block.language]!.probe;
    const isThere = spawnSync(probe!, settings).status === 0;
    const skip = isThere ? false : `not on this machine: ${[probe, ...settings].join(' ')}`;
    await context.test(block.name, { skip }, async () => {
      const output = await run(block, folder);
      assert.doesNotMatch(output, /"code":"/);
      assert.match(output, EXPECTED[block.name] ?? /./);
    });
  }
});
