import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '../result/run-result.ts';
import { hgrmFileName, hgrmText } from './hgrm.ts';
import { renderReport } from './report-html.ts';
import { writeWholeFile } from './whole-file.ts';

/** Where the files of a run are. */
interface ReportFiles {
  readonly resultJson: string;
  readonly reportHtml: string;
  readonly percentiles: readonly string[];
}

/**
 * Writes `result.json`, `report.html` and one `<scenario>-<span>.hgrm` a span that has a sample into the folder,
 * which is made when it is missing. The result goes first: a report can be made of it again.
 * Throws `FileUnwritten`; what was written before that is whole.
 */
export function writeReports(result: RunResult, folder: string): ReportFiles {
  mkdirSync(folder, { recursive: true });
  const resultJson = join(folder, 'result.json');
  writeWholeFile(resultJson, `${JSON.stringify(result, null, 1)}\n`);
  const percentiles: string[] = [];
  for (const scenario of result.scenarios) {
    for (const span of scenario.spans) {
      if (span.count === 0) continue;
      const path = join(folder, hgrmFileName(scenario, span));
      writeWholeFile(path, hgrmText(span));
      percentiles.push(path);
    }
  }
  const reportHtml = join(folder, 'report.html');
  writeWholeFile(reportHtml, renderReport([result]));
  return { resultJson, reportHtml, percentiles };
}
