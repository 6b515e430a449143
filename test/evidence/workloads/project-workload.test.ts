import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectWorkload } from '../../../src/evidence/workloads/project-workload.ts';
import { workloadKindOf } from '../../../src/evidence/workloads/workload-kinds.ts';
import { replicaFailure, workloadObject } from '../../support/objects.ts';

const refusals: Record<string, string> = {
  'Pod Security admission':
    'pods "web-5b8-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
  'an admission webhook':
    'admission webhook "validation.gatekeeper.sh" denied the request: [no-root] container app runs as root',
  'an admission webhook without words':
    'admission webhook "deny.example" denied the request without explanation',
  'a validating admission policy':
    "pods \"web-5b8-x\" is forbidden: ValidatingAdmissionPolicy 'no-root' with binding 'all' denied request: runs as root",
  'an image policy webhook':
    'pods "web-5b8-x" is forbidden: image policy webhook backend denied one or more images: no',
};
const otherFailures: Record<string, string> = {
  'a quota':
    'pods "web-5b8-x" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=5, limited: pods=5',
  'a missing ServiceAccount':
    'pods "web-5b8-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found',
  'a webhook that does not answer':
    'Internal error occurred: failed calling webhook "validation.gatekeeper.sh": connection refused',
  'a LimitRange': 'pods "web-5b8-x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
};

describe('projectWorkload', () => {
  const replicas: Record<string, [unknown, number | undefined]> = {
    'asks for one pod by default, as a Deployment': [workloadObject('Deployment', 'web'), 1],
    'asks for one pod by default, as a StatefulSet': [workloadObject('StatefulSet', 'web'), 1],
    'asks for one pod by default, as a ReplicaSet': [workloadObject('ReplicaSet', 'web'), 1],
    'asks for one pod by default, as a ReplicationController': [
      workloadObject('ReplicationController', 'web'),
      1,
    ],
    'asks for one pod at a time by default, as a Job': [workloadObject('Job', 'web'), 1],
    'asks for as many pods as it runs in parallel, as a Job': [
      workloadObject('Job', 'web', { spec: { parallelism: 4, completions: 9 } }),
      4,
    ],
    'takes zero as a number': [workloadObject('Deployment', 'web', { spec: { replicas: 0 } }), 0],
    'has no number as a DaemonSet': [workloadObject('DaemonSet', 'web'), undefined],
    'has no number as a CronJob': [workloadObject('CronJob', 'web'), undefined],
  };
  for (const [sentence, [object, expected]] of Object.entries(replicas)) {
    it(sentence, () => {
      expect(projectWorkload(object).replicas).to.equal(expected);
    });
  }

  for (const kind of [
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'ReplicationController',
    'Job',
    'CronJob',
  ]) {
    it(`reads the template of a ${kind}`, () => {
      const { template } = projectWorkload(workloadObject(kind, 'web'));
      expect(template?.labels).to.deep.equal({ app: 'web' });
      expect(template?.spec.containers.map(({ image }) => image)).to.deep.equal(['registry.example/web:1']);
    });
  }

  it('lets a ReplicationController be without a template', () => {
    const object = workloadObject('ReplicationController', 'web', { spec: { template: null } });
    expect(projectWorkload(object)).not.to.have.property('template');
  });

  it('takes the kind from the caller for an item of an API list, which has none', () => {
    const { metadata, spec } = workloadObject('DaemonSet', 'web');
    expect(projectWorkload({ metadata, spec }, 'DaemonSet').kind).to.equal('DaemonSet');
  });

  it('names the claims of a StatefulSet by template, set and ordinal', () => {
    const volumeClaimTemplates = [{ metadata: { name: 'data' } }, { metadata: { name: 'log' } }];
    const claims = (spec: object) =>
      projectWorkload(workloadObject('StatefulSet', 'db', { spec: { volumeClaimTemplates, ...spec } }))
        .template?.claims;
    expect(claims({ replicas: 2 })).to.deep.equal(['data-db-0', 'data-db-1', 'log-db-0', 'log-db-1']);
    expect(claims({ replicas: 0 })).to.deep.equal(['data-db-0', 'log-db-0']);
    expect(claims({ replicas: 1, ordinals: { start: 5 } })).to.deep.equal(['data-db-5', 'log-db-5']);
    expect(claims({ replicas: 1_000_000_000 })).to.have.length(2000);
  });

  const completions: Record<string, [Record<string, unknown>, boolean]> = {
    'is completed with the condition Complete': [
      { conditions: [{ type: 'Complete', status: 'True' }] },
      true,
    ],
    'is completed with the condition Failed': [{ conditions: [{ type: 'Failed', status: 'True' }] }, true],
    'is not completed while the condition is False': [
      { conditions: [{ type: 'Complete', status: 'False' }] },
      false,
    ],
    'is not completed while it is suspended': [
      { conditions: [{ type: 'Suspended', status: 'True' }] },
      false,
    ],
    'is not completed on the way to failure': [
      { conditions: [{ type: 'FailureTarget', status: 'True' }] },
      false,
    ],
    'is not completed without a status': [{}, false],
  };
  for (const [sentence, [status, expected]] of Object.entries(completions)) {
    it(`as a Job, ${sentence}`, () => {
      expect(projectWorkload(workloadObject('Job', 'migrate', { status })).completed).to.equal(expected);
    });
  }

  for (const [by, message] of Object.entries(refusals)) {
    it(`is blocked by ${by}, in the API server's words`, () => {
      const object = workloadObject('ReplicaSet', 'web-1', { status: replicaFailure(message) });
      expect(projectWorkload(object).blocked).to.equal(message);
    });
  }
  for (const [by, message] of Object.entries(otherFailures)) {
    it(`is not blocked by ${by}, which is no policy about what a pod may do`, () => {
      const object = workloadObject('ReplicaSet', 'web-1', { status: replicaFailure(message) });
      expect(projectWorkload(object)).not.to.have.property('blocked');
    });
  }
  it('is not blocked by what another condition says', () => {
    const message = Object.values(refusals)[0];
    const conditions = [
      { type: 'Progressing', status: 'True', message },
      { type: 'ReplicaFailure', status: 'False', message },
    ];
    expect(
      projectWorkload(workloadObject('Deployment', 'web', { status: { conditions } })),
    ).not.to.have.property('blocked');
  });

  const malformed: Record<string, [unknown, string]> = {
    'a kind that is not read': [{ kind: 'Service', metadata: { name: 'a' } }, 'kind'],
    'a Deployment without a spec': [{ kind: 'Deployment', metadata: { name: 'a' } }, 'spec'],
    'a Deployment without a template': [
      { kind: 'Deployment', metadata: { name: 'a' }, spec: {} },
      'spec.template',
    ],
    'a template without a spec': [
      { kind: 'Deployment', metadata: { name: 'a' }, spec: { template: {} } },
      'spec.template.spec',
    ],
    'a CronJob without a job': [{ kind: 'CronJob', metadata: { name: 'a' }, spec: {} }, 'spec.jobTemplate'],
    'text for replicas': [workloadObject('Deployment', 'a', { spec: { replicas: '2' } }), 'spec.replicas'],
    'a flag for a label of the template': [
      workloadObject('Deployment', 'a', {
        spec: { template: { metadata: { labels: { web: true } }, spec: { containers: [] } } },
      }),
      'spec.template.metadata.labels[web]',
    ],
    'text for runAsNonRoot': [
      workloadObject('Deployment', 'a', {
        spec: { template: { spec: { securityContext: { runAsNonRoot: 'yes' }, containers: [] } } },
      }),
      'spec.template.spec.securityContext.runAsNonRoot',
    ],
  };
  for (const [sentence, [object, path]] of Object.entries(malformed)) {
    it(`refuses ${sentence}, and names the place`, () => {
      expect(() => projectWorkload(object))
        .to.throw(ShapeError)
        .with.property('path', path);
    });
  }
});

describe('workloadKindOf', () => {
  const cases: Record<string, [string, string, string | undefined]> = {
    'knows the Job of batch': ['batch/v1', 'Job', 'Job'],
    'does not take another group’s Job for it': ['batch.volcano.sh/v1alpha1', 'Job', undefined],
    'knows the core kind': ['v1', 'ReplicationController', 'ReplicationController'],
    'knows the Rollout of Argo': ['argoproj.io/v1alpha1', 'Rollout', 'Rollout'],
    'does not take another group’s Rollout for it': ['example.com/v1', 'Rollout', undefined],
    'does not know a Pod': ['v1', 'Pod', undefined],
    'is not fooled by names that every object has': ['apps/v1', 'constructor', undefined],
  };
  for (const [sentence, [apiVersion, kind, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(workloadKindOf(apiVersion, kind)).to.equal(expected);
    });
  }
});
