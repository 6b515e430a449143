import { join } from 'node:path';

/** Arguments of a command; `extra` replaces every flag of `flags` that it names. */
export function mergeFlags(flags: readonly string[], extra: readonly string[]): string[] {
  const nameOf = (flag: string) => flag.split('=', 1)[0];
  const named = new Set(extra.map(nameOf));
  return [...flags.filter((flag) => !named.has(nameOf(flag))), ...extra];
}

/** Relative, to the folder that the parts run in: the path of a socket may not be longer than about 100 bytes. */
const etcdSocket = 'unix://etcd.sock';

/**
 * etcd on a socket in our own folder: without TLS a port would be an open door to the cluster for every user of the
 * machine. What it would advertise to peers is asked for, and used by nobody. Nothing here is worth keeping through
 * a crash of the machine, so nothing waits for the disk.
 */
export function etcdFlags(folder: string): string[] {
  const nowhere = 'http://127.0.0.1:1';
  return [
    '--name=plumbline',
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${etcdSocket}`,
    `--advertise-client-urls=${nowhere}`,
    '--listen-peer-urls=unix://peer.sock',
    `--initial-advertise-peer-urls=${nowhere}`,
    `--initial-cluster=plumbline=${nowhere}`,
    '--unsafe-no-fsync',
    '--quota-backend-bytes=8589934592',
    '--log-level=warn',
  ];
}

export function apiServerFlags(folder: string, port: number, disabledAdmission: readonly string[]): string[] {
  return [
    `--etcd-servers=${etcdSocket}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'certs')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--service-cluster-ip-range=10.0.0.0/16',
    `--disable-admission-plugins=${disabledAdmission.join(',')}`,
    // Privileged pods are what some controls are about; real clusters let them in, this server's default does not.
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
  ];
}

export function controllerManagerFlags(folder: string, kubeconfig: string, caFile: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${caFile}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}

export function schedulerFlags(kubeconfig: string): string[] {
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
}

export function kwokFlags(kubeconfig: string, stages: readonly string[]): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--manage-all-nodes=true',
    '--node-ip=10.1.0.1',
    '--cidr=10.2.0.0/15',
    '--node-lease-duration-seconds=40',
    ...stages.map((stage) => `--config=${stage}`),
  ];
}
