import { matchesGlob } from '../../domain/glob.ts';
import type { Signature } from '../../domain/gitops.ts';
import type { Json } from '../fields.ts';
import { asObject, integerField, objectField, objectsField, stringField } from '../fields.ts';
import { nameOf } from '../volumes/name-of.ts';
import type { ArgoSourceRef, FluxSourceRef, SourceKey } from './source-ref.ts';
import { fluxRef } from './source-ref.ts';

/** An object that decides whether signatures are verified. */
export type GitOpsSource = FluxSource | ArgoProject;

export interface FluxSource extends SourceKey {
  readonly is: 'flux';
  readonly signature: Signature;
  /** Of a chart that stands in a repository, which is what may be verified. */
  readonly from?: FluxSourceRef;
}

export interface ArgoProject extends SourceKey {
  readonly is: 'project';
  /** All its repositories need a signature. */
  readonly all: boolean;
  /** The first that speaks of a repository counts. */
  readonly policies: readonly SignaturePolicy[];
}

interface SignaturePolicy {
  /** Globs; what begins with `!` is left out. */
  readonly repositories: readonly string[];
  readonly demands: boolean;
}

interface Opened extends SourceKey {
  readonly spec: Json;
  readonly status: Json;
  readonly generation: number;
}

function open(object: unknown, kind: string): Opened {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  return {
    kind,
    namespace: stringField(metadata, 'namespace', 'metadata') ?? 'default',
    name: nameOf(metadata),
    spec: objectField(from, 'spec', '') ?? {},
    status: objectField(from, 'status', '') ?? {},
    generation: integerField(metadata, 'generation', 'metadata') ?? 0,
  };
}

/**
 * A GitRepository, an OCIRepository or a HelmChart.
 * @throws ShapeError when a field has another type than the API gives it, as all here do
 */
export function projectFluxSource(object: unknown, kind: string): FluxSource {
  const { spec, status, generation, namespace, name } = open(object, kind);
  const source = kind === 'HelmChart' ? objectField(spec, 'sourceRef', 'spec') : undefined;
  const from = source && fluxRef(source, 'spec.sourceRef', namespace);
  const own = { is: 'flux' as const, kind, namespace, name };
  if (from !== undefined && from.kind !== 'HelmRepository') return { ...own, signature: 'off', from };
  if (objectField(spec, 'verify', 'spec') === undefined) return { ...own, signature: 'off' };
  const signature = signatureIn(status, generation);
  // What other repositories give is put beside what was verified, and nothing here says of it that it was.
  const includes = kind === 'GitRepository' && objectsField(spec, 'include', 'spec').length > 0;
  return { ...own, signature: includes && signature === 'verified' ? 'unproven' : signature };
}

/** A condition that was set before the object was last changed may be about another key. */
function signatureIn(status: Json, generation: number): Signature {
  const path = 'status.conditions';
  const found = objectsField(status, 'conditions', 'status').find(
    (each) => each['type'] === 'SourceVerified',
  );
  if (found === undefined || (integerField(found, 'observedGeneration', path) ?? generation) < generation)
    return 'unproven';
  const said = stringField(found, 'status', path);
  return said === 'True' ? 'verified' : said === 'False' ? 'refused' : 'unproven';
}

/** The keys of a project go for all its repositories; newer ones have policies in their place, beside which keys do not count. */
export function projectArgoProject(object: unknown): ArgoProject {
  const { spec, kind, namespace, name } = open(object, 'AppProject');
  const integrity = objectField(spec, 'sourceIntegrity', 'spec') ?? {};
  const git = objectField(integrity, 'git', 'spec.sourceIntegrity') ?? {};
  const path = 'spec.sourceIntegrity.git';
  return {
    ...{ is: 'project', kind, namespace, name },
    all: spec['sourceIntegrity'] === undefined && objectsField(spec, 'signatureKeys', 'spec').length > 0,
    policies: objectsField(git, 'policies', path).map((policy, index) => {
      const at = `${path}.policies[${index}]`;
      const gpg = objectField(policy, 'gpg', at);
      const mode = gpg && stringField(gpg, 'mode', `${at}.gpg`);
      return {
        repositories: objectsField(policy, 'repos', at).map(
          (each, place) => stringField(each, 'url', `${at}.repos[${place}]`) ?? '',
        ),
        demands: mode === 'head' || mode === 'strict',
      };
    }),
  };
}

/** What a project asks of one of its sources. */
export function signatureOf(source: ArgoSourceRef, { all, policies }: ArgoProject): Signature {
  if (!source.git) return 'never';
  const policy = policies.find(({ repositories }) => covers(repositories, source.repository));
  if (!all && policy?.demands !== true) return 'off';
  return source.compared ? 'verified' : 'unproven';
}

function covers(globs: readonly string[], repository: string): boolean {
  const [out, into] = [
    globs.filter((each) => each.startsWith('!')),
    globs.filter((each) => !each.startsWith('!')),
  ];
  return (
    into.some((glob) => matchesGlob(glob, repository)) &&
    !out.some((glob) => matchesGlob(glob.slice(1), repository))
  );
}
