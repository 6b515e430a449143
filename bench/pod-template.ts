import type { Random } from './random.ts';

/** How much care went into a manifest; about as often as one meets it. */
export const qualities = ['hardened', 'typical', 'typical', 'typical', 'careless'] as const;
export type Quality = (typeof qualities)[number];

type Fields = Readonly<Record<string, unknown>>;

/** The specification of a pod of one to three containers, as people write them. */
export function podSpec(name: string, quality: Quality, random: Random): Fields {
  const sidecar = random.chance(0.3)
    ? [container('proxy', 'registry.example.com/mesh/proxy', quality, random)]
    : [];
  const init = random.chance(0.2)
    ? [container('migrate', `registry.example.com/team/${name}`, quality, random)]
    : [];
  return {
    serviceAccountName: quality === 'careless' ? 'default' : name,
    ...(quality === 'hardened' ? { automountServiceAccountToken: false } : {}),
    ...podSecurity[quality],
    ...(quality === 'careless' && random.chance(0.3) ? { hostNetwork: true } : {}),
    ...(init.length > 0 ? { initContainers: init } : {}),
    containers: [container('app', imageOf(name, quality, random), quality, random), ...sidecar],
    volumes: [
      { name: 'config', configMap: { name: `${name}-config` } },
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ...(quality === 'careless'
        ? [{ name: 'data', hostPath: { path: `/srv/${name}` } }]
        : [{ name: 'data', emptyDir: {} }]),
    ],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              topologyKey: 'kubernetes.io/hostname',
              labelSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
            },
          },
        ],
      },
    },
  };
}

const podSecurity: Readonly<Record<Quality, Fields>> = {
  hardened: {
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10_001,
      fsGroup: 10_001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  },
  typical: { securityContext: { fsGroup: 2000 } },
  careless: {},
};

const containerSecurity: Readonly<Record<Quality, Fields>> = {
  hardened: {
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  },
  typical: { securityContext: { allowPrivilegeEscalation: false } },
  careless: { securityContext: { privileged: true, capabilities: { add: ['NET_ADMIN', 'SYS_TIME'] } } },
};

function imageOf(name: string, quality: Quality, random: Random): string {
  if (quality === 'careless') return random.pick(['nginx', 'redis:latest', 'docker.io/library/postgres']);
  return `registry.example.com/team/${name}:${random.below(9)}.${random.below(20)}.${random.below(10)}`;
}

function container(name: string, image: string, quality: Quality, random: Random): Fields {
  const probe = (path: string) => ({ httpGet: { path, port: 'http' }, periodSeconds: 10, timeoutSeconds: 2 });
  const cpu = 50 * (1 + random.below(8));
  return {
    name,
    image: image.includes(':') || quality === 'careless' ? image : `${image}:2.${random.below(20)}.0`,
    imagePullPolicy: random.pick(['IfNotPresent', 'Always']),
    args: ['--config=/etc/app/config.yaml', `--log-level=${random.pick(['info', 'debug'])}`],
    ports: name === 'app' ? [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] : [],
    env: [
      { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'database', key: 'url' } } },
      ...Array.from({ length: 2 + random.below(6) }, (_, i) => ({
        name: `OPTION_${i}`,
        value: `value-${random.below(1000)}`,
      })),
    ],
    ...(quality === 'careless'
      ? {}
      : {
          resources: {
            requests: { cpu: `${cpu}m`, memory: '128Mi', 'ephemeral-storage': '100Mi' },
            limits: { cpu: `${cpu * 4}m`, memory: '512Mi', 'ephemeral-storage': '1Gi' },
          },
          ...(name === 'app' ? { livenessProbe: probe('/healthz'), readinessProbe: probe('/ready') } : {}),
        }),
    ...containerSecurity[quality],
    volumeMounts: [
      { name: 'config', mountPath: '/etc/app', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'data', mountPath: '/var/lib/app' },
    ],
  };
}
