import { cleanText } from '../../base/clean-text.ts';

/** Characters of an event's text that are kept. */
const longestSample = 256;
/** Looked at beyond that, since masks are shorter than what they hide. */
const longestLook = 1_024;
const mask = '***';

const words = ['pass', 'pwd', 'secret', 'token', 'key', 'credential', 'authorization', 'signature', 'cookie'];
const name = `(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|access|private)[-_]?key|credentials?|authorization|signature|cookie)[\\w-]{0,20}`;
const schemes = ['bearer', 'basic', 'digest', 'negotiate', 'apikey'];
const scheme = `(?:${schemes.join('|')})`;
const value = `(?!${scheme}\\b)\\\\?(?:"[^"]{0,512}"?|'[^']{0,512}'?|[^\\s"',;&)]+)`;
const commands = ['mysql', 'mariadb', 'sshpass', 'htpasswd', 'redis-cli', 'mongo', 'psql'];

interface Pattern {
  /** In lower case; where none of them occurs the pattern need not be tried, which is nearly always. */
  readonly hints: readonly string[];
  readonly find: RegExp;
  readonly replace: string;
}

/** What looks like a secret. Each is linear, or bounded where it is not: the text is an attacker's. */
const patterns: readonly Pattern[] = [
  {
    hints: ['-----begin'],
    find: /-----BEGIN [A-Z ]{0,40}KEY-----[^-]{0,1024}(?:-----END [A-Z ]{0,40}KEY-----)?/g,
    replace: mask,
  },
  // Authorization: Bearer …, also in curl's -H
  { hints: schemes, find: new RegExp(`\\b(${scheme}[\\s:=]+)[\\w.~+/=-]{4,}`, 'gi'), replace: `$1${mask}` },
  // scheme://user:password@host
  {
    hints: ['://'],
    find: /(:\/\/[^\s:/@]{0,100}:)[^\s@/]{1,300}@/g,
    replace: `$1${mask}@`,
  },
  // password=…, DB_PASSWORD: …, "token": "…"
  {
    hints: words,
    find: new RegExp(`(${name}["'\\\\]{0,2}\\s?[=:]\\s?)${value}`, 'gi'),
    replace: `$1${mask}`,
  },
  // --password …
  { hints: words, find: new RegExp(`(\\s--?[\\w-]{0,40}?${name}\\s)${value}`, 'gi'), replace: `$1${mask}` },
  // curl -u user:password
  { hints: ['-u'], find: /(\s(?:-u|--user)[\s=]?)[^\s:]{1,100}:\S+/g, replace: `$1${mask}` },
  // mysql -pPassword, sshpass -p password, redis-cli -a password
  {
    hints: commands,
    find: new RegExp(
      `(\\b(?:${commands.join('|')})[\\w-]{0,10}\\s(?:[^;|&]{0,200}?\\s)?-[pa]\\s?)[^\\s-]\\S*`,
      'g',
    ),
    replace: `$1${mask}`,
  },
  // Tokens that say what they are
  {
    hints: ['akia', 'asia', 'gh', 'github_pat_', 'glpat-'],
    find: /\b(?:(?:AKIA|ASIA)[A-Z0-9]{12,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,})/g,
    replace: mask,
  },
  {
    hints: ['xox', 'k_live_', 'k_test_', 'eyj', 'npm_'],
    find: /\b(?:xox[abeoprs]-[\w-]{10,}|[sr]k_(?:live|test)_\w{10,}|eyJ[\w-]{8,}(?:\.[\w-]*){0,2}|npm_\w{30,})/g,
    replace: mask,
  },
];

/** Long runs of letters and digits mixed, as keys are; paths, which have slashes, stay. */
const run = /(?<![A-Za-z0-9+_-])[A-Za-z0-9+_-]{32,}={0,2}/g;
const looksRandom = (text: string) =>
  /^[0-9a-f]+=*$/i.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text));

/**
 * One event's text, fit for a report that others read: one line, no control characters, what looks like a secret
 * masked, at most 256 characters. It may mask too much; that it masks everything cannot be promised.
 */
export function redact(text: string): string {
  let line = cleanText(text, longestLook);
  // A secret that the cut has shortened may no longer look like one.
  if (line.endsWith('…')) line = line.replace(/\S*$/, '').trimEnd();
  const lower = line.toLowerCase();
  for (const { hints, find, replace } of patterns) {
    if (hints.some((hint) => lower.includes(hint))) line = line.replace(find, replace);
  }
  return cleanText(
    line.replace(run, (found) => (looksRandom(found) ? mask : found)),
    longestSample,
  );
}
