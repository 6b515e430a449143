/** Numbers as Grafana writes them, as far as our dashboards use its units. @param now seconds since the epoch */
export function formatValue(value: number, unit: string, decimals: number | undefined, now: number): string {
  if (Number.isNaN(value)) return '';
  if (unit === 'percentunit') return `${(value * 100).toFixed(decimals ?? 0)}%`;
  if (unit === 'dateTimeFromNow') return ago(now - value / 1_000);
  if (unit === 's') return seconds(value);
  if (unit === 'bytes') return scaled(value, 1_024, ['B', 'KiB', 'MiB', 'GiB'], decimals);
  return `${scaled(value, 1_000, ['', 'K', 'M'], decimals)}${suffixes[unit] ?? ''}`;
}

const suffixes: Readonly<Record<string, string>> = { cpm: ' c/m', ops: ' ops/s', reqps: ' req/s' };

function scaled(value: number, base: number, names: readonly string[], decimals?: number): string {
  let rest = value;
  let power = 0;
  while (Math.abs(rest) >= base && power < names.length - 1) {
    rest /= base;
    power++;
  }
  return `${short(rest, decimals)} ${names[power] ?? ''}`.trim();
}

/** Three digits that say something, and no zeros behind them. */
function short(value: number, decimals?: number): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  return String(Number(value.toPrecision(3)));
}

function seconds(value: number): string {
  const size = Math.abs(value);
  if (size < 0.001) return `${short(value * 1_000_000)} µs`;
  if (size < 1) return `${short(value * 1_000)} ms`;
  if (size < 60) return `${short(value)} s`;
  return size < 3_600 ? `${short(value / 60)} min` : `${short(value / 3_600)} h`;
}

function ago(age: number): string {
  if (age < 45) return 'a few seconds ago';
  if (age < 90) return 'a minute ago';
  if (age < 2_700) return `${Math.round(age / 60)} minutes ago`;
  if (age < 5_400) return 'an hour ago';
  return age < 79_200 ? `${Math.round(age / 3_600)} hours ago` : `${Math.round(age / 86_400)} days ago`;
}
