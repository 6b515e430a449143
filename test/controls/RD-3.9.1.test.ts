import control from '../../src/controls/RD-3.9.1.ts';
import { unread } from '../../src/domain/snapshot.ts';
import { input } from '../support/builders.ts';
import type { Manifest } from '../support/control-cases.ts';
import { deploymentOf, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const running = (image: string): Manifest => ({ spec: { containers: [{ name: 'app', image }] } });
const lists = (own: string[], allowed: string[]) => ({
  parameters: { 'images.primaryRegistries': own, 'images.allowedRegistries': allowed },
});
const both = lists(['harbor.example'], ['harbor.example', 'quay.io']);
const own = running('harbor.example/app:1');
const third = running('quay.io/app:1');

describeControl(control, {
  'passes an image of your own registry': { given: podOf(own, both), status: 'Pass' },
  'passes it without an allowlist': { given: podOf(own, lists(['harbor.example'], [])), status: 'Pass' },
  'warns of an image of a third party': {
    given: podOf(third, both),
    status: 'Warn',
    message: '1 of 1 workload uses images of third parties.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].image',
        observed: 'quay.io/app:1',
        message: 'quay.io/app:1 is from a third party.',
      },
    ],
  },
  'fails an image from elsewhere': { given: podOf(running('evil.io/app:1'), both), status: 'Fail' },
  'fails it also while your own registries are not named': {
    given: podOf(running('evil.io/app:1'), lists([], ['quay.io'])),
    status: 'Fail',
  },
  'fails a host that goes on behind your own': {
    given: podOf(running('harbor.example.evil.io/x'), both),
    status: 'Fail',
  },
  'fails a reference that cannot be read': {
    given: podOf(running('harbor.example/App'), both),
    status: 'Fail',
  },
  'warns where only admission makes it your own': {
    given: deploymentOf(own, running('evil.io/app'), both),
    status: 'Warn',
    reason: 'CompliantByMutation',
  },
  'does not know whose an allowed image is while your own registries are not named': {
    given: podOf(third, lists([], ['quay.io'])),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'Where images may come from is not said: images.primaryRegistries is empty.',
  },
  'does not know whose an image is that is not your own while nothing is allowed': {
    given: podOf(third, lists(['harbor.example'], [])),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'knows nothing without both lists': {
    given: podOf(own),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      'Where images may come from is not said: images.primaryRegistries and images.allowedRegistries are empty.',
  },
  'does not pass an image that is filled in on admission': {
    given: templateOf(running(''), both),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
