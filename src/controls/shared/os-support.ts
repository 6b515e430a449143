/** Ends of the support that everybody has, by family and release, as the vendors published them. */
const ends: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  alma: { 8: '2029-03-01', 9: '2032-05-31' },
  alpine: {
    3.18: '2025-05-09',
    3.19: '2025-11-01',
    '3.20': '2026-04-01',
    3.21: '2026-11-01',
    3.22: '2027-05-01',
  },
  amazon: { 2: '2026-06-30' },
  centos: { 7: '2024-06-30', 8: '2021-12-31' },
  debian: { 10: '2024-06-30', 11: '2026-08-31', 12: '2028-06-30', 13: '2030-06-30' },
  fedora: { 39: '2024-11-26', 40: '2025-05-13' },
  rocky: { 8: '2029-05-31', 9: '2032-05-31' },
  ubuntu: { '20.04': '2025-05-31', '22.04': '2027-04-23', '24.04': '2029-04-25' },
};

/** The end of the day on which the support ends, milliseconds since the epoch; undefined where it is not known. */
export function endOfSupport(family: string, release: string): number | undefined {
  const table = Object.hasOwn(ends, family) ? ends[family] : undefined;
  // `3.22.1` is a 3.22, `12.9` a 12; `24.04` is itself.
  for (let name = release; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const day = table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
    if (day !== undefined) return Date.parse(`${day}T23:59:59Z`);
  }
  return undefined;
}

/** How many parts of a release name the line that is renewed in place: Debian 12.9 and 12.11 are both 12, Alpine 3.22.1 is 3.22. */
const lineParts: Readonly<Record<string, number>> = {
  alpine: 2,
  photon: 2,
  ubuntu: 2,
  'opensuse-leap': 2,
  sles: 2,
};

/** The line of releases that one base image is made of, such as `debian 12`; a rolling system is one line. */
export function lineOf(family: string, release: string): string {
  if (rolling.includes(family)) return family;
  const parts = Object.hasOwn(lineParts, family) ? (lineParts[family] ?? 1) : 1;
  return `${family} ${release.split('.').slice(0, parts).join('.')}`.trim();
}

const rolling: readonly string[] = ['chainguard', 'minimos', 'opensuse-tumbleweed', 'wolfi'];
