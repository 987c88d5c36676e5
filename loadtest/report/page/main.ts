import type { RunResult } from '../../result/run-result.ts';
import { formatCommit } from '../format.ts';
import { destroyCharts, redrawCharts } from './chart.ts';
import { element } from './dom.ts';
import { opening } from './opening.ts';
import { otherRunPicker, RUN_NAMES, runKey } from './other-run.ts';
import { scenarioSection } from './scenario.ts';

/** The whole page anew, of one run or of two. */
function draw(runs: readonly RunResult[]): void {
  const [own, other] = runs;
  const runNames = RUN_NAMES.slice(0, runs.length);
  const sections = own!.scenarios.map((scenario) => {
    const same = other?.scenarios.find((each) => each.name === scenario.name);
    return scenarioSection(same === undefined ? [scenario] : [scenario, same], runNames);
  });
  const unmatched = (other?.scenarios ?? [])
    .map(({ name }) => name)
    .filter((name) => !own!.scenarios.some((scenario) => scenario.name === name));
  destroyCharts();
  document.getElementById('report')!.replaceChildren(
    opening(runs, runNames),
    otherRunPicker(other !== undefined, (chosen) =>
      draw(chosen === undefined ? [own!] : [own!, chosen]),
    ),
    ...(other === undefined ? [] : [runKey(runs)]),
    ...(unmatched.length === 0
      ? []
      : [element('p', { class: 'missing' }, `Only in the other run: ${unmatched.join(', ')}.`)]),
    ...sections,
  );
  document.title = `Load test ${formatCommit(own!.environment.commit)}`;
}

/** On paper everything is light and as wide as the paper, whatever the screen is. */
function drawForPaper(isPaper: boolean): void {
  document.documentElement.classList.toggle('paper', isPaper);
  redrawCharts();
}

draw(JSON.parse(document.getElementById('runs')!.textContent) as RunResult[]);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawCharts);
addEventListener('beforeprint', () => drawForPaper(true));
addEventListener('afterprint', () => drawForPaper(false));
