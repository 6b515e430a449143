import control from '../../src/controls/RD-2.3.2.ts';
import { read } from '../../src/domain/snapshot.ts';
import { input, pod, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { isolationCases } from '../support/isolation-cases.ts';
import { policy } from '../support/policies.ts';

const given = (spec: Record<string, unknown>) =>
  input({
    workloads: read([workload({ kind: 'Pod', pods: [pod()] })]),
    networkPolicies: read([policy('p', spec)]),
  });

describeControl(control, {
  ...isolationCases('Egress'),
  'fails a policy without types and egress rules, which is for ingress only': {
    given: given({ ingress: [{}] }),
    status: 'Fail',
  },
  'fails egress: [] without types, which looks like a denial and is none': {
    given: given({ egress: [] }),
    status: 'Fail',
  },
  'passes one egress rule without types': {
    given: given({ egress: [{ ports: [{ port: 53 }] }] }),
    status: 'Pass',
  },
  'passes type Egress without rules, which denies all egress': {
    given: given({ policyTypes: ['Egress'] }),
    status: 'Pass',
  },
  'fails type Ingress with egress rules, which have no effect': {
    given: given({ policyTypes: ['Ingress'], egress: [{ ports: [{ port: 53 }] }] }),
    status: 'Fail',
  },
});
