import type { StatedResources } from '../../domain/container-process.ts';
import type { PodSpec } from '../../domain/pod-spec.ts';

/** The first minor of which every cluster takes `spec.resources`; before, it is dropped where nobody has switched it on. */
const firstMinor = 34;

/** What a pod states for all its containers together, where the server reads it. */
export const podResources = ({ settings }: PodSpec, minor: number): StatedResources | undefined =>
  minor < firstMinor ? undefined : settings.resources;

export const podResourcesNote = `What is set for the pod as a whole (spec.resources) counts from Kubernetes 1.${firstMinor} on; servers before that drop it.`;
