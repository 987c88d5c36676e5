import type { SpanName } from '../../result/run-result.ts';

/** Colours of the style sheet, which has them twice: for light and for dark. */
export type Colour =
  | 'blue'
  | 'orange'
  | 'aqua'
  | 'violet'
  | 'green'
  | 'magenta'
  | 'yellow'
  | 'red'
  | 'grey';

/** The order in which lines without a colour of their own take theirs. */
export const LINE_COLOURS: readonly Colour[] = [
  'blue',
  'orange',
  'aqua',
  'violet',
  'yellow',
  'magenta',
  'green',
  'red',
];

/** A span has one colour wherever it is drawn. */
export const SPAN_COLOURS: Readonly<Record<SpanName, Colour>> = {
  ack: 'blue',
  'ack-from-send': 'violet',
  'ack-closed-loop': 'magenta',
  refused: 'red',
  'first-fill': 'aqua',
  'maker-first-fill': 'yellow',
  'order-update': 'red',
  cancelled: 'orange',
  'market-data': 'green',
  'fan-out': 'magenta',
  'schedule-error': 'grey',
  'to-gateway': 'yellow',
  'to-match': 'magenta',
  'to-journal': 'blue',
  'to-publish': 'green',
  'from-publish': 'aqua',
  'to-client': 'aqua',
  rest: 'red',
  connect: 'yellow',
  'connect-from-send': 'violet',
};

/** As the page's present colour scheme has it. */
export function styleColour(name: Colour | 'ink' | 'muted' | 'line' | 'axis'): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
