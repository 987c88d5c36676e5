import type { RunResult } from '../../result/run-result.ts';
import { parseResult } from '../check-result.ts';
import { formatCommit } from '../format.ts';
import { element } from './dom.ts';

/** Where a reader gives the page another run: a picker, and the whole page as a place to drop a file on. */
export function otherRunPicker(
  isLaidOver: boolean,
  show: (other: RunResult | undefined) => void,
): HTMLElement {
  const input = element('input', {
    type: 'file',
    accept: '.json,application/json',
    id: 'other-run',
  });
  const error = element('p', { class: 'error', role: 'alert' });
  const read = async (file: File) => {
    try {
      show(parseResult(await file.text(), file.name));
    } catch (caught) {
      error.textContent = (caught as Error).message;
    }
  };
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) void read(file);
  });
  document.ondragover = (event) => event.preventDefault();
  document.ondrop = (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) void read(file);
  };
  const remove = element('button', { type: 'button' }, 'Take it off again');
  remove.addEventListener('click', () => show(undefined));
  return element(
    'div',
    { class: 'other-run' },
    element(
      'label',
      { for: 'other-run' },
      'Lay another run over this one: choose its result.json, or drop it anywhere on the page. ',
    ),
    input,
    isLaidOver ? remove : undefined,
    error,
  );
}

/** How the two runs are called, and which is which. */
export const RUN_NAMES = ['this run', 'other run'] as const;

export function runKey(runs: readonly RunResult[]): HTMLElement {
  const commits = runs.map((run) => `commit ${formatCommit(run.environment.commit)}`);
  return element(
    'p',
    { class: 'run-key' },
    element('span', { class: 'stroke' }),
    `${RUN_NAMES[0]}, ${commits[0]}`,
    element('span', { class: 'stroke dashed' }),
    `${RUN_NAMES[1]}, ${commits[1]}`,
  );
}
