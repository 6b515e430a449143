import type { PodSpec } from '../../domain/pod-spec.ts';
import type { Gap } from '../../domain/snapshot.ts';
import type { TemplateRef, WorkloadObject } from '../workloads/project-workload.ts';
import type { Manifest } from './documents.ts';
import type { Identity } from './identify.ts';

/** Of an object that makes pods and is of a kind that is not read. */
export const unreadGap = ({ file, line }: Manifest, { apiVersion, kind, name }: Identity): Gap => ({
  reason: 'PartialEvidence',
  message: `${file}:${line}: ${kind} ${name} has a pod template, and ${kind} of ${apiVersion} is not read.`,
});

/** A Rollout may run the template of a Deployment, which is then judged as that Deployment's. */
export function templateGap(owners: readonly WorkloadObject[]): Gap | undefined {
  const isThere = ({ group, kind, name }: TemplateRef) =>
    kind === 'Deployment' &&
    owners.some((owner) => owner.kind === kind && owner.group === group && owner.name === name);
  const lacking = owners.find(({ templateFrom }) => templateFrom !== undefined && !isThere(templateFrom));
  if (lacking?.templateFrom === undefined) return undefined;
  const { kind, name } = lacking.templateFrom;
  const missing = kind === 'Deployment' ? 'which is not among the manifests' : 'whose template is not read';
  return {
    reason: 'PartialEvidence',
    message: `Rollout ${lacking.name} runs what ${kind} ${name} says, ${missing}.`,
  };
}

/** No server takes a pod without containers: what it would run stands elsewhere. */
export function bareGap(
  { containers }: PodSpec,
  { file, line }: Manifest,
  { kind, name }: Identity,
): Gap | undefined {
  if (containers.some((each) => each.kind === 'container')) return undefined;
  const message = `${file}:${line}: ${kind} ${name} has no containers: it is a patch, or half of a manifest.`;
  return { reason: 'PartialEvidence', message };
}
