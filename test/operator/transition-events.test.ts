import { expect } from 'chai';
import { statuses } from '../../src/domain/verdict.ts';
import { longestNote } from '../../src/kube/event.ts';
import { transitionEvents } from '../../src/operator/transition-events.ts';

const since = Date.parse('2026-01-01T12:00:00Z');

const transition = (control: string, from: string, to: string, time = '2026-01-01T12:00:30Z') => ({
  control,
  from,
  to,
  time,
});

const row = (id: string, status: string, message = 'Two workloads run as root.') => ({
  id,
  title: 'Containers do not run as root',
  status,
  message,
});

function report(transitions: unknown, controls: unknown = [], metadata: object = {}) {
  const identity = { namespace: 'shop', name: 'reference-design', uid: 'u-1', resourceVersion: '7' };
  return { metadata: { ...identity, ...metadata }, status: { transitions, controls } };
}

const tell = (object: ReturnType<typeof report>, from = since) =>
  transitionEvents('ComplianceReport', object, from, 'plumbline-0');

describe('transitionEvents', () => {
  it('tells what changed, why, and of which object', () => {
    const events = tell(report([transition('RD-2.2.9', 'Pass', 'Fail')], [row('RD-2.2.9', 'Fail')]));
    expect(events).to.have.length(1);
    expect(events[0]).to.deep.include({
      namespace: 'shop',
      at: Date.parse('2026-01-01T12:00:30Z'),
      type: 'Warning',
      reason: 'ControlFailed',
      action: 'Evaluate',
      note: 'RD-2.2.9 Containers do not run as root: Pass to Fail. Two workloads run as root.',
      regarding: {
        apiVersion: 'plumbline.dev/v1alpha1',
        kind: 'ComplianceReport',
        namespace: 'shop',
        name: 'reference-design',
        uid: 'u-1',
      },
      reportingController: 'plumbline.dev/operator',
      reportingInstance: 'plumbline-0',
    });
    expect(events[0]?.name).to.match(/^reference-design\.[0-9a-f]{20}$/);
  });

  it('warns of what fails or is not known, and of nothing else', () => {
    const warned = statuses.filter(
      (status) => tell(report([transition('RD-2.2.9', 'Manual', status)]))[0]?.type === 'Warning',
    );
    expect(warned).to.have.members(['Fail', 'Unknown']);
  });

  it('has a reason for every status', () => {
    const reasons = statuses.map((status) => tell(report([transition('A', 'Pass', status)]))[0]?.reason);
    expect(new Set(reasons).size).to.equal(statuses.length);
    for (const reason of reasons) expect(reason).to.match(/^Control[A-Z][A-Za-z]+$/);
  });

  it('tells nothing of long ago', () => {
    const object = report([
      transition('B', 'Pass', 'Fail'),
      transition('A', 'Pass', 'Fail', '2026-01-01T11:59:59Z'),
    ]);
    expect(tell(object).map(({ note }) => note[0])).to.deep.equal(['B']);
  });

  it('tells the oldest first, and gives what the control says now to its newest transition alone', () => {
    const object = report(
      [transition('A', 'Pass', 'Fail'), transition('A', 'Fail', 'Pass', '2026-01-01T12:00:10Z')],
      [row('A', 'Fail', 'Now.')],
    );
    expect(tell(object).map(({ note }) => note)).to.deep.equal([
      'A Containers do not run as root: Fail to Pass.',
      'A Containers do not run as root: Pass to Fail. Now.',
    ]);
  });

  it('gives the same transition the same name whenever it comes back, and each other one another', () => {
    const name = (object: ReturnType<typeof report>) => tell(object)[0]?.name;
    const first = name(report([transition('A', 'Pass', 'Fail')]));
    expect(name(report([transition('A', 'Pass', 'Fail', '2026-01-01T13:00:00Z')]))).to.equal(first);
    const others = [
      report([transition('B', 'Pass', 'Fail')]),
      report([transition('A', 'Warn', 'Fail')]),
      report([transition('A', 'Pass', 'Unknown')]),
      report([transition('A', 'Pass', 'Fail')], [], { uid: 'u-2' }),
    ].map(name);
    expect(new Set([first, ...others]).size).to.equal(5);
  });

  it('puts what is told of the cluster into the namespace "default"', () => {
    const object = report([transition('A', 'Pass', 'Fail')], [], { namespace: undefined });
    const [event] = transitionEvents('ComplianceSummary', object, since, 'plumbline-0');
    expect(event).to.deep.include({ namespace: 'default' });
    expect(event?.regarding).to.not.have.property('namespace');
  });

  it('keeps a note within what the API server takes, whatever the script it is written in', () => {
    for (const message of ['x'.repeat(5_000), '字'.repeat(500), '😀'.repeat(500)]) {
      const [event] = tell(report([transition('A', 'Pass', 'Fail')], [row('A', 'Fail', message)]));
      expect(Buffer.byteLength(event?.note ?? '')).to.be.within(900, longestNote);
      expect(event?.note).to.match(/…$/);
      expect(event?.note).to.not.include('�');
    }
  });

  it('keeps a name within what the API server takes', () => {
    const name = `${'a'.repeat(199)}.${'b'.repeat(53)}`;
    const [event] = tell(report([transition('A', 'Pass', 'Fail')], [], { name }));
    expect(event?.name).to.match(/^a{199}\.[0-9a-f]{20}$/);
  });

  for (const [what, status] of Object.entries({
    'no status': undefined,
    'no transitions': {},
    'transitions that are no list': { transitions: 'none' },
  }))
    it(`has nothing to tell of a report with ${what}`, () => {
      const object = { metadata: { name: 'a', resourceVersion: '1' }, status };
      expect(transitionEvents('ComplianceReport', object, 0, 'a')).to.deep.equal([]);
    });
});
