import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { RunResult } from '../result/run-result.ts';
import { linkModules } from './page-script.ts';

/** In the source, which the compiled file is two folders below of. */
const PAGE_SOURCE = new URL('../../../loadtest/report/page/', import.meta.url);
const PAGE_ENTRY = new URL('./page/main.js', import.meta.url);

/** In the order in which rules override each other. */
const STYLES = ['colors', 'text', 'tables', 'comparison', 'figures', 'charts', 'paper'].map(
  (subject) => `styles/${subject}.css`,
);

/** The run that a report is about, and one that is laid over it. */
type ReportedRuns = readonly [RunResult] | readonly [RunResult, RunResult];

/** One page that needs no network: libraries, styles, script and data are in it. */
export function renderReport(runs: ReportedRuns): string {
  const parts: Readonly<Record<string, string>> = {
    styles: `<style>\n${libraryText('uplot/dist/uPlot.min.css')}\n${STYLES.map(pageText).join('\n')}</style>`,
    scripts: [
      `<script id="runs" type="application/json">${dataText(runs)}</script>`,
      scriptElement(libraryText('uplot/dist/uPlot.iife.min.js')),
      scriptElement(libraryText('pako/dist/pako_inflate.min.js', 'hdr-histogram-js')),
      scriptElement(libraryText('hdr-histogram-js/dist/hdrhistogram.umd.js')),
      scriptElement(linkModules(PAGE_ENTRY), 'type="module"'),
    ].join('\n'),
  };
  return pageText('report.html').replace(/<!-- (\w+) -->/g, (_place, name) => parts[name]!);
}

function pageText(name: string): string {
  return readFileSync(new URL(name, PAGE_SOURCE), 'utf8');
}

/** A file of a package; `dependent` names the package that brings it, when it is not ours. */
function libraryText(path: string, dependent?: string): string {
  const ours = createRequire(import.meta.url);
  const require = dependent === undefined ? ours : createRequire(ours.resolve(dependent));
  return readFileSync(require.resolve(path), 'utf8');
}

/** Throws for code with `</script`, which would end the element, or `<!--`, which would hide that end. */
function scriptElement(code: string, attributes = ''): string {
  if (/<\/script|<!--/i.test(code)) throw new Error('code that would end its script element');
  return `<script ${attributes}>\n${code}\n</script>`;
}

/** JSON in which no `<` is left: nothing in it can end a script element, and JSON.parse reads it as it was. */
function dataText(runs: ReportedRuns): string {
  return JSON.stringify(runs).replaceAll('<', '\\u003c');
}
