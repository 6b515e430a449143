/** One answer of /metrics (Prometheus text format). */
export class Exposition {
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  }

  /** The sum over the series of a metric whose labels contain all of `labels`, such as `verb="list"`. */
  sum(name: string, ...labels: readonly string[]): number {
    return this.#seriesOf(name)
      .filter((line) => labels.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** The sums by the values of one label. */
  by(name: string, label: string): Map<string, number> {
    const sums = new Map<string, number>();
    for (const line of this.#seriesOf(name)) {
      const [, value = ''] = new RegExp(`[{,]${label}="([^"]*)"`).exec(line) ?? [];
      sums.set(value, (sums.get(value) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
    }
    return sums;
  }

  #seriesOf(name: string): readonly string[] {
    return this.#lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  }
}
