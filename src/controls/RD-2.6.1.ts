import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import { allowlistOf, checkReadable, judgeMissingImages } from './shared/allowlist.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';

const readable = {
  one: 'names an image by a reference that cannot be read',
  many: 'name images by references that cannot be read',
  pass: 'Every image reference can be read',
};
const allowed = {
  one: 'uses images from elsewhere than the allowed registries',
  many: 'use images from elsewhere than the allowed registries',
  pass: 'Every image is from an allowed registry',
};

function evaluate(input: EvaluationInput): Verdict {
  const { entries, problems, check } = allowlistOf(input.parameters['images.allowedRegistries']);
  // What cannot be read breaks the rule, whatever the allowlist is.
  const unreadable = judgeSpecs(input, checkReadable, readable);
  if (unreadable.status === 'Unknown' || unreadable.status === 'NotApplicable') return unreadable;
  if (entries.length + problems.length === 0) {
    const message = 'No allowlist of registries is configured: images.allowedRegistries is empty.';
    return unreadable.status === 'Fail' ? unreadable : unknown('NoEvidence', message);
  }
  const verdict = judgeSpecs(input, check, allowed);
  if (problems.length > 0 && verdict.status !== 'Pass') {
    if (unreadable.status === 'Fail') return unreadable;
    // The entry that cannot be read may be the one that allows what no other does.
    return unknown('EvaluationError', problems.join(' '), verdict.findings);
  }
  return verdict.status === 'Fail' ? verdict : (judgeMissingImages(input) ?? verdict);
}

const control: BaseControl = {
  id: 'RD-2.6.1',
  title: 'Image references point to allowlisted registries',
  requirement: '§2: requiring container images to be pulled from only allowlisted container registries',
  severity: 'high',
  scope: 'container',
  rationale:
    'Whoever may name any registry runs any code. An allowlist keeps images to the places that the platform scans, signs and controls, and a mistyped or look-alike name from being pulled.',
  rule:
    'Each image of a container, init container, ephemeral container or image volume is brought to its full name by the grammar of distribution/reference: without a registry it is of docker.io, index.docker.io is docker.io, docker.io/x is docker.io/library/x, no tag and no digest means latest, the host is in lower case and without :443. ' +
    'An entry of images.allowedRegistries allows it when the host and port are equal, and its path, if it has one, is equal to the repository or to its first whole segments; with a tag or digest the path must be the whole repository and the tag or digest the same. "*." before the host stands for exactly one label, "/*" after the path for what lies below it. ' +
    'Pass: an entry allows every image. Fail: none does, or the reference cannot be read. ' +
    'Unknown (NoEvidence): images.allowedRegistries is empty. Unknown (EvaluationError): a template without live pods leaves its image to be filled in, or an entry cannot be read and no other allows the image. ' +
    commonRule,
  notes: [
    'The host is compared whole: registry.example.com allows neither registry.example.com.evil.io/x nor registry.example.com:8443/x. Punycode (xn--) is compared as it is written.',
    'User information (registry.example.com@evil.io/x) is never part of a reference; it cannot be read, and fails, as does a bare image ID, which names no registry.',
    'An entry h.example/team allows h.example/team and h.example/team/app, and not h.example/team-evil/app; h.example/team/* leaves out h.example/team itself.',
    '"busybox" is docker.io/library/busybox: the entry docker.io allows it, and so does docker.io/library, which allows official images only.',
    '*.example.com allows a.example.com, and neither example.com nor a.b.example.com, as in the matchImages of the kubelet.',
    'When a reference has both a tag and a digest, runtimes pull by the digest. An entry with a tag then checks what is written; where the version matters, write the digest into the entry.',
    'A template whose image is rewritten on admission to an allowed registry passes with a warning: without the rewriting it would pull from elsewhere.',
    "What a registry mirror in the configuration of the node's runtime serves in the place of a name is not visible here.",
  ],
  remediation:
    'Copy the image to an allowed registry, or let that registry proxy its source, and change the reference; or add its registry to images.allowedRegistries of the ComplianceProfile.',
  evidence: ['workloads'],
  parameters: ['images.allowedRegistries'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7(5)', 'SI-7', 'SR-3', 'SR-11'],
    nist800190: ['4.1.5', '4.2.1'],
    cis: ['5.5.1'],
    nsaCisa: ['Building secure container images'],
    srg: ['SRG-APP-000131-CTR-000285 (V-233065)'],
    trivy: ['KSV-0125', 'KSV-0032 (legacy)', 'KSV-0033 (legacy)', 'KSV-0034 (legacy)', 'KSV-0035 (legacy)'],
    kubescape: ['C-0078', 'C-0001', 'C-0304'],
    other: [
      'kyverno restrict-image-registries',
      'kyverno allowed-image-repos',
      'gatekeeper allowedrepos',
      'gatekeeper allowedreposv2',
      'DISA Container Hardening Process Guide V1R2 §2.1 (through a paraphrase)',
    ],
  },
  evaluate,
};
export default control;
