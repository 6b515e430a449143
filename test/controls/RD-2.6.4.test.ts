import control from '../../src/controls/RD-2.6.4.ts';
import { read } from '../../src/domain/snapshot.ts';
import { container, input, podSpec, template, workload } from '../support/builders.ts';
import type { Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf } from '../support/control-cases.ts';

const digest = `sha256:${'a1'.repeat(32)}`;
const running = (image: string): Manifest => ({ spec: { containers: [{ name: 'app', image }] } });

/** In a namespace with these labels; without any where nobody knows them. */
const labelled = (image: string, labels?: Readonly<Record<string, string>>) =>
  input({
    namespace: { name: 'shop', ...(labels === undefined ? {} : { labels }) },
    workloads: read([
      workload({ template: template({ spec: podSpec({ containers: [container({ image })] }) }) }),
    ]),
  });
const production = { 'plumbline.dev/environment': 'production' };

describeControl(control, {
  ...commonCases(running('registry.example/app:1.0'), running('registry.example/app:latest')),
  'passes a digest, also beside latest': { given: podOf(running(`app:latest@${digest}`)), status: 'Pass' },
  'passes a digest in production': { given: labelled(`app@${digest}`, production), status: 'Pass' },
  'fails a port that looks like a tag': {
    given: podOf(running('repo:5000/app')),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].image',
        observed: 'repo:5000/app',
        message: 'Neither tag nor digest: it means latest.',
      },
    ],
  },
  'fails a malformed digest': { given: podOf(running('app@sha256:abc')), status: 'Fail' },
  'warns of a tag that moves': {
    given: podOf(running('app:stable')),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].image',
        observed: 'app:stable',
        message: 'The tag stable moves.',
      },
    ],
  },
  'passes a tag that the profile does not call moving': {
    given: podOf(running('app:stable'), { parameters: { 'images.floatingTags': ['edge'] } }),
    status: 'Pass',
  },
  'warns of a tag without a digest in production': { given: labelled('app:1.0', production), status: 'Warn' },
  'does not know what a tag means where nobody knows whether it is production': {
    given: labelled('app:1.0'),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: /in production this would be Warn, elsewhere Pass\.$/,
  },
  'fails latest even there': { given: labelled('app:latest'), status: 'Fail' },
  'does not pass an image that is filled in on admission': {
    given: labelled('', {}),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
});
