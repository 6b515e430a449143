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

/** Settings of Calico's agents: of all (`default`), or of one node (`node.<name>`), where each counts before that of all. */
export interface FelixSettings {
  readonly name: string;
  /** Whether flow logs go into files (in Calico Enterprise). Absent where it does not say. */
  readonly inFiles?: boolean;
  /** Whether they go to a server, such as Goldmane. Absent where it does not say. */
  readonly toServer?: boolean;
}

export function projectFelixSettings(object: unknown): FelixSettings {
  const from = asObject(object, '');
  const spec = objectField(from, 'spec', '') ?? {};
  const server = stringField(spec, 'flowLogsGoldmaneServer', 'spec');
  return present({
    name: nameOf(objectField(from, 'metadata', '') ?? {}),
    inFiles: booleanField(spec, 'flowLogsFileEnabled', 'spec'),
    toServer: server === undefined ? undefined : server !== '',
  });
}

/**
 * Whether the agent of a node tells of its flows. What its environment says it believes before any object (Felix, sources
 * of the configuration).
 * @param told by a variable
 */
export function felixShowsFlows(all: readonly FelixSettings[], node: string, told: boolean): boolean {
  const says = (setting: 'inFiles' | 'toServer') =>
    [`node.${node}`, 'default']
      .flatMap((name) => all.filter((settings) => settings.name === name))
      .find((settings) => settings[setting] !== undefined)?.[setting] === true;
  return told || says('inFiles') || says('toServer');
}

/** Both APIs of Calico; the second is served by its own API server, or as a definition like the first. */
export const felixResources = [
  { group: 'crd.projectcalico.org', version: 'v1', plural: 'felixconfigurations', namespaced: false },
  { group: 'projectcalico.org', version: 'v3', plural: 'felixconfigurations', namespaced: false },
] as const;
