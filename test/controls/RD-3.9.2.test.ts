import control from '../../src/controls/RD-3.9.2.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { input, pod, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const running = { workloads: read([workload({ pods: [pod()] })]) };
const on = { 'images.readPullSecrets': true };

describeControl(control, {
  'asks a person': {
    given: input(running),
    status: 'Manual',
    reason: 'NotAttested',
    message:
      'To be answered by a person: is every private registry that namespace shop pulls from asked with credentials of its own, and over TLS? Nobody has attested it.',
  },
  'says that Secrets are not read where that is asked for, and calls nothing forbidden that nobody tried': {
    given: input(running, on),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      'Pull secrets are not read by this version, though images.readPullSecrets asks for their registry hosts.',
  },
  'does not apply to a namespace without workloads': {
    given: input({}, on),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Pods may not be listed.',
  },
});
