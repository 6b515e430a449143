import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { ImageReference } from '../domain/image-reference.ts';
import { formatImageReference, isParseFailure, parseImageReference } from '../domain/image-reference.ts';
import type { Container } from '../domain/pod-spec.ts';
import { containerPath } from '../domain/pod-spec.ts';
import { matches, parseRegistryEntry } from '../domain/registry-entry.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Pod, Workload } from '../domain/workload.ts';
import { allowlistOf } from './shared/allowlist.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads } from './shared/judge-workloads.ts';
import { distinctPods, exampleOf, unseenInManifests } from './shared/live-pods.ts';

type Origin = { readonly status: 'Fail' | 'Warn'; readonly message: string } | 'good' | 'unnamed';

/** `docker://sha256:…` and `sha256:…` name an image by its content alone; the empty text says nothing at all. */
function originOf(imageId: string, written: string, { parameters }: EvaluationInput): Origin {
  const { entries } = allowlistOf(parameters['images.allowedRegistries']);
  const text = imageId.replace(/^docker(?:-pullable)?:\/\//, '');
  if (!text.includes('@')) return 'unnamed';
  const found = parseImageReference(text);
  if (isParseFailure(found)) return { status: 'Fail', message: `The image that runs ${found.problem}.` };
  const asked = parseImageReference(written);
  const allows = (reference: ImageReference) => entries.some((entry) => matches(entry, reference));
  const mirrored =
    !isParseFailure(asked) && allows(asked) && isMirrored(asked, found, parameters['images.mirrors']);
  if (allows(found) || mirrored) {
    if (!imageId.startsWith('docker-pullable://')) return 'good';
    return {
      status: 'Warn',
      message: 'The runtime reports it in the form of docker, which is no longer supported.',
    };
  }
  const name = formatImageReference({ ...found, digest: found.digest ?? '' });
  if (!isParseFailure(asked) && asked.digest !== undefined && asked.digest === found.digest)
    return { status: 'Warn', message: `It has the digest that was asked for, and is reported as ${name}.` };
  return { status: 'Fail', message: `No entry of the allowlist allows ${name}, which runs.` };
}

function isMirrored(
  asked: ImageReference,
  found: ImageReference,
  mirrors: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(mirrors).some(([source, mirror]) => {
    const [from, to] = [parseRegistryEntry(source), parseRegistryEntry(mirror)];
    return !isParseFailure(from) && !isParseFailure(to) && matches(from, asked) && matches(to, found);
  });
}

function judge(input: EvaluationInput, workload: Workload): WorkloadIssue | 'good' | 'out' {
  const found = distinctPods(workload).flatMap((pod) =>
    pod.spec.containers.flatMap((container) => {
      const imageId = pod.running[container.name]?.imageId;
      if (imageId === undefined && pod.containers[container.name]?.started !== true) return [];
      const origin = originOf(imageId ?? '', container.image, input);
      return [{ pod, container, imageId: imageId ?? '', origin }];
    }),
  );
  if (found.length === 0) return 'out';
  for (const status of ['Fail', 'Warn'] as const) {
    const findings = new Map<string, Finding>();
    for (const { pod, container, imageId, origin } of found) {
      if (typeof origin !== 'object' || origin.status !== status) continue;
      const key = `${container.name} ${imageId}`;
      if (!findings.has(key)) findings.set(key, findingOf(workload, pod, container, imageId, origin.message));
    }
    if (status === 'Warn' && found.some(({ origin }) => origin === 'unnamed')) {
      const message = `Of images that ${workload.kind} ${workload.name} runs, the runtime reports no registry.`;
      return { status: 'Unknown', findings: [], message };
    }
    if (findings.size > 0) return { status, findings: [...findings.values()] };
  }
  return 'good';
}

const findingOf = (
  workload: Workload,
  pod: Pod,
  container: Container,
  observed: string,
  message: string,
): Finding => ({
  subject: { kind: workload.kind, name: workload.name, container: container.name },
  ...exampleOf(workload, pod),
  path: `${containerPath(container)}.image`,
  observed,
  message,
});

function evaluate(input: EvaluationInput): Verdict {
  const unseen = unseenInManifests(input.snapshot);
  if (unseen !== undefined) return unseen;
  const verdict = judgeWorkloads(input, (workload) => judge(input, workload), {
    one: 'runs images from elsewhere than the allowed registries',
    many: 'run images from elsewhere than the allowed registries',
    pass: 'Every image that runs is from an allowed registry',
    warn: { one: 'runs images whose source is doubtful', many: 'run images whose source is doubtful' },
    none: { reason: 'NothingRuns', message: 'No container of the namespace has started.' },
  });
  if (verdict.status === 'NotApplicable' || !input.snapshot.workloads.available) return verdict;
  if (input.parameters['images.allowedRegistries'].length > 0) return verdict;
  return unknown(
    'NoEvidence',
    'No allowlist of registries is configured: images.allowedRegistries is empty.',
  );
}

const control: BaseControl = {
  id: 'RD-2.6.2',
  title: 'The image that actually runs came from an allowlisted registry',
  requirement: '§2: requiring container images to be pulled from only allowlisted container registries',
  severity: 'medium',
  scope: 'container',
  rationale:
    'A specification names an image; a mirror, or an image that lies on the node under the same name, may put another in its place.',
  rule: 'Of every container that has started, by the image that its runtime reports. Entries are compared as in RD-2.6.1. Pass: an entry of images.allowedRegistries allows it, or allows what was written, where images.mirrors names the mirror. Warn: it is reported in the form docker-pullable://, or elsewhere under the digest that was asked for. Fail: no entry allows it. Unknown (PartialEvidence): the runtime names no registry (sha256:… alone), or no image at all. Unknown (NoEvidence): images.allowedRegistries is empty, or only manifests are there. NotApplicable (NoWorkloads, NothingRuns): no container has started. Unknown: the workloads could not be read.',
  notes: [
    'One image may lie on a node under several names, and runtimes report the first: that is why the digest that was asked for only warns.',
    'containerd reports the name that was asked for also where a mirror served it.',
    'Scan reports are not asked for the registry where the runtime names none: they name the image that was asked for, and not where the node has it from.',
  ],
  remediation: 'Pull by the full name, and list the mirrors of the runtime in images.mirrors.',
  evidence: ['workloads'],
  parameters: ['images.allowedRegistries', 'images.mirrors'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-7', 'CM-7(5)'],
    nist800190: ['4.1.5'],
    cis: ['5.5.1'],
  },
  evaluate,
};
export default control;
