import type { ChartSpec } from './chart.ts';
import { element } from './dom.ts';

/** Names a chart's lines, switches them, and tells their values under the cursor. */
interface Legend {
  readonly list: HTMLElement;
  /** From now on its buttons switch the lines of this plot. */
  attach(plot: uPlot): void;
  /** Tells the values at the plot's cursor. */
  show(plot: uPlot): void;
}

/** One button a name: a line of this run and the same of the other run are switched together. */
export function makeLegend(spec: ChartSpec): Legend {
  const position = element('span', { class: 'position' });
  const list = element('ul', { class: 'legend' });
  const seriesByLabel = new Map<string, number[]>();
  const valueBySeries = new Map<number, HTMLElement>();
  let plot: uPlot | undefined;
  let series = 1;
  for (const [index, run] of spec.runs.entries()) {
    for (const line of run.lines) {
      const value = element('span', { class: index > 0 ? 'value other' : 'value' });
      valueBySeries.set(series, value);
      const known = seriesByLabel.get(line.label);
      if (known === undefined) {
        const button = makeButton(line.label, line.colour, line.isHidden !== true);
        seriesByLabel.set(line.label, [series]);
        button.append(value);
        button.addEventListener('click', () => {
          const show = button.getAttribute('aria-pressed') !== 'true';
          button.setAttribute('aria-pressed', `${show}`);
          for (const each of seriesByLabel.get(line.label)!) plot?.setSeries(each, { show });
        });
        list.append(element('li', {}, button));
      } else {
        known.push(series);
        list.children[[...seriesByLabel.keys()].indexOf(line.label)]!.firstElementChild!.append(
          value,
        );
      }
      series += 1;
    }
  }
  list.append(element('li', {}, position));
  return {
    list,
    attach: (made) => {
      plot = made;
    },
    show: (at) => {
      const { idx } = at.cursor;
      const x = idx === null || idx === undefined ? undefined : at.data[0][idx];
      position.textContent = x === undefined ? '' : `at ${spec.horizontal.format(x)}`;
      for (const [each, target] of valueBySeries) {
        const own = at.cursor.idxs?.[each];
        const value = own === null || own === undefined ? undefined : at.data[each]![own];
        target.textContent =
          value === undefined || value === null ? '' : spec.vertical.format(value);
      }
    },
  };
}

function makeButton(label: string, colour: string, isShown: boolean): HTMLElement {
  return element(
    'button',
    { type: 'button', 'aria-pressed': `${isShown}` },
    element('span', { class: 'swatch', style: `background:var(--${colour})` }),
    label,
  );
}
