import { FieldReader, lengthDelimited, ProtobufError } from './protobuf.ts';

export type Decoded = Record<string, unknown>;

interface Field {
  readonly name: string;
  readonly number: number;
  /** Its fields are fields of the object around it. */
  readonly inline: boolean;
  readonly many: 'one' | 'list' | 'map';
  /** Whether what is empty, 0 or false is kept: else it is as good as absent. */
  readonly keepsZero: boolean;
  readonly read: (reader: FieldReader) => unknown;
}

/**
 * Messages as Kubernetes writes them, read as what its JSON has of the same objects: with the same names, in the same
 * order. What a message has and its description does not is passed over.
 *
 * A description has for each field `name=number`, and then
 * - `*` a list, `%` a map by texts;
 * - `?` a pointer in Go, `!` always in the JSON: what is empty, 0 or false is there, too;
 * - `:bool`, `:int`, `:bytes` (a view), `:json` (bytes of JSON), `:Time`, `:Quantity`, `:IntOrString`, or another message;
 *   without it a text;
 * - `...` before the name: the fields of the message stand in the object itself.
 */
export class MessageSet<Name extends string> {
  readonly #descriptions: Readonly<Record<Name, string>>;
  readonly #known = new Map<string, Message>();

  constructor(descriptions: Readonly<Record<Name, string>>) {
    this.#descriptions = descriptions;
  }

  message(name: Name): Message {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const message = new Message(() => this.#describe(name));
    this.#known.set(name, message);
    return message;
  }

  #describe(name: Name): readonly Field[] {
    return this.#descriptions[name].split(' ').map((text) => this.#field(name, text));
  }

  #field(message: string, text: string): Field {
    const match = /^(?<inline>\.\.\.)?(?<name>\w+)=(?<number>\d+)(?<mark>[*%?!])?(?::(?<type>\w+))?$/.exec(
      text,
    );
    if (match?.groups === undefined)
      throw new TypeError(`${message} has a field that is not described: ${text}`);
    const { inline, name = '', number, mark, type = 'text' } = match.groups;
    const many = mark === '*' ? 'list' : mark === '%' ? 'map' : 'one';
    return {
      name,
      number: Number(number),
      inline: inline !== undefined,
      many,
      keepsZero: mark === '?' || mark === '!',
      read: many === 'list' && type === 'int' ? (reader) => reader.integers() : this.#readerOf(type),
    };
  }

  #readerOf(type: string): (reader: FieldReader) => unknown {
    const scalar = scalars.get(type);
    if (scalar !== undefined) return scalar;
    if (!(type in this.#descriptions)) throw new TypeError(`there is no message ${type}`);
    const message = this.message(type as Name);
    return (reader) => message.decode(reader.content());
  }
}

/** @throws ProtobufError */
const scalars: ReadonlyMap<string, (reader: FieldReader) => unknown> = new Map<
  string,
  (reader: FieldReader) => unknown
>([
  ['text', (reader) => reader.text()],
  ['int', (reader) => reader.integer()],
  ['bool', (reader) => reader.integer() !== 0],
  ['bytes', (reader) => reader.slice()],
  ['json', (reader) => parseJson(only(reader, 1)?.text() ?? '')],
  ['Time', (reader) => readTime(reader.content())],
  ['Quantity', (reader) => only(reader, 1)?.text() ?? '0'],
  ['IntOrString', (reader) => readIntOrString(reader.content())],
]);

/** One message, and how it is read. */
export class Message {
  readonly #describe: () => readonly Field[];
  #fields: readonly Field[] = [];
  /** Where a field stands among the fields, by its number. */
  #places: readonly (number | undefined)[] | undefined;

  constructor(describe: () => readonly Field[]) {
    this.#describe = describe;
  }

  /** @throws ProtobufError */
  decode(reader: FieldReader): Decoded {
    const places = (this.#places ??= this.#prepare());
    const values: unknown[] = [];
    while (reader.next()) {
      const place = places[reader.number];
      if (place === undefined) continue;
      const field = this.#fields[place] as Field;
      if (field.many === 'map') put((values[place] ??= {}) as Decoded, reader.content(), field);
      else if (field.many === 'list') add((values[place] ??= []) as unknown[], field.read(reader));
      else {
        const value = field.read(reader);
        if (field.keepsZero || (value !== '' && value !== 0 && value !== false)) values[place] = value;
      }
    }
    const object: Decoded = {};
    for (let place = 0; place < values.length; place++) {
      const [value, field] = [values[place], this.#fields[place] as Field];
      if (value === undefined) continue;
      if (field.inline) Object.assign(object, value);
      else object[field.name] = value;
    }
    return object;
  }

  #prepare(): readonly (number | undefined)[] {
    this.#fields = this.#describe();
    const places: (number | undefined)[] = [];
    this.#fields.forEach(({ number }, place) => (places[number] = place));
    return places;
  }
}

function add(list: unknown[], value: unknown): void {
  if (Array.isArray(value)) list.push(...(value as unknown[]));
  else list.push(value);
}

function put(map: Decoded, entry: FieldReader, { read }: Field): void {
  let [key, value]: [string, unknown] = ['', ''];
  while (entry.next()) {
    if (entry.number === 1) key = entry.text();
    else if (entry.number === 2) value = read(entry);
  }
  // As JSON.parse has it: a key of somebody else's is never the prototype.
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

/** The field of a message that has no other. */
function only(reader: FieldReader, number: number): FieldReader | undefined {
  const content = reader.content();
  while (content.next()) if (content.number === number && content.wire === lengthDelimited) return content;
  return undefined;
}

/** RFC 3339 in UTC, to the second; undefined for Go's zero time, which is written as nothing. */
function readTime(reader: FieldReader): string | undefined {
  let seconds: number | undefined;
  while (reader.next()) if (reader.number === 1) seconds = reader.integer();
  if (seconds === undefined) return undefined;
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) throw new ProtobufError(`${seconds} seconds are no time`);
  return time.toISOString().replace('.000Z', 'Z');
}

function readIntOrString(reader: FieldReader): number | string {
  let [isText, number, text] = [false, 0, ''];
  while (reader.next()) {
    if (reader.number === 1) isText = reader.integer() === 1;
    else if (reader.number === 2) number = reader.integer();
    else if (reader.number === 3) text = reader.text();
  }
  return isText ? text : number;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtobufError('a field that shall be JSON is none');
  }
}
