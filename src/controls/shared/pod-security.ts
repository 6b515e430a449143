import type { Container, PodSpec, SharedSecurity } from '../../domain/pod-spec.ts';
import { containerPath } from '../../domain/pod-spec.ts';
import type { Exemption, Issue, SpecCheck, SpecContext } from './spec-check.ts';

/** What the Pod Security Standards share from rule to rule: levels, inheritance, Windows, user namespaces. */

/** Below the securityContext, where each shared value stands. */
const fields: { readonly [K in keyof Required<SharedSecurity>]: string } = {
  runAsUser: 'runAsUser',
  runAsGroup: 'runAsGroup',
  runAsNonRoot: 'runAsNonRoot',
  seccomp: 'seccompProfile.type',
  appArmor: 'appArmorProfile.type',
  seLinux: 'seLinuxOptions',
  windows: 'windowsOptions',
};

export interface Setting<K extends keyof SharedSecurity> {
  /** Absent at pod level. */
  readonly container?: Container;
  readonly value: NonNullable<SharedSecurity[K]>;
  readonly path: string;
}

/**
 * Every place that sets the value, the pod's first. The standard refuses a bad value wherever it is written, also at
 * pod level when every container overrides it.
 */
export function settingsOf<K extends keyof SharedSecurity>(spec: PodSpec, key: K): readonly Setting<K>[] {
  const places: { container?: Container; security: SharedSecurity; at: string }[] = [
    { security: spec.security, at: 'spec' },
    ...spec.containers.map((container) => ({
      container,
      security: container.security,
      at: containerPath(container),
    })),
  ];
  return places.flatMap(({ container, security, at }) => {
    const value = security[key];
    if (value === undefined) return [];
    return [{ ...(container && { container }), value, path: `${at}.securityContext.${fields[key]}` }];
  });
}

/** The value that holds for a container (its own, else its pod's), and where it stands or should stand. */
export function effective<K extends keyof SharedSecurity>(
  spec: PodSpec,
  container: Container,
  key: K,
): { readonly value: SharedSecurity[K]; readonly path: string } {
  const inherited = container.security[key] === undefined && spec.security[key] !== undefined;
  return {
    value: container.security[key] ?? spec.security[key],
    path: `${inherited ? 'spec' : containerPath(container)}.securityContext.${fields[key]}`,
  };
}

/** Only the operating system that the pod declares counts, not a node selector; so does the admission controller. */
export const isWindows = (spec: PodSpec): boolean => spec.os === 'windows';

export const windowsExempt: Exemption = {
  reason: 'Windows',
  exempt: 'Windows pods (spec.os.name) have no such setting',
};

/** A rule of the Restricted level from which Windows pods are exempt since Kubernetes 1.25. */
export function exceptOnWindows(check: SpecCheck): SpecCheck {
  return (spec, context) =>
    context.level === 'restricted' && context.minor >= 25 && isWindows(spec)
      ? windowsExempt
      : check(spec, context);
}

/** A rule that the Baseline level does not have. */
export function restrictedOnly(check: SpecCheck): SpecCheck {
  return (spec, context) => (context.level === 'restricted' ? check(spec, context) : []);
}

/** Root in a pod with a user namespace of its own is not root on the node; the standard knows that since 1.35. */
export const inUserNamespace = (spec: PodSpec, { minor, parameters }: SpecContext): boolean =>
  spec.hostUsers === false && minor >= 35 && parameters['podSecurity.userNamespaces'] === 'relax';

/** Excuses a pod with a user namespace of its own, and says so. */
export function relaxedInUserNamespace(check: SpecCheck): SpecCheck {
  return (spec, context) => {
    const found = check(spec, context);
    if (!inUserNamespace(spec, context) || !Array.isArray(found) || found.length === 0) return found;
    return [excused];
  };
}

const excused: Issue = {
  path: 'spec.hostUsers',
  observed: 'false',
  message: 'root that exists only inside a user namespace (hostUsers: false)',
  weight: 'note',
  reason: 'UserNamespace',
};
