/**
 * A value that stands in plain text in a manifest: what it is like, and never what it is. Any profile can judge it from
 * this, also one that comes later; nobody can tell the value from it (docs/adr/0008).
 */
export interface Literal {
  /** Where it stands below its container, pod or ConfigMap: `env[DB_PASSWORD]`, `args[2]`, `data[app.ini]`. */
  readonly path: string;
  /** What it is called there: the variable, the flag, the key; '' for a word that has no name. */
  readonly name: string;
  /** The known kind of secret that it has the form of, such as `GitHub token`; '' for none. */
  readonly format: string;
  readonly texture: Texture;
  /** Characters. */
  readonly length: number;
  /** Shannon entropy, bits per character, rounded down to hundredths. */
  readonly entropy: number;
  /** `placeholderMark` of the whole, and of its words if it is made of words. */
  readonly marks: readonly number[];
  /** Of a text of several lines, counted from 1; 0 for others. */
  readonly line: number;
}

/** What the characters look like: `words` of a language or a name, `random` as only keys are, or something in between. */
export type Texture = 'words' | 'mixed' | 'random';

const textures: readonly Texture[] = ['words', 'mixed', 'random'];

/**
 * Several literals as one string. There are a dozen in every container, and as objects they would take five times the
 * memory, and be walked through for every pod that is compared with others.
 */
export type PackedLiterals = string;

type Row = readonly [string, string, string, number, number, number, readonly number[], number];

export const packLiterals = (literals: readonly Literal[]): PackedLiterals =>
  JSON.stringify(
    literals.map(({ path, name, format, texture, length, entropy, marks, line }): Row => [
      path,
      name,
      format,
      textures.indexOf(texture),
      length,
      entropy,
      marks,
      line,
    ]),
  );

export const unpackLiterals = (packed: PackedLiterals | undefined): readonly Literal[] =>
  packed === undefined
    ? []
    : (JSON.parse(packed) as readonly Row[]).map(
        ([path, name, format, texture, length, entropy, marks, line]) => ({
          path,
          name,
          format,
          texture: textures[texture] ?? 'mixed',
          length,
          entropy,
          marks,
          line,
        }),
      );

/** What a container says in plain text; a field is absent where there is nothing of its kind. */
export interface PlainText {
  /** Of `env`. */
  readonly env?: PackedLiterals;
  /** Of `command`, `args`, probes and lifecycle hooks. */
  readonly commands?: PackedLiterals;
  /** How many variables have a literal value, whatever it is. */
  readonly literalEnv?: number;
  /** Variables that hold a host or a URL: their names, and fingerprints that are equal for equal values. */
  readonly addresses?: readonly { readonly name: string; readonly mark: number }[];
  /** Where the environment takes from Secrets, and their names. */
  readonly secretEnv?: readonly { readonly path: string; readonly secret: string }[];
}

/** More of one ConfigMap is never read, whatever a profile allows; the API server takes no larger ones. */
export const configMapLimits = { bytes: 1_048_576, lines: 20_000 } as const;

/** What is kept of a ConfigMap. */
export interface ConfigMapText {
  readonly name: string;
  readonly literals: PackedLiterals;
  /** For each literal, how many lines and bytes of the ConfigMap come before it: a profile may stop reading earlier. */
  readonly places: readonly (readonly [line: number, byte: number])[];
  /** In all. */
  readonly lines: number;
  readonly bytes: number;
  /** A part was not read, whatever a profile allows. */
  readonly cut: boolean;
}
