/** What cannot be read of a page of metrics; in a sentence without a full stop. */
export interface MetricsProblem {
  readonly problem: string;
}

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const nameAt = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelAt = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\[\\"n])*)"[ \t]*(,|(?=\}))/y;
const valueAt = /[ \t]+([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?:[ \t]+-?\d+)?[ \t]*$/y;
const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/**
 * The samples of some metrics in the text format of Prometheus. Of what nobody asked for only the name is looked at, since
 * a page may have thousands of series. Falco repeats HELP and TYPE for each sample, so comments decide nothing.
 * @returns a problem for a page that breaks the format, or where one of these samples is no finite number
 */
export function readSamples(text: string, wanted: readonly string[]): readonly Sample[] | MetricsProblem {
  const names = new Set(wanted);
  const samples: Sample[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const name = matchAt(nameAt, content, 0)?.[0];
    if (name === undefined || !/^[{ \t]/.test(content.slice(name.length)))
      return { problem: `line ${number} is no metric` };
    if (!names.has(name)) continue;
    const sample = readSample(name, content);
    if (sample === undefined) return { problem: `line ${number} is no sample of ${name}` };
    samples.push(sample);
  }
  return samples;
}

function readSample(name: string, line: string): Sample | undefined {
  const labels = new Map<string, string>();
  let at = name.length;
  if (line[at] === '{') {
    at += 1;
    // A comma may follow the last label.
    while (line[at] !== '}') {
      const match = matchAt(labelAt, line, at);
      const [all, label, value] = match ?? [];
      if (all === undefined || label === undefined || value === undefined || labels.has(label))
        return undefined;
      labels.set(
        label,
        value.replaceAll(/\\[\\"n]/g, (escaped) => escapes[escaped] ?? escaped),
      );
      at += all.length;
    }
    at += 1;
    // Between the labels and the value no blank is needed.
    if (line[at] !== ' ' && line[at] !== '\t') return readValue(name, labels, ` ${line.slice(at)}`, 0);
  }
  return readValue(name, labels, line, at);
}

function readValue(
  name: string,
  labels: ReadonlyMap<string, string>,
  line: string,
  at: number,
): Sample | undefined {
  const value = Number(matchAt(valueAt, line, at)?.[1] ?? Number.NaN);
  return Number.isFinite(value) ? { name, labels, value } : undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
