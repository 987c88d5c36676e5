import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pageOf } from './page.ts';
import { HISTORY_FILE, readHistory } from './run.ts';

/** `make bench-report`: draws the history as one page. */
const PAGE_FILE = resolve('bench/results/history.html');

const runs = readHistory();
mkdirSync(dirname(PAGE_FILE), { recursive: true });
writeFileSync(PAGE_FILE, pageOf(runs));
console.log(`${runs.length} runs of ${HISTORY_FILE} drawn in ${PAGE_FILE}`);
