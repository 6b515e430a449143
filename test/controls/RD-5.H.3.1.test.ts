import control from '../../src/controls/RD-5.H.3.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { input, pod, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

describeControl(control, {
  'asks a person, and never passes by itself': {
    given: input({ workloads: read([workload({ pods: [pod()] })]) }),
    status: 'Manual',
    reason: 'NotAttested',
    message: /^To be answered by a person: .* namespace shop .*\? Nobody has attested it\.$/,
  },
  'asks nobody where nothing runs': { given: input(), status: 'NotApplicable', reason: 'NoWorkloads' },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
