import control from '../../src/controls/RD-5.H.4.2.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { ContainerState, Pod } from '../../src/domain/workload.ts';
import { projectConfigMap } from '../../src/evidence/secrets/project-config-map.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import { input, pod, workload } from '../support/builders.ts';
import type { Manifest } from '../support/control-cases.ts';
import { describeControl, podOf, templateOf } from '../support/control-cases.ts';

const from = (optional: boolean): Manifest => ({
  spec: { containers: [{ name: 'app', envFrom: [{ secretRef: { name: 's', optional } }] }] },
});
const running = (manifest: Manifest, state: ContainerState) =>
  input({
    workloads: read([
      workload({ pods: [pod({ spec: projectPodSpec(manifest.spec, {}), containers: { app: state } })] }),
    ]),
  });

/** A pod that mounts the ConfigMap `c`, where these are there. */
const mounting = (
  { optional = false, ...rest }: Partial<Pod> & { readonly optional?: boolean },
  overrides: Parameters<typeof input>[0],
) => {
  const volumes = [
    { name: 's', secret: { secretName: 's', optional } },
    { name: 'c', configMap: { name: 'c', optional } },
  ];
  const spec = projectPodSpec({ containers: [{ name: 'app' }], volumes }, {});
  return input({ workloads: read([workload({ pods: [pod({ spec, node: 'a', ...rest })] })]), ...overrides });
};
const named = (...names: string[]) => ({
  configMaps: read(names.map((name) => projectConfigMap({ metadata: { name, namespace: 'shop' } }))),
});
const unscheduled = () => {
  const { snapshot, ...rest } = mounting({ containers: {} }, named());
  const { workloads } = snapshot;
  const items = workloads.available ? workloads.items : [];
  const pods = items.flatMap((each) => each.pods.map(({ node: _none, ...one }) => one));
  return { ...rest, snapshot: { ...snapshot, workloads: read([workload({ pods })]) } };
};
const waiting = { containers: { app: { started: false } } };

describeControl(control, {
  'fails a pod that waits for a volume of a ConfigMap that is not there': {
    given: mounting(waiting, named('other')),
    status: 'Fail',
    message: '1 of 1 workload waits for configuration that is missing.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        example: 'app-0',
        path: 'spec.volumes[1].configMap',
        observed: 'c',
        message: 'The kubelet cannot start its containers: ConfigMap c is not there.',
      },
    ],
  },
  'fails it also before the kubelet says anything of its containers': {
    given: mounting({ containers: {} }, named()),
    status: 'Fail',
  },
  'does not know why a pod waits whose ConfigMap is there': {
    given: mounting(waiting, named('c')),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know it while ConfigMaps cannot be read': {
    given: mounting(waiting, { configMaps: unread('Forbidden', 'They may not be listed.') }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know it while some ConfigMaps cannot be read': {
    given: mounting(waiting, {
      configMaps: read([], { reason: 'EvaluationError', message: 'One cannot be read.' }),
    }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know it of a pod that no node was found for': {
    given: unscheduled(),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know it in manifests, where other ConfigMaps are elsewhere': {
    given: mounting({ containers: {} }, { ...named(), cluster: { live: false } }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'passes a pod that has started and lost its ConfigMap since': {
    given: mounting({ containers: { app: { started: true } } }, named()),
    status: 'Pass',
  },
  'warns of a ConfigMap that is not there and need not be': {
    given: mounting({ ...waiting, optional: true }, named()),
    status: 'Warn',
  },

  'passes what needs no configuration': {
    given: templateOf({ spec: { containers: [{ name: 'app' }] } }),
    status: 'Pass',
  },
  'passes what has started with all that it needs': {
    given: running(from(false), { started: true }),
    status: 'Pass',
  },
  'does not know whether what has not run would start': {
    given: templateOf(from(false)),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      '1 of 1 workload needs ConfigMaps or Secrets of which no started container shows that they are there, such as Deployment app.',
  },
  'does not know it of a volume either': {
    given: templateOf({
      spec: { containers: [{ name: 'app' }], volumes: [{ name: 'c', configMap: { name: 'c' } }] },
    }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'warns of what is optional': {
    given: podOf(from(true)),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].envFrom[0].secretRef.optional',
        observed: 'true',
        message: 'It starts without Secret s, where that is missing.',
      },
    ],
  },
  'warns of a volume that is optional': {
    given: podOf({
      spec: {
        containers: [{ name: 'app' }],
        volumes: [{ name: 'c', configMap: { name: 'c', optional: true } }],
      },
    }),
    status: 'Warn',
  },
  'warns of a variable that is set twice, and shows no value': {
    given: podOf({
      spec: {
        containers: [
          {
            name: 'app',
            env: [
              { name: 'A', value: 'x' },
              { name: 'A', value: 'y' },
            ],
          },
        ],
      },
    }),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].env',
        observed: 'A',
        message: 'The variable is set twice; the last one counts.',
      },
    ],
  },
  'fails a container that waits for what is missing': {
    given: running(from(false), { started: false, refused: 'MissingReference' }),
    status: 'Fail',
    message: '1 of 1 workload waits for configuration that is missing.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        path: 'spec.containers[0]',
        message: 'The kubelet cannot start it: a ConfigMap or Secret, or a key of one, is missing.',
      },
    ],
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
