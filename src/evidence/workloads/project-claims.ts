import type { Json } from '../fields.ts';
import { objectField, objectsField, stringField } from '../fields.ts';

/** As many claims of a StatefulSet without pods are named; nobody writes so many replicas but by mistake. */
const maxOrdinals = 1000;

/**
 * Names of the PersistentVolumeClaims of a pod specification.
 * @param podName of a pod: its generic ephemeral volumes have claims that are named after it
 */
export function projectClaims(spec: Json, path: string, podName?: string): string[] {
  return objectsField(spec, 'volumes', path).flatMap((volume, index) => {
    const at = `${path}.volumes[${index}]`;
    const claim = objectField(volume, 'persistentVolumeClaim', at);
    const name = claim && stringField(claim, 'claimName', `${at}.persistentVolumeClaim`);
    if (name !== undefined) return [name];
    const ephemeral = podName !== undefined && objectField(volume, 'ephemeral', at) !== undefined;
    return ephemeral ? [`${podName}-${stringField(volume, 'name', at) ?? ''}`] : [];
  });
}

/** `<template>-<set>-<ordinal>`, for one pod at least: a set that is scaled to none keeps its claims. */
export function projectClaimTemplates(spec: Json, set: string, replicas: number, start: number): string[] {
  const ordinals = Math.min(Math.max(replicas, 1), maxOrdinals);
  return objectsField(spec, 'volumeClaimTemplates', 'spec').flatMap((template, index) => {
    const at = `spec.volumeClaimTemplates[${index}]`;
    const metadata = objectField(template, 'metadata', at) ?? {};
    const name = stringField(metadata, 'name', `${at}.metadata`);
    if (name === undefined) return [];
    return Array.from({ length: ordinals }, (_, ordinal) => `${name}-${set}-${start + ordinal}`);
  });
}
