import { alphanumeric, FakeSecrets, glue } from './fake-secrets.ts';

/** Objects with a secret of its own in every place where one may stand. */

const draw = new FakeSecrets(8);
const planted: string[] = [];

/** All that must never be seen again. */
export const canaries: readonly string[] = planted;

/** Another one each time, of the kind that a profile fails or only warns of. */
function canary(length = 24): string {
  const value = `Qz7${draw.text(alphanumeric, length)}`;
  planted.push(value);
  return value;
}

const formed = () => {
  const value = draw.text(alphanumeric, 36);
  planted.push(value);
  return `gh${glue}p_${value}`;
};

const container = () => ({
  name: 'app',
  image: 'registry.example/app:1',
  env: [
    { name: 'DB_PASSWORD', value: canary() },
    { name: 'PLAIN', value: canary(9) },
    { name: 'TOKEN', value: formed() },
    { name: 'DATABASE_URL', value: `postgres://shop:${canary()}@db/shop` },
    { name: 'OPTS', value: `-Da=b -Ddb.password=${canary()} ${canary()}` },
    { name: 'FILE', value: `a: b\npassword: ${canary()}\n${canary()}=x\n${canary()}: y\n` },
    { name: 'KEY', value: draw.pem() },
    { name: 'SHARED', value: `http://${canary().toLowerCase()}.example.com/x` },
  ],
  command: ['/app', '--password', canary(), `--token=${canary()}`, canary(), `${canary()}=`],
  args: [`mysql -p${canary()} -u root && curl -u a:${canary()} http://x && echo ${canary()}==`],
  livenessProbe: {
    httpGet: {
      port: 80,
      httpHeaders: [
        { name: 'Authorization', value: `Bearer ${canary()}` },
        { name: 'X-Api-Key', value: canary() },
      ],
    },
  },
  readinessProbe: { exec: { command: ['redis-cli', '-a', canary()] } },
  lifecycle: { preStop: { exec: { command: ['sh', '-c', `TOKEN=${canary()} /leave`] } } },
});

const podSpec = () => ({
  containers: [container()],
  // A sidecar, since other init containers may have no probes.
  initContainers: [{ ...container(), name: 'init', restartPolicy: 'Always' }],
});

const annotations = (kind: string) => ({
  'example.com/token': canary(),
  'example.com/config': JSON.stringify({ password: canary(), [canary()]: 1 }),
  'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(
    kind === 'Pod' ? { kind, spec: podSpec() } : { kind, spec: { template: { spec: podSpec() } } },
  ),
});

const meta = (kind: string, name: string, namespace = 'shop') => ({
  name,
  namespace,
  annotations: annotations(kind),
});

export const plantedPod = { apiVersion: 'v1', kind: 'Pod', metadata: meta('Pod', 'alone'), spec: podSpec() };

export const plantedDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta('Deployment', 'app'),
  spec: {
    selector: { matchLabels: { app: 'app' } },
    template: {
      metadata: { labels: { app: 'app' }, annotations: { 'example.com/api-key': canary() } },
      spec: podSpec(),
    },
  },
};

export const plantedConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'settings',
    namespace: 'shop',
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { OLD_TOKEN: canary() } }),
    },
  },
  data: {
    DB_PASSWORD: canary(),
    PLAIN: canary(7),
    'app.yaml': `db:\n  password: ${canary()}\n  "${canary()}": x\n  url: amqp://a:${canary()}@mq\n${canary()}==\n`,
    'app.json': JSON.stringify({ token: canary(), list: [canary(), canary()] }),
    'settings.xml': `<password>${canary()}</password>`,
    'tls.key': draw.pem('RSA'),
    '.dockerconfigjson': JSON.stringify({
      auths: { 'r.example': { auth: Buffer.from(`a:${canary()}`).toString('base64') } },
    }),
  },
  binaryData: { f: Buffer.from(`password=${canary()}\n`).toString('base64') },
};
