import type { ContainerSecurity, PodSecurity, SharedSecurity } from '../../domain/pod-spec.ts';
import type { Json } from '../fields.ts';
import {
  booleanField,
  integerField,
  listField,
  objectField,
  objectsField,
  ShapeError,
  stringField,
  stringsField,
} from '../fields.ts';
import { present } from '../present.ts';

/** `spec.securityContext` of a pod; absent is empty. */
export function projectPodSecurity(spec: Json, path: string): PodSecurity {
  const context = objectField(spec, 'securityContext', path);
  if (context === undefined) return {};
  const at = `${path}.securityContext`;
  return present({
    ...projectShared(context, at),
    fsGroup: integerField(context, 'fsGroup', at),
    supplementalGroups: projectGroups(context, at),
    sysctls: projectSysctls(context, at),
  });
}

/** `securityContext` of a container; absent is empty. */
export function projectContainerSecurity(container: Json, path: string): ContainerSecurity {
  const context = objectField(container, 'securityContext', path);
  if (context === undefined) return {};
  const at = `${path}.securityContext`;
  return present({
    ...projectShared(context, at),
    privileged: booleanField(context, 'privileged', at),
    allowPrivilegeEscalation: booleanField(context, 'allowPrivilegeEscalation', at),
    procMount: stringField(context, 'procMount', at),
    readOnlyRootFilesystem: booleanField(context, 'readOnlyRootFilesystem', at),
    capabilities: projectCapabilities(context, at),
  });
}

function projectShared(context: Json, path: string): SharedSecurity {
  return present({
    runAsUser: integerField(context, 'runAsUser', path),
    runAsGroup: integerField(context, 'runAsGroup', path),
    runAsNonRoot: booleanField(context, 'runAsNonRoot', path),
    seccomp: profileType(context, 'seccompProfile', path),
    appArmor: profileType(context, 'appArmorProfile', path),
    seLinux: projectSeLinux(context, path),
    windows: projectWindows(context, path),
  });
}

/** A profile without a type is an explicit value that is none of the good ones: '' and not absent. */
function profileType(context: Json, key: string, path: string): string | undefined {
  const profile = objectField(context, key, path);
  return profile && (stringField(profile, 'type', `${path}.${key}`) ?? '');
}

function projectSeLinux(context: Json, path: string): SharedSecurity['seLinux'] {
  const options = objectField(context, 'seLinuxOptions', path);
  const at = `${path}.seLinuxOptions`;
  return (
    options &&
    present({
      type: stringField(options, 'type', at),
      user: stringField(options, 'user', at),
      role: stringField(options, 'role', at),
    })
  );
}

function projectWindows(context: Json, path: string): SharedSecurity['windows'] {
  const options = objectField(context, 'windowsOptions', path);
  const at = `${path}.windowsOptions`;
  return (
    options &&
    present({
      hostProcess: booleanField(options, 'hostProcess', at),
      runAsUserName: stringField(options, 'runAsUserName', at),
    })
  );
}

function projectCapabilities(context: Json, path: string): ContainerSecurity['capabilities'] {
  const capabilities = objectField(context, 'capabilities', path);
  const at = `${path}.capabilities`;
  return (
    capabilities && {
      add: stringsField(capabilities, 'add', at),
      drop: stringsField(capabilities, 'drop', at),
    }
  );
}

function projectGroups(context: Json, path: string): readonly number[] | undefined {
  const groups = listField(context, 'supplementalGroups', path).map((group, index) => {
    if (typeof group === 'number' && Number.isSafeInteger(group)) return group;
    throw new ShapeError(`${path}.supplementalGroups[${index}]`, 'an integer', group);
  });
  return groups.length === 0 ? undefined : groups;
}

function projectSysctls(context: Json, path: string): readonly string[] | undefined {
  const names = objectsField(context, 'sysctls', path).map(
    (sysctl, index) => stringField(sysctl, 'name', `${path}.sysctls[${index}]`) ?? '',
  );
  return names.length === 0 ? undefined : names;
}
