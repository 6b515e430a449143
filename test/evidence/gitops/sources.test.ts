import { expect } from 'chai';
import type { GitOpsOrigin } from '../../../src/domain/gitops.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { gitOpsKindOf, sourceKindOf } from '../../../src/evidence/gitops/gitops-kinds.ts';
import { resolveOrigins } from '../../../src/evidence/gitops/resolve-origins.ts';
import {
  applicationObject,
  fluxSourceObject,
  helmReleaseObject,
  kustomizationObject,
  projectObject,
  verifiedCondition,
} from '../../support/gitops-objects.ts';

interface Raw {
  readonly apiVersion: string;
  readonly kind: string;
}
const project = ({ apiVersion, kind, ...rest }: Raw) =>
  sourceKindOf(apiVersion, kind)?.project({ apiVersion, kind, ...rest });

/** What is known of where the object deploys from, where these are all that decide about signatures. */
function origins(object: Raw, ...deciding: readonly Raw[]): readonly GitOpsOrigin[] {
  const sources = deciding.flatMap((each) => project(each) ?? []);
  const refs = gitOpsKindOf(object.apiVersion, object.kind)?.project(object)?.sources ?? [];
  return resolveOrigins(refs, ({ kind, namespace, name }) =>
    sources.find((each) => each.kind === kind && each.namespace === namespace && each.name === name),
  );
}

const repository = (parts: Parameters<typeof fluxSourceObject>[2] = {}) =>
  fluxSourceObject('GitRepository', 'shop', parts);
const unverified = { spec: { verify: undefined }, status: { conditions: [] } };
const condition = (status: string, generation = 1) =>
  repository({ status: { conditions: [verifiedCondition(status, generation)] } });
const apps = kustomizationObject('apps');
const by = 'GitRepository flux-system/shop';
const path = 'spec.sourceRef';

describe('the sources of a GitOps object', () => {
  const ofFlux: Record<string, [Raw, readonly Raw[], Partial<GitOpsOrigin>]> = {
    'is verified by the condition': [apps, [repository()], { path, by, signature: 'verified' }],
    'need not be signed without spec.verify': [apps, [repository(unverified)], { by, signature: 'off' }],
    'is refused by the condition': [apps, [condition('False')], { by, signature: 'refused' }],
    'is not proven without the condition': [
      apps,
      [repository({ status: { conditions: [] } })],
      { by, signature: 'unproven' },
    ],
    'is not proven by a condition that is unknown': [apps, [condition('Unknown')], { signature: 'unproven' }],
    'is not proven by a condition from before the object was changed': [
      apps,
      [repository({ metadata: { generation: 2 } })],
      { signature: 'unproven' },
    ],
    'is not proven where other repositories are put into what was verified': [
      apps,
      [repository({ spec: { include: [{ repository: { name: 'other' } }] } })],
      { by, signature: 'unproven' },
    ],
    'is missed where it is not there': [
      apps,
      [],
      { by, signature: { reason: 'NoEvidence', message: `${by} is not there.` } },
    ],
    'may stand in another namespace': [
      kustomizationObject('a', {
        spec: { sourceRef: { kind: 'OCIRepository', name: 'a', namespace: 'team' } },
      }),
      [fluxSourceObject('OCIRepository', 'a', { metadata: { namespace: 'team' } })],
      { by: 'OCIRepository team/a', signature: 'verified' },
    ],
    'is never verified in a Bucket': [
      kustomizationObject('a', { spec: { sourceRef: { kind: 'Bucket', name: 'a' } } }),
      [],
      { by: 'Bucket flux-system/a', signature: 'never' },
    ],
    'is the chart that Flux names after the release': [
      helmReleaseObject('web'),
      [
        fluxSourceObject('HelmChart', 'flux-system-web', {
          spec: { sourceRef: { kind: 'HelmRepository', name: 'charts' } },
        }),
      ],
      { by: 'HelmChart flux-system/flux-system-web', signature: 'verified' },
    ],
    'is the repository that a chart stands in': [
      helmReleaseObject('web', {
        spec: { chart: { spec: { sourceRef: { kind: 'GitRepository', name: 'shop' } } } },
      }),
      [repository()],
      { path: 'spec.chart.spec.sourceRef', by, signature: 'verified' },
    ],
    'is the repository behind a chart, of which Flux verifies nothing': [
      helmReleaseObject('web', { spec: { chartRef: { kind: 'HelmChart', name: 'web' } } }),
      [
        fluxSourceObject('HelmChart', 'web', {
          spec: { sourceRef: { kind: 'GitRepository', name: 'shop' } },
        }),
        repository(unverified),
      ],
      { path: 'spec.chartRef', by, signature: 'off' },
    ],
    'is the artifact that a release names': [
      helmReleaseObject('web', { spec: { chartRef: { kind: 'OCIRepository', name: 'web' } } }),
      [fluxSourceObject('OCIRepository', 'web')],
      { by: 'OCIRepository flux-system/web', signature: 'verified' },
    ],
  };
  for (const [what, [object, deciding, expected]] of Object.entries(ofFlux)) {
    it(`of Flux ${what}`, () => expect(origins(object, ...deciding)[0]).to.deep.include(expected));
  }

  const main = { repoURL: 'https://git.example/shop', targetRevision: 'main' };
  const from = (source: object, status: object = {}) =>
    applicationObject('shop', { spec: { source: { ...main, ...source } }, status });
  const policies = (...all: object[]) =>
    projectObject('default', { sourceIntegrity: { git: { policies: all } } });
  const policy = (mode: string, ...urls: string[]) => ({
    repos: urls.map((url) => ({ url })),
    gpg: { mode, keys: ['4AEE18F83AFDEB23'] },
  });
  const keys = projectObject('default');
  const ofArgo: Record<string, [Raw, readonly Raw[], GitOpsOrigin['signature']]> = {
    'is verified by the keys of its project': [from({}), [keys], 'verified'],
    'need not be signed in a project without keys': [from({}), [projectObject('default', {})], 'off'],
    'is not verified by keys that stand beside policies, which alone count then': [
      from({}),
      [
        projectObject('default', {
          ...{ signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }] },
          sourceIntegrity: { git: { policies: [policy('none', '*')] } },
        }),
      ],
      'off',
    ],
    'is not proven while Argo CD cannot compare': [
      from({}, { sync: { status: 'Unknown' } }),
      [keys],
      'unproven',
    ],
    'is not proven while Argo CD has an error': [
      from({}, { conditions: [{ type: 'ComparisonError', message: 'GIT/GPG: unsigned' }] }),
      [keys],
      'unproven',
    ],
    'is never verified of a chart': [from({ chart: 'web' }), [keys], 'never'],
    'is never verified of an OCI artifact': [from({ repoURL: 'oci://reg.example/web' }), [keys], 'never'],
    'is verified by a policy for all': [from({}), [policies(policy('strict', '*'))], 'verified'],
    'is verified by a policy for its repository, whoever is named in the address': [
      from({ repoURL: 'https://user:pw@git.example/shop' }),
      [policies(policy('head', 'https://git.example/*'))],
      'verified',
    ],
    'need not be signed by the first policy that is for it': [
      from({}),
      [policies(policy('none', 'https://git.example/shop'), policy('head', '*'))],
      'off',
    ],
    'need not be signed where the policy leaves it out': [
      from({}),
      [policies(policy('head', '*', '!https://git.example/shop'))],
      'off',
    ],
  };
  for (const [what, [object, deciding, expected]] of Object.entries(ofArgo)) {
    it(`of Argo CD ${what}`, () => {
      const found = origins(object, ...deciding);
      expect(found).to.deep.equal([
        { path: 'spec.source', by: 'AppProject argocd/default', signature: expected },
      ]);
    });
  }

  it('of Argo CD follow HEAD where no revision is named, and their addresses are not told', () => {
    const object = applicationObject('shop', {
      spec: {
        sources: [
          { repoURL: 'https://user:pw@git.example/a', targetRevision: 'HEAD' },
          { repoURL: 'https://git.example/b' },
          { repoURL: 'https://charts.example', chart: 'web' },
        ],
      },
    });
    const found = origins(object, keys);
    expect(found.map(({ path: where, head }) => [where, head])).to.deep.equal([
      ['spec.sources[0]', true],
      ['spec.sources[1]', true],
      ['spec.sources[2]', undefined],
    ]);
    expect(JSON.stringify(found)).to.not.include('example');
    const kept = gitOpsKindOf(object.apiVersion, object.kind)?.project(object)?.sources;
    expect(JSON.stringify(kept)).to.not.include('pw');
  });

  it('of Argo CD are ruled by the project where the controller runs', () => {
    const object = applicationObject('shop', {
      metadata: { namespace: 'team' },
      spec: { project: 'shop' },
      status: { controllerNamespace: 'argocd' },
    });
    expect(origins(object, projectObject('shop'))[0]?.signature).to.equal('verified');
  });

  it('of a hydrator are what it reads', () => {
    const object = applicationObject('shop', {
      spec: { source: undefined, sourceHydrator: { drySource: main } },
    });
    expect(origins(object, keys)).to.deep.include({
      path: 'spec.sourceHydrator.drySource',
      by: 'AppProject argocd/default',
      signature: 'verified',
    });
  });

  it('cannot be read where a field has another type', () => {
    expect(() => project(repository({ spec: { verify: 'HEAD' } }))).to.throw(ShapeError);
    expect(() => project(projectObject('default', { signatureKeys: {} }))).to.throw(ShapeError);
  });
});
