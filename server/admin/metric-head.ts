/** Begins a metric: what follows are its lines. */
export type MetricHead = (
  name: string,
  kind: 'gauge' | 'counter' | 'histogram',
  help: string,
) => void;
