import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import type { Pod, Workload } from '../../src/domain/workload.ts';
import { read } from '../../src/domain/snapshot.ts';
import { evaluateNamespace } from '../../src/evaluate/evaluate-namespace.ts';
import { builtInProfile } from '../../src/evaluate/profile.ts';
import { container, now, pod, podSpec, snapshot, template, workload } from '../support/builders.ts';
import { policy, selecting } from '../support/policies.ts';

const careless = (kind: Pick<Workload, 'kind' | 'name'>, hostNetwork = false) => {
  const spec = podSpec({ hostNetwork, containers: [container({ security: { privileged: true } })] });
  const labels = { app: kind.name };
  return (names: readonly string[], overrides: Partial<Pod> = {}) =>
    workload({
      ...kind,
      template: template({ labels, spec }),
      pods: names.map((name) => pod({ name, labels, spec, ...overrides })),
    });
};

const web = careless({ kind: 'Deployment', name: 'web' });
const nightly = careless({ kind: 'CronJob', name: 'nightly' });
const agent = careless({ kind: 'DaemonSet', name: 'agent' }, true);

function report(workloads: readonly Workload[]): string {
  const { status } = evaluateNamespace({
    snapshot: snapshot({
      workloads: read(workloads),
      networkPolicies: read([policy('db', { podSelector: selecting('db') })]),
    }),
    profile: builtInProfile(catalogue),
    now,
    onError: (_control, error) => {
      throw error;
    },
  });
  return JSON.stringify(status);
}

describe('a report of pods that come and go', () => {
  it('stays the same to the byte while their templates show what is wrong', () => {
    const before = report([
      web(['web-5d4f8-a', 'web-5d4f8-b']),
      nightly(['nightly-1-x']),
      agent(['agent-p']),
    ]);
    const after = report([web(['web-77b9c-c', 'web-77b9c-d']), nightly(['nightly-2-y']), agent(['agent-q'])]);
    expect(before).to.contain('RD-2.2.2').and.to.contain('"securityContext.privileged"');
    expect(after).to.equal(before);
  });

  it('names a pod that shows what its template does not', () => {
    const injected = podSpec({
      containers: [container(), container({ name: 'proxy', index: 1, security: { privileged: true } })],
    });
    expect(report([web(['web-77b9c-c'], { spec: injected })])).to.contain('"example":"web-77b9c-c"');
  });
});
