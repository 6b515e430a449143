import type { Literal, PackedLiterals } from '../../domain/literal.ts';
import { unpackLiterals } from '../../domain/literal.ts';
import type { Parameters } from '../../domain/parameters.ts';
import { judgeLiteral } from './secret-score.ts';

/** A literal that is, or may be, a secret. */
export interface LiteralIssue {
  readonly path: string;
  readonly observed: string;
  readonly message: string;
  readonly weight?: 'warn';
  readonly reason?: string;
}

/** The parameters that decide what is a secret. */
export const scoreParameters = [
  'secrets.failScore',
  'secrets.warnScore',
  'secrets.namePattern',
  'secrets.harmlessSuffixes',
  'secrets.placeholders',
  'secrets.minEntropy',
  'secrets.minEntropyLength',
] as const;

/** Those of the literals that fail or warn, each place and name once. */
export function literalIssues(
  packed: PackedLiterals | undefined,
  parameters: Parameters,
  within: (literal: Literal, index: number) => boolean = () => true,
): readonly LiteralIssue[] {
  return unpackLiterals(packed).flatMap((literal, index) => {
    const judged = within(literal, index) ? judgeLiteral(literal, parameters) : undefined;
    if (judged === undefined) return [];
    const issue = {
      path: literal.path,
      observed: describePlace(literal),
      message: `${judged.weight === 'fail' ? 'This is a secret' : 'This may be a secret'} in plain sight: ${judged.because}.`,
    };
    return [
      judged.weight === 'fail' ? issue : { ...issue, weight: 'warn' as const, reason: 'PossibleSecrets' },
    ];
  });
}

/** Where and how long; never what. */
function describePlace({ path, name, line, length }: Literal): string {
  const place = [
    // The key that a path ends in need not be said twice.
    ...(name === '' || path.endsWith(`[${name}]`) ? [] : [`the value of ${name}`]),
    ...(line > 0 ? [`line ${line}`] : []),
    ...(length > 0 ? [`${length} characters`] : []),
  ];
  return place.join(', ');
}

/** The sentence about scores that the rules share. */
export const scoreRule =
  'Each value scores: 2 when its name matches secrets.namePattern, -3 when the name ends in one of secrets.harmlessSuffixes, 4 when it has the form of a known secret ' +
  '(keys and tokens of cloud providers, forges, registries and the like, JSON Web Tokens, private keys, passwords in URLs and connection strings), 2 when it has secrets.minEntropy bits per character or more, is secrets.minEntropyLength characters or longer and looks random, -4 when it is one of secrets.placeholders. ' +
  'References to variables, paths, numbers, booleans, hosts, URLs without credentials, image references, hashes that say so, certificates and public keys are no secrets under any name.';

export const scoreNotes: readonly string[] = [
  'Names are compared word by word, in any spelling (DB_PASSWORD, dbPassword, db.password): KEYCLOAK_URL, TOKENIZER and MONKEY have no such word. Where the word is not the last of the name (PASSWORD_POLICY), the name counts only for a value that is no plain word and has 12 characters or more; KEY, VALUE and the like after it change nothing.',
  'A UUID, or a hexadecimal text that is as long as a digest, counts as random only under a name that matches: most of them are ids.',
  'A name with CHECKSUM, HASH, DIGEST or FINGERPRINT in it (checksum/secret of a chart) does not count for a value that looks like an id.',
  'A placeholder under a name that matches warns, whatever it scores: in a workload that runs, it is the password.',
  'No value is kept, by the operator or in a report: a finding says where it stands, what it is called and how long it is. Rotate what was found: whoever could read the object has it.',
  'A password of digits alone, or one that is a plain word under a name that says nothing, is not found.',
];
