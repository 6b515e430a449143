import { load } from 'js-yaml';
import type { FalcoRules, RuleSwitch } from '../../domain/falco-rules.ts';
import { cleanText, detach } from '../../base/clean-text.ts';
import type { Json } from '../fields.ts';
import { asObject, isObject, objectField, ShapeError, stringField, stringMapField } from '../fields.ts';
import { kubectlSchema } from '../manifests/kubectl-schema.ts';
import { present } from '../present.ts';

/** Which ConfigMaps are Falco's: the chart labels all of them so. */
export const falcoLabel = 'app.kubernetes.io/name=falco';

const longest = 256;
const name = (text: string): string => detach(cleanText(text, longest));

/**
 * A ConfigMap of Falco: its configuration, that of falcoctl, and files of rules. Only names are kept of the rules.
 * @returns undefined for what is not Falco's
 * @throws ShapeError when a file in it is not YAML
 */
export function projectFalcoRules(object: unknown): FalcoRules | undefined {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  const labels = stringMapField(metadata, 'labels', 'metadata') ?? {};
  if (labels['app.kubernetes.io/name'] !== 'falco') return undefined;
  const files = Object.entries(stringMapField(from, 'data', '') ?? {})
    .filter(([key]) => /\.ya?ml$/.test(key))
    .map(([key, text]) => [key, parse(text, key)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const config = new Map(files);
  const falco = config.get('falco.yaml');
  return present({
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    name: stringField(metadata, 'name', 'metadata') ?? '',
    loads: isObject(falco) ? textsOf(falco['rules_files'] ?? falco['rules_file']) : undefined,
    outputs: isObject(falco) ? outputsOf(falco) : undefined,
    switches: isObject(falco) ? listOf(falco['rules']).flatMap(switchesOf) : [],
    files: files.flatMap(([file, value]) => (Array.isArray(value) ? [fileOf(file, value)] : [])),
    refs: refsOf(config.get('falcoctl.yaml')),
  });
}

function parse(text: string, key: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    // Falco takes `no` for false, as kubectl does.
    return load(text, { schema: kubectlSchema });
  } catch {
    // The words of the parser show what stands there.
    throw new ShapeError(`data[${key}]`, 'YAML', 'another text');
  }
}

/** On where the configuration says so; that of the standard output is the log of the pod. */
const outputsOf = (falco: Json): readonly string[] =>
  Object.entries(falco)
    .filter(([key, value]) => key.endsWith('_output') && isObject(value) && value['enabled'] === true)
    .map(([key]) => name(key))
    .toSorted();

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((each) => (typeof each === 'string' ? [name(each)] : []));

/** `- disable: {rule: X}`, `- enable: {tag: Y}`. */
function switchesOf(entry: unknown): RuleSwitch[] {
  if (!isObject(entry)) return [];
  return (['disable', 'enable'] as const).flatMap((word): RuleSwitch[] => {
    const what = entry[word];
    if (!isObject(what)) return [];
    const { rule, tag } = what;
    const on = word === 'enable';
    if (typeof rule === 'string') return [{ on, rule: name(rule) }];
    return typeof tag === 'string' ? [{ on, tag: name(tag) }] : [];
  });
}

/** An entry with a condition defines a rule; any with `enabled` switches it. */
function fileOf(file: string, entries: readonly unknown[]): FalcoRules['files'][number] {
  const rules = entries.filter(isObject).flatMap(({ rule, condition, enabled, append, override }) => {
    if (typeof rule !== 'string') return [];
    const defines = condition !== undefined && append !== true && override === undefined;
    return [{ rule: name(rule), defines, enabled }];
  });
  return {
    file,
    defines: rules.flatMap(({ rule, defines }) => (defines ? [rule] : [])),
    switches: rules.flatMap(({ rule, enabled }) =>
      typeof enabled === 'boolean' ? [{ on: enabled, rule }] : [],
    ),
  };
}

function refsOf(falcoctl: unknown): readonly string[] {
  const artifact = isObject(falcoctl) ? falcoctl['artifact'] : undefined;
  const install = isObject(artifact) ? artifact['install'] : undefined;
  return isObject(install) ? textsOf(install['refs']) : [];
}
