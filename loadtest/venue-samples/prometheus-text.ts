/** One reading of a venue's metrics: values by name and labels. */
export class Metrics {
  readonly #series = new Map<
    string,
    { labels: Readonly<Record<string, string>>; value: number }[]
  >();

  /**
   * Reads Prometheus' text format (version 0.0.4) as far as it is needed: a name, labels, a value. A line that is none
   * of these is passed over, so that a venue may say more than is known here.
   */
  static parse(text: string): Metrics {
    const metrics = new Metrics();
    for (const line of text.split('\n')) {
      const match = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line);
      if (match === null) continue;
      const value = numberOf(match[3]!);
      if (Number.isNaN(value)) continue;
      const name = match[1]!;
      const series = metrics.#series.get(name) ?? [];
      series.push({ labels: labelsOf(match[2] ?? ''), value });
      metrics.#series.set(name, series);
    }
    return metrics;
  }

  /** Sum over all labels; undefined when the venue does not tell. */
  sum(name: string): number | undefined {
    return this.#series.get(name)?.reduce((total, { value }) => total + value, 0);
  }

  /** The greatest over all labels. */
  max(name: string): number | undefined {
    const values = this.#series.get(name)?.map(({ value }) => value);
    return values === undefined ? undefined : Math.max(...values);
  }

  /** By the value of one label; series without it are left out. */
  by(name: string, label: string): Map<string, number> {
    const values = new Map<string, number>();
    for (const { labels, value } of this.#series.get(name) ?? []) {
      const key = labels[label];
      if (key !== undefined) values.set(key, (values.get(key) ?? 0) + value);
    }
    return values;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)) {
    labels[name!] = value!.replace(/\\[n"\\]/g, (escaped) => ESCAPES[escaped]!);
  }
  return labels;
}

function numberOf(text: string): number {
  return /^[+-]Inf$/.test(text) ? Number(`${text}inity`) : Number(text);
}
