import type { ConfigMapText, Literal } from '../../domain/literal.ts';
import { configMapLimits, packLiterals } from '../../domain/literal.ts';
import type { Json } from '../fields.ts';
import { asObject, objectField, stringField, stringMapField } from '../fields.ts';
import { describeValue, findFormats } from './describe-value.ts';
import { literalsInText, mostLiterals } from './text-literals.ts';

/** A ConfigMap as it is kept, with the namespace that it is in. */
export interface ConfigMapObject extends ConfigMapText {
  readonly namespace: string;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * A core/v1 ConfigMap: what may be a secret in it, and how much there was to read.
 * @throws ShapeError when a field has another type than the API gives it
 */
export function projectConfigMap(object: unknown): ConfigMapObject {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const reader = new Reader();
  for (const [path, text] of textsOf(from)) reader.read(path, text);
  const applied = stringMapField(metadata, 'annotations', 'metadata')?.[lastApplied];
  if (applied !== undefined) reader.readApplied(applied);
  return {
    name: stringField(metadata, 'name', 'metadata') ?? '(without a name)',
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    ...reader.result(),
  };
}

/** Keys and their texts, in the order of the keys; `binaryData` as far as it is text. */
function textsOf(from: Json): [path: string, text: string][] {
  const data = Object.entries(stringMapField(from, 'data', '') ?? {});
  const binary = Object.entries(stringMapField(from, 'binaryData', '') ?? {});
  return [
    ...data.toSorted(byKey).map(([key, text]): [string, string] => [`data[${key}]`, text]),
    ...binary.toSorted(byKey).flatMap(([key, base64]): [string, string][] => {
      const text = textOf(base64);
      return text === undefined ? [] : [[`binaryData[${key}]`, text]];
    }),
  ];
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** A picture or an archive has other bytes than text. */
function textOf(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Files of certificates are many and long, and public; one that has a key in it says so. */
const isCertificates = (path: string, text: string): boolean =>
  !text.includes('PRIVATE KEY') &&
  (/\.(?:crt|pem|cer|ca-bundle)\]$/.test(path) ||
    /^\s*(?:#[^\n]*\n\s*)*-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(text));

class Reader {
  readonly #literals: Literal[] = [];
  readonly #places: [number, number][] = [];
  readonly #known = new Set<string>();
  #lines = 0;
  #bytes = 0;
  #cut = false;

  result(): Omit<ConfigMapText, 'name'> {
    return {
      literals: packLiterals(this.#literals),
      places: this.#places,
      lines: this.#lines,
      bytes: this.#bytes,
      cut: this.#cut,
    };
  }

  read(path: string, text: string): void {
    const [line, byte] = [this.#lines, this.#bytes];
    this.#lines += countLines(text);
    this.#bytes += Buffer.byteLength(text);
    if (isCertificates(path, text)) return;
    const head = this.#head(text, line, byte);
    const { literals, offsets, cut } = literalsOfKey(path, head);
    this.#cut ||= cut;
    let [last, bytes] = [0, 0];
    literals.forEach((literal, index) => {
      const offset = offsets[index] ?? 0;
      bytes += Buffer.byteLength(head.slice(last, offset));
      last = offset;
      this.#keep(literal, [line + Math.max(literal.line, 1) - 1, byte + bytes]);
    });
  }

  /** What was applied and is no longer in the data is still there to read. What is in both is told once. */
  readApplied(text: string): void {
    const path = `metadata.annotations[${lastApplied}]`;
    const data = parseData(text);
    if (data === undefined) return;
    for (const [key, value] of data)
      for (const literal of literalsOfKey(`data[${key}]`, value.slice(0, configMapLimits.bytes)).literals)
        if (!this.#known.has(identityOf(literal))) this.#keep({ ...literal, path, line: 0 }, [0, 0]);
  }

  /** The part that the longest limits leave. */
  #head(text: string, line: number, byte: number): string {
    const bytes = Math.max(0, configMapLimits.bytes - byte);
    let head = text.length > bytes ? text.slice(0, bytes) : text;
    const lines = head.split('\n', Math.max(0, configMapLimits.lines - line) + 1);
    if (lines.length > configMapLimits.lines - line) head = lines.slice(0, -1).join('\n');
    this.#cut ||= head.length < text.length;
    return head;
  }

  #keep(literal: Literal, place: [number, number]): void {
    if (this.#literals.length >= mostLiterals) {
      this.#cut = true;
      return;
    }
    this.#known.add(identityOf(literal));
    this.#literals.push(literal);
    this.#places.push(place);
  }
}

const identityOf = ({ name, format, marks }: Literal): string => JSON.stringify([name, format, marks[0]]);

const countLines = (text: string): number => {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
};

/** The value of one key: a file, or a single setting that the key names. */
function literalsOfKey(path: string, text: string) {
  const inner = literalsInText(text, path);
  if (text.trim().includes('\n')) return inner;
  const whole = /\s/.test(text.trim()) && findFormats(text, 1).length > 0 ? undefined : describeValue(text);
  if (whole === undefined) return inner;
  const name = /\[(.*)\]$/.exec(path)?.[1] ?? '';
  const literal: Literal = { path, name, ...whole, line: 0 };
  const others = inner.literals.map((each, index) => [each, inner.offsets[index] ?? 0] as const);
  const rest = others.filter(([{ marks }]) => marks[0] !== whole.marks[0]);
  return {
    literals: [literal, ...rest.map(([each]) => each)],
    offsets: [0, ...rest.map(([, offset]) => offset)],
    cut: inner.cut,
  };
}

function parseData(text: string): readonly [string, string][] | undefined {
  try {
    const { data } = JSON.parse(text) as { data?: unknown };
    if (typeof data !== 'object' || data === null) return undefined;
    return Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  } catch {
    return undefined;
  }
}
