import { expect } from 'chai';
import fc from 'fast-check';
import type { Workload } from '../../../src/domain/workload.ts';
import { assembleWorkloads } from '../../../src/evidence/workloads/assemble.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';
import { projectWorkload } from '../../../src/evidence/workloads/project-workload.ts';
import type { ObjectOptions } from '../../support/objects.ts';
import { podObject, replicaFailure, workloadObject } from '../../support/objects.ts';

type Kubernetes = { readonly kind: string };

const pod = (name: string, owner?: string, options: ObjectOptions = {}) =>
  podObject(name, { ...options, ...(owner === undefined ? {} : { owner }) });
const owner = (path: string, options: ObjectOptions = {}) => {
  const [kind = '', name = ''] = path.split('/');
  return workloadObject(kind, name, options);
};
const owned = (path: string, by: string, options: ObjectOptions = {}) =>
  owner(path, { ...options, owner: by });
const revision = (number: number) => ({ 'deployment.kubernetes.io/revision': `${number}` });
const rolloutRevision = (number: number) => ({ 'rollout.argoproj.io/revision': `${number}` });
const ofOlder = { created: '2026-01-01T00:00:00Z' };
const ofNewer = { created: '2026-01-02T00:00:00Z' };
const none = { spec: { replicas: 0 } };
const done = { status: { conditions: [{ type: 'Complete', status: 'True' }] } };
const succeeded = { status: { phase: 'Succeeded' } };
const refused = { status: replicaFailure('admission webhook "deny.example" denied the request: no') };
const rollout = 'argoproj.io/v1alpha1 Rollout/web';
const cluster = 'elasticsearch.k8s.elastic.co/v1 Elasticsearch/es';

function assemble(objects: readonly Kubernetes[]): Workload[] {
  const pods = objects.filter(({ kind }) => kind === 'Pod').map(projectPod);
  const owners = objects.filter(({ kind }) => kind !== 'Pod').map((object) => projectWorkload(object));
  return assembleWorkloads({ pods, owners });
}

/** `Kind/name [controllers but the root] pods`, then what is remarkable. */
function describeWorkload({ kind, name, pods, controllers, template, completed, blocked }: Workload): string {
  const words = [`${kind}/${name}`];
  const between = controllers.slice(1).map((controller) => `${controller.kind}/${controller.name}`);
  if (between.length > 0) words.push(`via ${between.join(' ')}`);
  if (pods.length > 0) words.push(`runs ${pods.map((running) => running.name).join(' ')}`);
  if (template !== undefined) words.push(`as ${template.spec.containers[0]?.image ?? ''}`);
  if (completed) words.push('completed');
  if (blocked !== undefined) words.push('blocked');
  return words.join(' ');
}

const cases: Record<string, [Kubernetes[], string[]]> = {
  'finds nothing in nothing': [[], []],
  'follows pod, ReplicaSet, Deployment': [
    [
      owner('Deployment/web', { annotations: revision(1) }),
      owned('ReplicaSet/web-1', 'Deployment/web', { annotations: revision(1) }),
      pod('web-1-b', 'ReplicaSet/web-1'),
      pod('web-1-a', 'ReplicaSet/web-1'),
    ],
    ['Deployment/web via ReplicaSet/web-1 runs web-1-a web-1-b as registry.example/web:1'],
  ],
  'follows pod, Job, CronJob, without the Jobs that have finished': [
    [
      owner('CronJob/backup'),
      owned('Job/backup-1', 'CronJob/backup', done),
      owned('Job/backup-2', 'CronJob/backup'),
      pod('backup-1-x', 'Job/backup-1', succeeded),
      pod('backup-2-x', 'Job/backup-2'),
    ],
    ['CronJob/backup via Job/backup-2 runs backup-2-x as registry.example/backup:1'],
  ],
  'keeps a CronJob between its runs': [
    [owner('CronJob/backup', { spec: { suspend: true } }), owned('Job/backup-1', 'CronJob/backup', done)],
    ['CronJob/backup as registry.example/backup:1'],
  ],
  'keeps what is scaled to none, except for ReplicaSets': [
    [
      owner('Deployment/a', none),
      owner('StatefulSet/b', none),
      owner('ReplicaSet/c', none),
      owner('ReplicationController/d', none),
    ],
    [
      'Deployment/a as registry.example/a:1',
      'ReplicationController/d as registry.example/d:1',
      'StatefulSet/b as registry.example/b:1',
    ],
  ],
  'keeps a ReplicaSet without replicas while its last pods run': [
    [owner('ReplicaSet/c', none), pod('c-1', 'ReplicaSet/c')],
    ['ReplicaSet/c runs c-1 as registry.example/c:1'],
  ],
  'takes the ReplicaSet of the Deployment’s revision for the current one, in the middle of a rollback': [
    [
      owner('Deployment/web', { annotations: revision(3) }),
      owned('ReplicaSet/web-1', 'Deployment/web', { ...ofOlder, annotations: revision(3) }),
      owned('ReplicaSet/web-2', 'Deployment/web', { ...ofNewer, annotations: revision(2) }),
      pod('web-2-a', 'ReplicaSet/web-2'),
    ],
    ['Deployment/web via ReplicaSet/web-1 runs web-2-a as registry.example/web:1'],
  ],
  'takes the ReplicaSet of the revision also when it is scaled to none': [
    [
      owner('Deployment/web', { annotations: revision(2), ...none }),
      owned('ReplicaSet/web-1', 'Deployment/web', { ...ofOlder, annotations: revision(1), ...none }),
      owned('ReplicaSet/web-2', 'Deployment/web', { ...ofNewer, annotations: revision(2), ...none }),
    ],
    ['Deployment/web via ReplicaSet/web-2 as registry.example/web:1'],
  ],
  'takes the newest ReplicaSet with replicas when no revision tells': [
    [
      owner('Deployment/web'),
      owned('ReplicaSet/web-1', 'Deployment/web', ofOlder),
      owned('ReplicaSet/web-2', 'Deployment/web', ofNewer),
      owned('ReplicaSet/web-3', 'Deployment/web', { created: '2026-01-03T00:00:00Z', ...none }),
    ],
    ['Deployment/web via ReplicaSet/web-2 as registry.example/web:1'],
  ],
  'follows pod, ReplicaSet, Rollout, each of whose ReplicaSets with replicas is current': [
    [
      owner('Rollout/web', { annotations: rolloutRevision(2) }),
      owned('ReplicaSet/web-1', 'Rollout/web', { ...ofOlder, annotations: rolloutRevision(1) }),
      owned('ReplicaSet/web-2', 'Rollout/web', { ...ofNewer, annotations: rolloutRevision(2) }),
      owned('ReplicaSet/web-0', 'Rollout/web', none),
      pod('web-1-a', 'ReplicaSet/web-1'),
      pod('web-2-a', 'ReplicaSet/web-2'),
    ],
    ['Rollout/web via ReplicaSet/web-2 ReplicaSet/web-1 runs web-1-a web-2-a as registry.example/web:1'],
  ],
  'keeps a Rollout that is scaled to none, with the ReplicaSet of its revision': [
    [
      owner('Rollout/web', { annotations: rolloutRevision(2), ...none }),
      owned('ReplicaSet/web-1', 'Rollout/web', { ...ofNewer, annotations: rolloutRevision(1), ...none }),
      owned('ReplicaSet/web-2', 'Rollout/web', { ...ofOlder, annotations: rolloutRevision(2), ...none }),
    ],
    ['Rollout/web via ReplicaSet/web-2 as registry.example/web:1'],
  ],
  'judges a Rollout that takes its template from a Deployment by its pods, and the Deployment by itself': [
    [
      owner('Deployment/web', none),
      owner('Rollout/web', {
        spec: { template: null, workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
      }),
      owned('ReplicaSet/web-1', 'Rollout/web'),
      pod('web-1-a', 'ReplicaSet/web-1'),
    ],
    ['Deployment/web as registry.example/web:1', 'Rollout/web via ReplicaSet/web-1 runs web-1-a'],
  ],
  'keeps an unknown resource as the root, with the template of its newest ReplicaSet': [
    [
      owned('ReplicaSet/web-1', rollout, ofOlder),
      owned('ReplicaSet/web-2', rollout, ofNewer),
      owned('ReplicaSet/web-0', rollout, none),
      pod('web-1-a', 'ReplicaSet/web-1'),
    ],
    ['Rollout/web via ReplicaSet/web-2 ReplicaSet/web-1 runs web-1-a as registry.example/web-2:1'],
  ],
  'keeps an unknown resource whose only template is below a Deployment': [
    [
      owned('Deployment/web', 'example.com/v1 App/web', { annotations: revision(1) }),
      owned('ReplicaSet/web-1', 'Deployment/web', { annotations: revision(1) }),
      pod('web-1-a', 'ReplicaSet/web-1'),
    ],
    ['App/web via Deployment/web ReplicaSet/web-1 runs web-1-a as registry.example/web:1'],
  ],
  'judges under its own name what an unknown resource owns beside others, and has no pods to show': [
    [
      owned('StatefulSet/es-data', cluster),
      owned('StatefulSet/es-master', cluster),
      owned('StatefulSet/es-ingest', cluster, none),
      pod('es-data-0', 'StatefulSet/es-data'),
      pod('es-master-0', 'StatefulSet/es-master'),
    ],
    [
      'Elasticsearch/es via StatefulSet/es-data StatefulSet/es-master runs es-data-0 es-master-0',
      'StatefulSet/es-ingest as registry.example/es-ingest:1',
    ],
  ],
  'keeps an unknown resource that owns pods itself': [
    [pod('es-0', cluster), pod('es-1', cluster)],
    ['Elasticsearch/es runs es-0 es-1'],
  ],
  'keeps the reference to an owner that was not found': [
    [pod('web-1-a', 'ReplicaSet/web-1'), pod('web-1-b', 'ReplicaSet/web-1')],
    ['ReplicaSet/web-1 runs web-1-a web-1-b'],
  ],
  'does not take a new owner of the same name for the deleted one': [
    [owner('StatefulSet/db', { uid: 'uid-new' }), pod('db-0', 'StatefulSet/db')],
    ['StatefulSet/db runs db-0', 'StatefulSet/db as registry.example/db:1'],
  ],
  'does not take another group’s Job for the one of Kubernetes': [
    [owner('Job/train', { uid: 'uid-other' }), pod('train-0', 'batch.volcano.sh/v1alpha1 Job/train')],
    ['Job/train runs train-0', 'Job/train as registry.example/train:1'],
  ],
  'counts only pods that live': [
    [
      owner('DaemonSet/agent'),
      pod('agent-a', 'DaemonSet/agent'),
      pod('agent-b', 'DaemonSet/agent', { deleting: true }),
      pod('agent-c', 'DaemonSet/agent', { status: { phase: 'Failed', reason: 'Evicted' } }),
      pod('agent-d', 'DaemonSet/agent', { status: { phase: 'Pending' } }),
    ],
    ['DaemonSet/agent runs agent-a agent-d as registry.example/agent:1'],
  ],
  'takes bare pods and static pods for workloads of their own': [
    [
      pod('debug'),
      pod('etcd-node-1', 'Node/node-1', { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
      pod('etcd-node-2', 'Node/node-2', { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    ],
    ['Pod/debug runs debug', 'Pod/etcd-node-1 runs etcd-node-1', 'Pod/etcd-node-2 runs etcd-node-2'],
  ],
  'calls finished what has run to its end': [
    [
      pod('once', undefined, succeeded),
      owner('Job/migrate', done),
      pod('migrate-x', 'Job/migrate', succeeded),
      pod('workflow-1', 'argoproj.io/v1alpha1 Workflow/etl', succeeded),
    ],
    ['Job/migrate as registry.example/migrate:1 completed', 'Pod/once completed', 'Workflow/etl completed'],
  ],
  'does not call finished a Job whose last pod still runs': [
    [owner('Job/migrate', done), pod('migrate-x', 'Job/migrate')],
    ['Job/migrate runs migrate-x as registry.example/migrate:1'],
  ],
  'leaves out what is being deleted and has no pods': [
    [owner('Deployment/old', { deleting: true }), pod('gone', undefined, { deleting: true })],
    [],
  ],
  'tells that a policy keeps a Deployment from having pods, from its ReplicaSet’s words': [
    [
      owner('Deployment/web', { annotations: revision(1) }),
      owned('ReplicaSet/web-1', 'Deployment/web', { annotations: revision(1), ...refused }),
    ],
    ['Deployment/web via ReplicaSet/web-1 as registry.example/web:1 blocked'],
  ],
  'does not call blocked what has pods from before': [
    [
      owner('Deployment/web', { annotations: revision(2), ...refused }),
      owned('ReplicaSet/web-1', 'Deployment/web', { annotations: revision(1) }),
      owned('ReplicaSet/web-2', 'Deployment/web', { annotations: revision(2), ...refused }),
      pod('web-1-a', 'ReplicaSet/web-1'),
    ],
    ['Deployment/web via ReplicaSet/web-2 runs web-1-a as registry.example/web:1'],
  ],
  'gives each member of a ring of owners the same root': [
    [
      owned('ReplicaSet/c', 'ReplicaSet/b'),
      owned('ReplicaSet/b', 'ReplicaSet/a'),
      owned('ReplicaSet/a', 'ReplicaSet/c'),
      owned('ReplicaSet/outside', 'ReplicaSet/b'),
      pod('x', 'ReplicaSet/c'),
      pod('y', 'ReplicaSet/outside'),
    ],
    ['ReplicaSet/a via ReplicaSet/b ReplicaSet/c ReplicaSet/outside runs x y as registry.example/a:1'],
  ],
  'lets an owner that owns itself be the root': [
    [owned('ReplicaSet/a', 'ReplicaSet/a'), pod('x', 'ReplicaSet/a')],
    ['ReplicaSet/a runs x as registry.example/a:1'],
  ],
};

describe('assembleWorkloads', () => {
  for (const [sentence, [objects, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(assemble(objects).map(describeWorkload)).to.deep.equal(expected);
    });
  }

  it('finds owners by name where a manifest has no uids', () => {
    const bare = <T extends { metadata: object }>(object: T) => ({
      ...object,
      metadata: { ...object.metadata, uid: undefined },
    });
    const reference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true };
    const member = podObject('db-0');
    const objects = [
      bare(owner('StatefulSet/db')),
      { ...member, metadata: { name: 'db-0', ownerReferences: [reference] } },
    ];
    expect(assemble(objects).map(describeWorkload)).to.deep.equal([
      'StatefulSet/db runs db-0 as registry.example/db:1',
    ]);
  });

  it('gives every live pod to one workload, in whatever order things are read, and never hangs', () => {
    const kinds = ['Deployment', 'ReplicaSet', 'Job', 'CronJob', 'StatefulSet'];
    const place = fc.nat(7);
    const owners = fc.array(
      fc.record({ kind: fc.constantFrom(...kinds), by: fc.option(place), empty: fc.boolean() }),
      {
        maxLength: 7,
      },
    );
    const pods = fc.array(fc.record({ by: fc.option(place), phase: fc.constantFrom('Running', 'Failed') }), {
      maxLength: 6,
    });
    const order = fc.array(fc.nat(), { minLength: 13, maxLength: 13 });
    fc.assert(
      fc.property(owners, pods, order, (tree, leaves, places) => {
        const nameOf = (index: number) => `${tree[index]?.kind ?? 'Unread'}/o${index}`;
        const objects = [
          ...tree.map(({ kind, by, empty }, index) =>
            workloadObject(kind, `o${index}`, {
              ...(by === null ? {} : { owner: nameOf(by) }),
              ...(empty ? none : {}),
            }),
          ),
          ...leaves.map(({ by, phase }, index) =>
            pod(`p${index}`, by === null ? undefined : nameOf(by), { status: { phase } }),
          ),
        ];
        const placeOf = new Map(objects.map((object, index) => [object, places[index] ?? 0]));
        const shuffled = objects.toSorted((a, b) => (placeOf.get(a) ?? 0) - (placeOf.get(b) ?? 0));
        const workloads = assemble(objects);
        expect(assemble(shuffled)).to.deep.equal(workloads);
        const running = workloads.flatMap(({ pods: live }) => live.map(({ name }) => name)).sort();
        const live = leaves.flatMap(({ phase }, index) => (phase === 'Running' ? [`p${index}`] : []));
        expect(running).to.deep.equal(live.sort());
      }),
    );
  });
});
