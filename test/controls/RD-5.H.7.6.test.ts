import control from '../../src/controls/RD-5.H.7.6.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import { input, pod, template, workload } from '../support/builders.ts';
import { describeControl, templateOf } from '../support/control-cases.ts';

const spec = (env: Record<string, string>) =>
  projectPodSpec(
    { containers: [{ name: 'app', env: Object.entries(env).map(([name, value]) => ({ name, value })) }] },
    {},
  );
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`SETTING_${at}`, `${at}`]));
const all = (envs: Record<string, string>[], parameters: Partial<Parameters> = {}) =>
  input(
    {
      workloads: read(
        envs.map((env, at) => workload({ name: `app-${at}`, template: template({ spec: spec(env) }) })),
      ),
    },
    parameters,
  );
const backend = { BACKEND: 'http://api.shop.svc:8080' };
const shared = (name: string, path: string) => ({
  subject: { kind: 'Deployment', name, container: 'app' },
  path: `spec.template.spec.containers[0].${path}`,
  message: 'The same host or URL is written into 3 workloads.',
});

describeControl(control, {
  'passes a workload without literal values': {
    given: all([{}]),
    status: 'Pass',
    message: 'Configuration stands outside of the workloads (1 workload).',
  },
  'passes as many literal values as are allowed': { given: all([many(20)]), status: 'Pass' },
  'warns of more': {
    given: all([many(21), {}]),
    status: 'Warn',
    reason: 'LiteralConfiguration',
    message: '1 of 2 workloads has configuration written into it that belongs outside.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app-0', container: 'app' },
        path: 'spec.template.spec.containers[0].env',
        observed: '21 literal values',
        message: 'More than 20 settings are written into the workload.',
      },
    ],
  },
  'counts what a profile allows': {
    given: all([many(3)], { 'workloads.maxLiteralEnv': 2 }),
    status: 'Warn',
    reason: 'LiteralConfiguration',
  },
  'does not count what comes from elsewhere': {
    given: templateOf(
      {
        spec: {
          containers: [
            {
              name: 'app',
              env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'B' }],
              envFrom: [{ configMapRef: { name: 'c' } }],
            },
          ],
        },
      },
      { parameters: { 'workloads.maxLiteralEnv': 0 } },
    ),
    status: 'Pass',
  },
  'warns of a URL that three workloads share, whatever they call it': {
    given: all([backend, { ...backend, A: 'b' }, { API: backend.BACKEND }, {}]),
    status: 'Warn',
    reason: 'RepeatedConfiguration',
    message: '3 of 4 workloads have configuration written into them that belongs outside.',
    findings: [shared('app-0', 'env[BACKEND]'), shared('app-1', 'env[BACKEND]'), shared('app-2', 'env[API]')],
  },
  'passes one that two share': { given: all([backend, backend]), status: 'Pass' },
  'warns of one that two share where a profile says so': {
    given: all([backend, backend], { 'workloads.repeatedLiteralWorkloads': 2 }),
    status: 'Warn',
    reason: 'RepeatedConfiguration',
  },
  'passes words, numbers and own addresses that are equal': {
    given: all(
      Array.from({ length: 4 }, () => ({ LEVEL: 'info', PORT: '8080', PROXY: 'http://localhost:15000' })),
    ),
    status: 'Pass',
  },
  'passes hosts that differ': {
    given: all(['a', 'b', 'c'].map((name) => ({ DB: `${name}.shop.svc` }))),
    status: 'Pass',
  },
  'compares pods that nobody owns too': {
    given: input({
      workloads: read(
        ['a', 'b', 'c'].map((name) =>
          workload({ kind: 'Pod', name, pods: [pod({ name, spec: spec(backend) })] }),
        ),
      ),
    }),
    status: 'Warn',
    reason: 'RepeatedConfiguration',
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
