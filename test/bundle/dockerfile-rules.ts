import { type Instruction, parseDockerfile, parseExec, type Stage } from './dockerfile.ts';

/** Images that are known to have neither shell nor package manager, unless their tag says `debug`. */
const shellLess = /^gcr\.io\/distroless\/[\w.-]+(?::(?!.*debug)|@)/;

/** What may run while building: nothing that fetches from anywhere but the package registry. */
const commands = [/^npm ci(?: |$)/, /^npm run build$/];

type Rule = (last: Stage, stages: readonly Stage[]) => boolean;

const all = (stages: readonly Stage[], keyword: string): Instruction[] =>
  stages.flatMap(({ instructions }) => instructions.filter((one) => one.keyword === keyword));
const lastOf = (stage: Stage, keyword: string) => all([stage], keyword).at(-1);

const rules: Readonly<Record<string, Rule>> = {
  'every image has a version or a digest': (_, stages) =>
    stages.every(({ image }) => /@sha256:[0-9a-f]{64}$|:(?!latest)[\w.-]+$/.test(image) && /\d/.test(image)),
  'the last image has no shell': ({ image }) => shellLess.test(image),
  'the last stage runs nothing': (last) => all([last], 'RUN').length === 0,
  'there is no ADD, which fetches and unpacks': (_, stages) => all(stages, 'ADD').length === 0,
  'nothing is run but npm, on the lockfile': (_, stages) =>
    all(stages, 'RUN')
      .flatMap(({ text }) => text.split(/\s*(?:&&|;|\|\|?)\s*/))
      .every((command) => commands.some((allowed) => allowed.test(command))),
  'the user is a number, and not root': (last) => {
    const [user, group] = (lastOf(last, 'USER')?.text ?? '').split(':');
    return [user, group].every((id) => /^[1-9]\d*$/.test(id ?? ''));
  },
  'the command needs no shell': (last) =>
    ['ENTRYPOINT', 'CMD'].every((keyword) => {
      const instruction = lastOf(last, keyword);
      return instruction !== undefined && parseExec(instruction) !== undefined;
    }),
  'the last stage takes files only from a stage before': (last, stages) =>
    all([last], 'COPY').every(({ flags }) =>
      stages.some((stage) => stage !== last && stage.name === flags['from']),
    ),
  'no secret is named': (_, stages) =>
    [...all(stages, 'ENV'), ...all(stages, 'ARG')].every(
      ({ text }) => !/token|secret|password|key/i.test(text),
    ),
};

/** The rules that a Dockerfile breaks, in words. */
export function lintDockerfile(text: string): string[] {
  const stages = parseDockerfile(text);
  const last = stages.at(-1);
  if (last === undefined) return ['there is a stage'];
  return Object.keys(rules).filter((rule) => rules[rule]?.(last, stages) !== true);
}
