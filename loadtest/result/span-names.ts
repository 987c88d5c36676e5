import type { SpanName } from './run-result.ts';

/** What a reader calls each span, in the order a report lists them. */
export const SPAN_TITLES: Readonly<Record<SpanName, string>> = {
  ack: 'order → ack',
  'ack-from-send': 'order → ack, from the actual send',
  'ack-closed-loop': 'order → ack, one at a time',
  refused: 'order → refusal',
  'first-fill': 'order → first fill, of takers',
  'maker-first-fill': 'order → first fill, of makers',
  'order-update': 'fill → private stream',
  cancelled: 'cancel → cancelled',
  'market-data': 'trade → market data',
  'fan-out': 'first → last subscriber',
  'schedule-error': 'intended → actual send',
  'to-gateway': 'intended send → gateway',
  'to-match': 'gateway → matched',
  'to-journal': 'matched → journaled',
  'to-publish': 'engine → written',
  'from-publish': 'written → client',
  'to-client': 'journaled → client',
  rest: 'REST request',
  connect: 'connect → logged in',
  'connect-from-send': 'connect → logged in, from the actual attempt',
};

export const SPAN_NAMES = Object.keys(SPAN_TITLES) as readonly SpanName[];
