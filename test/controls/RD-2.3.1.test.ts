import control from '../../src/controls/RD-2.3.1.ts';
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
  ...isolationCases('Ingress'),
  'passes a policy without types and rules, which denies all ingress': { given: given({}), status: 'Pass' },
  'passes a policy without types that has only egress rules, since it is for ingress too': {
    given: given({ egress: [{}] }),
    status: 'Pass',
  },
  'takes an empty list of types for none': { given: given({ policyTypes: [] }), status: 'Pass' },
  'passes a policy that allows everything: RD-2.3.4 does not': {
    given: given({ ingress: [{}] }),
    status: 'Pass',
  },
  'fails a policy of type Egress with ingress rules, which have no effect': {
    given: given({ policyTypes: ['Egress'], ingress: [{ from: [{ podSelector: {} }] }] }),
    status: 'Fail',
  },
});
