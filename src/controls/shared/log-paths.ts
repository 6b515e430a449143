const compiled = new WeakMap<readonly string[], readonly RegExp[]>();

/**
 * Whether a path of a container is one of logs. An entry with a slash is a directory with all below it, where `*` stands
 * for one name; one without is a pattern of file names. Windows paths are compared with slashes, from behind the drive.
 */
export function isLogPath(path: string, entries: readonly string[]): boolean {
  const patterns = compiled.get(entries) ?? entries.map(toPattern);
  compiled.set(entries, patterns);
  const plain = path
    .replaceAll('\\', '/')
    .replace(/^[A-Za-z]:/, '')
    .replace(/\/+$/, '');
  return patterns.some((pattern) => pattern.test(plain));
}

function toPattern(entry: string): RegExp {
  const text = entry
    .replace(/\/+$/, '')
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[^/]*');
  return new RegExp(entry.includes('/') ? `^${text}(?:/|$)` : `(?:^|/)${text}$`);
}
