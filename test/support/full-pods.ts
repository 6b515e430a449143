/**
 * Pods that have, between them, every field of a pod specification that an API server with all its features takes. Some
 * fields exclude each other, which is why there are several.
 */
const quantities = { cpu: '100m', memory: '64Mi' };
const resources = { limits: quantities, requests: quantities };
const secretRef = { name: 'secret' };
const linux = { level: 's0:c1,c2', role: 'object_r', type: 'svirt_lxc_net_t', user: 'system_u' };
const modes = { mode: 0o400, user: 1000 };
const items = [{ key: 'a', path: 'b', ...modes }];
const defaults = { defaultMode: 0o440, defaultUser: 1000 };
const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.name' };
const resourceFieldRef = { containerName: 'app', resource: 'limits.cpu', divisor: '1m' };
const selector = {
  matchLabels: { app: 'shop' },
  matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'back'] }],
};
const downward = [
  { path: 'name', fieldRef, ...modes },
  { path: 'cpu', resourceFieldRef },
];

const sources: Record<string, object>[] = [
  { hostPath: { path: '/var/log', type: 'Directory' } },
  { emptyDir: { medium: 'Memory', sizeLimit: '1Gi', mode: 0o755 } },
  { emptyDir: {} },
  { gcePersistentDisk: { pdName: 'disk', fsType: 'ext4', partition: 1, readOnly: true } },
  { awsElasticBlockStore: { volumeID: 'vol-1', fsType: 'ext4', partition: 1, readOnly: true } },
  { gitRepo: { repository: 'https://example.com/a.git', revision: 'abc', directory: 'd' } },
  { secret: { secretName: 'secret', items, optional: false, ...defaults } },
  { nfs: { server: 'nfs.example.com', path: '/export', readOnly: true } },
  {
    iscsi: {
      ...{
        targetPortal: '10.0.0.1:3260',
        iqn: 'iqn.2026-01.com.example:disk',
        lun: 0,
        iscsiInterface: 'default',
      },
      ...{ fsType: 'ext4', readOnly: true, portals: ['10.0.0.2:3260'], chapAuthDiscovery: true },
      ...{ chapAuthSession: true, secretRef, initiatorName: 'iqn.2026-01.com.example:init' },
    },
  },
  { glusterfs: { endpoints: 'gluster', path: 'vol', readOnly: true } },
  { persistentVolumeClaim: { claimName: 'data', readOnly: true } },
  {
    rbd: {
      ...{ monitors: ['10.0.0.1:6789'], image: 'img', fsType: 'ext4', pool: 'rbd', user: 'admin' },
      ...{ keyring: '/etc/ceph/keyring', secretRef, readOnly: true },
    },
  },
  {
    flexVolume: {
      ...{ driver: 'example.com/flex', fsType: 'ext4', secretRef, readOnly: true },
      options: { one: '1', ['__proto__']: 'kept' },
    },
  },
  { cinder: { volumeID: 'vol-2', fsType: 'ext4', readOnly: true, secretRef } },
  {
    cephfs: {
      ...{ monitors: ['10.0.0.1:6789'], path: '/a', user: 'admin', secretFile: '/etc/ceph/secret' },
      ...{ secretRef, readOnly: true },
    },
  },
  { flocker: { datasetName: 'set' } },
  { flocker: { datasetUUID: '6e6d5c0e-0000-4000-8000-000000000000' } },
  { downwardAPI: { items: downward, ...defaults } },
  { fc: { targetWWNs: ['500a0982991b8dc5'], lun: 0, fsType: 'ext4', readOnly: true } },
  { fc: { wwids: ['3600508b400105e210000900000490000'] } },
  { azureFile: { secretName: 'secret', shareName: 'share', readOnly: true } },
  { configMap: { name: 'config', items, optional: true, ...defaults } },
  {
    vsphereVolume: { volumePath: '[a] b/c', fsType: 'ext4', storagePolicyName: 'gold', storagePolicyID: '1' },
  },
  { quobyte: { registry: 'quobyte:7861', volume: 'v', readOnly: true, user: 'u', group: 'g', tenant: 't' } },
  {
    azureDisk: {
      ...{ diskName: 'd', diskURI: 'https://example.blob.core.windows.net/vhds/d.vhd', cachingMode: 'None' },
      ...{ fsType: 'ext4', readOnly: false, kind: 'Shared' },
    },
  },
  { photonPersistentDisk: { pdID: 'pd', fsType: 'ext4' } },
  {
    projected: {
      ...defaults,
      sources: [
        { secret: { name: 'secret', items, optional: true } },
        { downwardAPI: { items: downward } },
        { configMap: { name: 'config', items: [{ key: 'a', path: 'c' }], optional: false } },
        { serviceAccountToken: { audience: 'vault', expirationSeconds: 3600, path: 'token', user: 1000 } },
        { clusterTrustBundle: { name: 'bundle', optional: true, path: 'ca.pem', user: 1000 } },
        {
          clusterTrustBundle: { signerName: 'example.com/signer', labelSelector: selector, path: 'cas.pem' },
        },
        {
          podCertificate: {
            ...{ signerName: 'example.com/signer', keyType: 'ED25519', maxExpirationSeconds: 3600 },
            ...{ credentialBundlePath: 'bundle.pem', userAnnotations: { 'example.com/a': 'b' }, user: 1000 },
          },
        },
        {
          podCertificate: {
            ...{ signerName: 'example.com/signer', keyType: 'ED25519' },
            ...{ keyPath: 'key.pem', certificateChainPath: 'chain.pem' },
          },
        },
      ],
    },
  },
  { portworxVolume: { volumeID: 'px', fsType: 'ext4', readOnly: true } },
  {
    scaleIO: {
      ...{ gateway: 'https://localhost', system: 's', secretRef, sslEnabled: true, protectionDomain: 'p' },
      ...{
        storagePool: 'pool',
        storageMode: 'ThinProvisioned',
        volumeName: 'v',
        fsType: 'ext4',
        readOnly: true,
      },
    },
  },
  { storageos: { volumeName: 'v', volumeNamespace: 'n', fsType: 'ext4', readOnly: true, secretRef } },
  {
    csi: {
      ...{ driver: 'csi.example.com', readOnly: true, fsType: 'ext4', nodePublishSecretRef: secretRef },
      volumeAttributes: { a: 'b' },
    },
  },
  {
    ephemeral: {
      volumeClaimTemplate: {
        metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
        spec: {
          ...{ accessModes: ['ReadWriteOnce'], selector, storageClassName: 'fast', volumeMode: 'Filesystem' },
          ...{ resources: { limits: { storage: '2Gi' }, requests: { storage: '1Gi' } }, volumeName: 'pv' },
          dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'snap' },
          volumeAttributesClassName: 'gold',
        },
      },
    },
  },
  {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          ...{ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          dataSourceRef: {
            ...{
              apiGroup: 'snapshot.storage.k8s.io',
              kind: 'VolumeSnapshot',
              name: 'snap',
              namespace: 'other',
            },
          },
        },
      },
    },
  },
  { image: { reference: 'registry.example.com/data:1', pullPolicy: 'IfNotPresent' } },
];

const probe = {
  ...{
    initialDelaySeconds: 1,
    timeoutSeconds: 2,
    periodSeconds: 3,
    successThreshold: 1,
    failureThreshold: 4,
  },
  terminationGracePeriodSeconds: 5,
};

const image = 'registry.example.com/shop/app:1';

const container = {
  ...{ name: 'app', image, command: ['/app'], args: ['--serve', ''], workingDir: '/srv' },
  ports: [{ name: 'http', hostPort: 8080, containerPort: 8080, protocol: 'TCP', hostIP: '127.0.0.1' }],
  envFrom: [
    { prefix: 'A_', configMapRef: { name: 'config', optional: true } },
    { secretRef: { name: 'secret', optional: false } },
  ],
  env: [
    { name: 'PLAIN', value: 'grün' },
    { name: 'EMPTY' },
    { name: 'FIELD', valueFrom: { fieldRef } },
    { name: 'RESOURCE', valueFrom: { resourceFieldRef } },
    { name: 'CONFIG', valueFrom: { configMapKeyRef: { name: 'config', key: 'a', optional: false } } },
    { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'secret', key: 'a', optional: true } } },
    { name: 'FILE', valueFrom: { fileKeyRef: { volumeName: 'v1', path: 'a', key: 'b', optional: true } } },
  ],
  resources: { ...resources, claims: [{ name: 'gpu', request: 'one' }] },
  resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
  restartPolicy: 'Never',
  restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42, 43] } }],
  volumeMounts: [
    {
      name: 'v0',
      readOnly: true,
      recursiveReadOnly: 'IfPossible',
      mountPath: '/a',
      bindMountOptions: ['noexec'],
    },
    { name: 'v1', mountPath: '/b', subPath: 'c', mountPropagation: 'HostToContainer' },
    { name: 'v2', mountPath: '/d', subPathExpr: '$(PLAIN)' },
  ],
  livenessProbe: { exec: { command: ['true'] }, ...probe },
  readinessProbe: {
    httpGet: {
      ...{ path: '/ready', port: 'http', host: 'localhost', scheme: 'HTTP' },
      httpHeaders: [{ name: 'X-A', value: 'b' }],
    },
  },
  startupProbe: { tcpSocket: { port: 8080, host: 'localhost' } },
  lifecycle: {
    postStart: { exec: { command: ['true'] } },
    preStop: { httpGet: { port: 8080 } },
  },
  terminationMessagePath: '/dev/log',
  terminationMessagePolicy: 'FallbackToLogsOnError',
  imagePullPolicy: 'Always',
  securityContext: {
    ...{
      capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
      privileged: false,
      seLinuxOptions: linux,
    },
    ...{
      runAsUser: 0,
      runAsGroup: 1000,
      runAsNonRoot: false,
      readOnlyRootFilesystem: false,
      procMount: 'Default',
    },
    ...{ allowPrivilegeEscalation: false, seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } },
    appArmorProfile: { type: 'Localhost', localhostProfile: 'profile' },
    windowsOptions: {
      ...{
        gmsaCredentialSpecName: 'name',
        gmsaCredentialSpec: '{}',
        runAsUserName: 'user',
        hostProcess: false,
      },
    },
  },
  ...{ stdin: true, stdinOnce: true, tty: true },
};

const podSecurity = {
  ...{ seLinuxOptions: linux, runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true, fsGroup: 2000 },
  ...{ supplementalGroups: [3000, 4_294_967_295 - 2_147_483_648], supplementalGroupsPolicy: 'Merge' },
  ...{ fsGroupChangePolicy: 'Always', seLinuxChangePolicy: 'Recursive' },
  sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '1024 65535' }],
  seccompProfile: { type: 'RuntimeDefault' },
  appArmorProfile: { type: 'RuntimeDefault' },
};

/** What nobody reads: it must not be mistaken for anything else. */
const unread = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
      },
    },
  },
  ...{ nodeSelector: { a: 'b' }, schedulerName: 'other', schedulingGates: [{ name: 'example.com/gate' }] },
  tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector },
  ],
  ...{ restartPolicy: 'Always', dnsPolicy: 'None', hostname: 'web-0', subdomain: 'web' },
  dnsConfig: { nameservers: ['10.0.0.10'], searches: ['a'], options: [{ name: 'ndots', value: '2' }] },
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
};

/** Specifications by the name of their pod. */
export const fullSpecs: Readonly<Record<string, object>> = {
  full: {
    ...unread,
    volumes: sources.map((source, index) => ({ name: `v${index}`, ...source })),
    initContainers: [
      { name: 'init', image, restartPolicy: 'Always', lifecycle: { preStop: { sleep: { seconds: 0 } } } },
    ],
    containers: [
      container,
      {
        name: 'second',
        image: 'nginx',
        livenessProbe: { grpc: { port: 9000, service: 'a', mode: 'TLS' } },
        readinessProbe: { httpGet: { port: 9000, protocol: 'HTTP2' } },
      },
    ],
    ...{ terminationGracePeriodSeconds: 0, activeDeadlineSeconds: 3600, serviceAccountName: 'robot' },
    ...{ automountServiceAccountToken: false, securityContext: podSecurity, enableServiceLinks: false },
    ...{ shareProcessNamespace: true, imagePullSecrets: [{ name: 'pull' }], runtimeClassName: 'kata' },
    readinessGates: [{ conditionType: 'example.com/ready' }],
    resourceClaims: [
      { name: 'gpu', resourceClaimName: 'claim' },
      { name: 'nic', resourceClaimTemplateName: 'template' },
    ],
    resources,
    evictionResponders: [{ name: 'example.com/responder', priority: 10_000 }],
  },
  host: {
    containers: [{ name: 'app', image, volumeDevices: [{ name: 'block', devicePath: '/dev/a' }] }],
    volumes: [{ name: 'block', persistentVolumeClaim: { claimName: 'block' } }],
    ...{ hostNetwork: true, hostPID: true, hostIPC: true, nodeName: 'node-1', hostUsers: true },
    securityContext: { windowsOptions: { hostProcess: false } },
  },
  override: {
    containers: [
      { name: 'app', image, lifecycle: { stopSignal: 'SIGUSR1', preStop: { tcpSocket: { port: 'x' } } } },
    ],
    schedulingGroup: { podGroupName: 'group' },
    ...{ hostnameOverride: 'other', os: { name: 'linux' }, hostUsers: false },
  },
  plain: { containers: [{ name: 'app', image }] },
};

const reached = '2026-03-01T10:00:00Z';
const ended = {
  exitCode: 0,
  signal: 9,
  reason: 'Error',
  message: 'it broke',
  startedAt: reached,
  finishedAt: reached,
};

/** What a kubelet says of the first. */
export const fullStatus = {
  phase: 'Running',
  podIP: '10.0.0.1',
  podIPs: [{ ip: '10.0.0.1' }],
  conditions: [
    { type: 'Ready', status: 'False', lastTransitionTime: reached, reason: 'Because', message: 'it is so' },
    { type: 'Initialized', status: 'True' },
  ],
  initContainerStatuses: [
    {
      ...{ name: 'init', image, imageID: '', ready: false, restartCount: 0 },
      state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "a" not found' } },
    },
  ],
  containerStatuses: [
    {
      ...{ name: 'app', image, imageID: `${image}@sha256:1`, ready: true, restartCount: 3, started: true },
      ...{ containerID: `containerd://${'a1'.repeat(32)}`, state: { running: { startedAt: reached } } },
      lastState: { terminated: ended },
      user: { linux: { uid: 0, gid: 0, supplementalGroups: [0, 5] } },
    },
    {
      name: 'second',
      image: 'nginx',
      imageID: 'sha256:2',
      ready: false,
      restartCount: 0,
      state: { terminated: ended },
    },
  ],
};
