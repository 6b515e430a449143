import { asObject, booleanField, objectField, stringField, stringMapField } from '../fields.ts';
import { present } from '../present.ts';
import { nameOf } from '../volumes/name-of.ts';

/** The functions of this file throw a ShapeError when a field has another type than the API gives it. */

/** Where Cilium's agents are told what to do, in their own namespace. */
export const ciliumConfigMap = 'cilium-config';

export interface CiliumSettings {
  /** Of all else that stands there nothing is kept. */
  readonly hubble: boolean;
}

/** @returns undefined for every other ConfigMap */
export function projectCiliumSettings(object: unknown): CiliumSettings | undefined {
  const from = asObject(object, '');
  if (nameOf(objectField(from, 'metadata', '') ?? {}) !== ciliumConfigMap) return undefined;
  const data = stringMapField(from, 'data', '') ?? {};
  return { hubble: data['enable-hubble'] === 'true' };
}

/** Settings of Calico's agents: of all (`default`), or of one node (`node.<name>`), which count before these. */
export interface FelixSettings {
  readonly name: string;
  /** Absent where it does not say. */
  readonly flowLogs?: boolean;
}

/** Flow logs go into files (in Calico Enterprise), or to a server such as Goldmane. */
export function projectFelixSettings(object: unknown): FelixSettings {
  const from = asObject(object, '');
  const spec = objectField(from, 'spec', '') ?? {};
  const inFiles = booleanField(spec, 'flowLogsFileEnabled', 'spec');
  const server = stringField(spec, 'flowLogsGoldmaneServer', 'spec');
  const said = inFiles !== undefined || server !== undefined;
  const flowLogs = said ? inFiles === true || (server ?? '') !== '' : undefined;
  return present({ name: nameOf(objectField(from, 'metadata', '') ?? {}), flowLogs });
}

/** Both APIs of Calico; the second is served by its own API server, or as a definition like the first. */
export const felixResources = [
  { group: 'crd.projectcalico.org', version: 'v1', plural: 'felixconfigurations', namespaced: false },
  { group: 'projectcalico.org', version: 'v3', plural: 'felixconfigurations', namespaced: false },
] as const;
