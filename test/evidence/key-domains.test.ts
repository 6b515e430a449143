import { expect } from 'chai';
import { keyDomainsOf } from '../../src/evidence/key-domains.ts';
import {
  projectIngress,
  projectService,
  projectServiceAccount,
} from '../../src/evidence/surroundings/project.ts';
import { projectClaim } from '../../src/evidence/volumes/project-claim.ts';
import { assembleWorkloads } from '../../src/evidence/workloads/assemble.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import type { WorkloadKind } from '../../src/evidence/workloads/workload-kinds.ts';
import { projectWorkload } from '../../src/evidence/workloads/project-workload.ts';

const spec = { containers: [{ name: 'app', image: 'registry.example/app:1' }] };
const at = (domain: string) => ({ annotations: { [`${domain}/key`]: 'value' } });

describe('the domains of labels and annotations', () => {
  const cases: Record<string, [metadata: readonly unknown[], expected: readonly string[] | undefined]> = {
    'are those before the slash, each once, sorted': [
      [{ labels: { 'b.example/x': '', 'b.example/y': '' }, annotations: { 'a.example/z': '' } }],
      ['a.example', 'b.example'],
    ],
    'are those of all that is given': [
      [at('b.example'), at('a.example')],
      ['a.example', 'b.example'],
    ],
    'leave out those of Kubernetes, and keys without one': [
      [{ labels: { app: 'web', 'app.kubernetes.io/name': '', 'kubernetes.io/x': '', 'sigs.k8s.io/y': '' } }],
      undefined,
    ],
    'keep those that only look like them': [
      [at('notkubernetes.io'), at('elbv2.k8s.aws')],
      ['elbv2.k8s.aws', 'notkubernetes.io'],
    ],
    'are none of what is no map': [[undefined, 'text', { labels: ['a/b'], annotations: null }], undefined],
  };
  for (const [sentence, [metadata, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(keyDomainsOf(...metadata)).to.deep.equal(expected));
  }

  it('are one object for equal ones', () => {
    expect(keyDomainsOf(at('a.example'))).to.equal(keyDomainsOf(at('a.example')));
  });

  it('are kept of Services, Ingresses and ServiceAccounts', () => {
    const metadata = { name: 'web', ...at('iam.gke.io') };
    for (const project of [projectService, projectIngress, projectServiceAccount])
      expect(project({ metadata })).to.have.deep.property('keyDomains', ['iam.gke.io']);
  });

  const template = { metadata: at('template.example'), spec };
  const kinds: Record<string, object> = {
    Deployment: { template },
    CronJob: { jobTemplate: { spec: { template } } },
  };
  for (const [kind, body] of Object.entries(kinds)) {
    it(`are kept of a ${kind} with those of its template, as the workload that it is`, () => {
      const metadata = { name: 'web', ...at('own.example') };
      const [found] = assembleWorkloads({
        pods: [],
        owners: [projectWorkload({ metadata, spec: body }, kind as WorkloadKind)],
      });
      expect(found?.keyDomains).to.deep.equal(['own.example', 'template.example']);
    });
  }

  it('are kept of a pod that nothing owns', () => {
    const metadata = { name: 'web', ...at('own.example') };
    const [found] = assembleWorkloads({ pods: [projectPod({ metadata, spec })], owners: [] });
    expect(found).to.deep.include({ kind: 'Pod', keyDomains: ['own.example'] });
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'x', uid: 'y', controller: true }];
    expect(projectPod({ metadata: { ...metadata, ownerReferences }, spec })).to.not.have.property(
      'keyDomains',
    );
  });
});

describe('the provisioner of a claim', () => {
  const claim = (annotations: object, volumeName?: string) =>
    projectClaim({ metadata: { name: 'data', annotations }, spec: { volumeName } }).provisioner;
  const [now, before] = [
    'volume.kubernetes.io/storage-provisioner',
    'volume.beta.kubernetes.io/storage-provisioner',
  ];

  it('is kept of one that has a volume', () => {
    expect(claim({ [now]: 'ebs.csi.aws.com', [before]: 'old' }, 'pv-1')).to.equal('ebs.csi.aws.com');
    expect(claim({ [before]: 'old' }, 'pv-1')).to.equal('old');
    expect(claim({ [now]: 'ebs.csi.aws.com' })).to.equal(undefined);
    expect(claim({}, 'pv-1')).to.equal(undefined);
  });
});
