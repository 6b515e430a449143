/** One instruction, its continued lines joined. */
export interface Instruction {
  /** In capitals, as `COPY`. */
  readonly keyword: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** As it stands after FROM, arguments filled in with their defaults. */
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** Reads what this project's Dockerfile uses of the language: no heredocs, no escapes but the line's. */
export function parseDockerfile(text: string): Stage[] {
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  const defaults = new Map<string, string>();
  for (const instruction of parseInstructions(text)) {
    const { keyword, words } = instruction;
    if (keyword === 'FROM') {
      const image = fill(words[0] ?? '', defaults);
      stages.push({ name: words[2] ?? String(stages.length), image, instructions: [] });
    } else if (keyword === 'ARG' && stages.length === 0) {
      const [, name = '', value = ''] = /^([^=]+)=?(.*)$/.exec(words[0] ?? '') ?? [];
      defaults.set(name, value);
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

function parseInstructions(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
  const joined = lines.join('\n').replace(/\\\n\s*/g, ' ');
  return joined.split('\n').map((line) => {
    const [keyword = '', ...all] = line.trim().split(/\s+/);
    const flags = all.filter((word) => word.startsWith('--') && keyword.toUpperCase() !== 'RUN');
    const words = all.slice(flags.length);
    return {
      keyword: keyword.toUpperCase(),
      flags: Object.fromEntries(flags.map((flag) => flag.slice(2).split('=', 2) as [string, string])),
      words,
      text: words.join(' '),
    };
  });
}

const fill = (text: string, values: ReadonlyMap<string, string>) =>
  text.replace(/\$\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '');

/** The list of a command in its exec form; undefined for the shell form, which needs a shell. */
export function parseExec({ text }: Instruction): string[] | undefined {
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) ? list.map(String) : undefined;
  } catch {
    return undefined;
  }
}
