import control from '../../src/controls/RD-5.H.7.5.ts';
import type { ControlCase, Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, deploymentOf, templateOf } from '../support/control-cases.ts';

const app = (container: object, volumes: object[] = []): Manifest => ({
  spec: { containers: [{ name: 'app', ...container }], volumes },
});
const fromEnv = app({
  env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'shop', key: 'token' } } }],
});
const asFile = app({}, [{ name: 'shop', secret: { secretName: 'shop' } }]);
const strict = { parameters: { 'secrets.fromEnvironment': 'Fail' as const } };
const prefix = 'spec.template.spec.containers[0].';
const found = (path: string) => [
  {
    subject: { kind: 'Deployment', name: 'app', container: 'app' },
    path: prefix + path,
    observed: 'Secret shop',
    message: 'It comes through the environment, and not as a file.',
  },
];

const files: Record<string, object> = {
  'a projected volume': {
    name: 's',
    projected: { sources: [{ configMap: {} }, { secret: { name: 'shop' } }] },
  },
  'the Secrets Store driver': { name: 's', csi: { driver: 'secrets-store.csi.k8s.io' } },
};

const cases: Record<string, ControlCase> = {
  'passes a Secret that is mounted': {
    given: templateOf(asFile),
    status: 'Pass',
    message: 'Secrets come as files only (1 workload).',
  },
  'warns of a variable that comes from a Secret': {
    given: templateOf(fromEnv),
    status: 'Warn',
    reason: 'SecretsInEnvironment',
    message: '1 of 1 workload takes Secrets through the environment.',
    findings: found('env[TOKEN]'),
  },
  'warns of a Secret of which every key becomes a variable': {
    given: templateOf(app({ envFrom: [{ configMapRef: { name: 'c' } }, { secretRef: { name: 'shop' } }] })),
    status: 'Warn',
    reason: 'SecretsInEnvironment',
    findings: found('envFrom[1]'),
  },
  'warns whatever else comes as a file': {
    given: templateOf({ spec: { ...fromEnv.spec, volumes: [{ name: 's', secret: { secretName: 'x' } }] } }),
    status: 'Warn',
    reason: 'SecretsInEnvironment',
  },
  'fails where the profile says so': {
    given: templateOf(fromEnv, strict),
    status: 'Fail',
    findings: found('env[TOKEN]'),
  },
  'does not apply where no Secret is used': {
    given: templateOf(
      app(
        {
          env: [
            { name: 'A', value: 'b' },
            { name: 'B', valueFrom: { configMapKeyRef: { name: 'c', key: 'd' } } },
          ],
        },
        [
          {
            name: 'kube-api-access-x7k2p',
            projected: { sources: [{ serviceAccountToken: {} }, { configMap: {} }] },
          },
          { name: 'csi', csi: { driver: 'other.csi.k8s.io' } },
        ],
      ),
    ),
    status: 'NotApplicable',
    reason: 'NoSecrets',
    message: 'Not judged: 1 of 1 workload, since it uses no Secret.',
  },
  'judges the live pods, as they were admitted': {
    given: deploymentOf(asFile, fromEnv),
    status: 'Pass',
  },
};
for (const [sentence, volume] of Object.entries(files))
  cases[`passes a Secret that comes by ${sentence}`] = {
    given: templateOf(app({}, [volume])),
    status: 'Pass',
  };

const common = Object.entries(commonCases(asFile, fromEnv)).map(
  ([sentence, one]) =>
    [
      sentence,
      { ...one, given: { ...one.given, parameters: { ...one.given.parameters, ...strict.parameters } } },
    ] as const,
);

describeControl(control, { ...Object.fromEntries(common), ...cases });
