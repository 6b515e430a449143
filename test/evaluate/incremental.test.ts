import { expect } from 'chai';
import fc from 'fast-check';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import type { BaseControl } from '../../src/domain/control.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { EvaluateOptions } from '../../src/evaluate/evaluate-namespace.ts';
import { evaluateNamespace } from '../../src/evaluate/evaluate-namespace.ts';
import type { Profile } from '../../src/evaluate/profile.ts';
import type { PreviousReport } from '../../src/evaluate/report.ts';
import { longestReuseMs, VerdictMemory } from '../../src/evaluate/verdict-memory.ts';
import { now, pod, scannerSettings, snapshot, workload } from '../support/builders.ts';
import { controlThat, finding, profileOf, rollUpOf, verdict } from '../support/judging.ts';
import type { SourceField } from '../support/snapshots.ts';
import { anyGap, anyParameters, anySnapshot, sourceFields, withSource } from '../support/snapshots.ts';

const options = (rest: Partial<EvaluateOptions> & Pick<EvaluateOptions, 'profile'>): EvaluateOptions => ({
  snapshot: snapshot(),
  now,
  onError: (_control, error) => {
    throw error;
  },
  ...rest,
});

describe('what a change asks again', () => {
  /** Controls that count how often each is asked, in turn by all and one by one. */
  function asking(says: (id: string) => Verdict = () => verdict('Pass')) {
    const asked: string[] = [];
    const one = (id: string, rest: Partial<BaseControl>) =>
      controlThat(
        id,
        () => {
          asked.push(id);
          return says(id);
        },
        rest,
      );
    const controls = [
      one('RD-1.1', { evidence: ['workloads'] }),
      one('RD-1.2', { evidence: ['networkpolicies'], alsoReads: ['services'] }),
      one('RD-1.3', {
        evidence: ['workloads', 'vulnerabilityreports'],
        alsoReads: ['scannersettings'],
      }),
      one('RD-1.4', { evidence: [], parameters: ['workloads.minReplicas'] }),
    ];
    const profile = profileOf([...controls, rollUpOf('RD-9.1', ['RD-1.1', 'RD-1.2'])]);
    const memory = new VerdictMemory();
    const evaluate = (change: Partial<EvaluateOptions> = {}) => {
      asked.length = 0;
      const evaluation = evaluateNamespace(options({ profile, memory, ...change }));
      return { asked: asked.toSorted(), evaluation };
    };
    return { profile, memory, evaluate };
  }

  const first = snapshot({ namespace: { name: 'shop', labels: {} } });
  const withParameters = (profile: Profile, parameters: Partial<Parameters>): Profile => ({
    ...profile,
    parameters: { ...profile.parameters, ...parameters },
  });
  const all = ['RD-1.1', 'RD-1.2', 'RD-1.3', 'RD-1.4'];

  const cases: Record<string, [change: (profile: Profile) => Partial<EvaluateOptions>, asked: string[]]> = {
    'nothing, where nothing changed': [() => ({ snapshot: { ...first } }), []],
    'the controls of a source': [() => ({ snapshot: { ...first, networkPolicies: read([]) } }), ['RD-1.2']],
    'those that read it beside their evidence': [
      () => ({ snapshot: { ...first, services: read([]) } }),
      ['RD-1.2'],
    ],
    'those of the workloads alone': [
      () => ({ snapshot: { ...first, workloads: read([]) } }),
      ['RD-1.1', 'RD-1.3'],
    ],
    'nobody for a source that nobody reads': [() => ({ snapshot: { ...first, claims: read([]) } }), []],
    'who reads the reports, for the scanner that makes them': [
      () => ({ snapshot: { ...first, scannerSettings: read([scannerSettings()]) } }),
      ['RD-1.3'],
    ],
    'who reads the policies, for the accounts that they select by': [
      () => ({ snapshot: { ...first, serviceAccountLabels: new Map() } }),
      ['RD-1.2'],
    ],
    'everybody for the namespace': [
      () => ({ snapshot: { ...first, namespace: { name: 'shop', labels: { a: 'b' } } } }),
      all,
    ],
    'everybody for the cluster': [() => ({ snapshot: { ...first, cluster: { ...first.cluster } } }), all],
    'who lists a parameter': [
      (profile) => ({ snapshot: first, profile: withParameters(profile, { 'workloads.minReplicas': 7 }) }),
      ['RD-1.4'],
    ],
    'nobody for a profile that was written again': [
      (profile) => ({ snapshot: first, profile: withParameters(profile, {}) }),
      [],
    ],
    'everybody after fifty minutes': [() => ({ snapshot: first, now: now + longestReuseMs }), all],
    'nobody a moment before': [() => ({ snapshot: first, now: now + longestReuseMs - 1 }), []],
    'everybody when the clock was set back': [() => ({ snapshot: first, now: now - 1 }), all],
  };
  for (const [sentence, [change, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const { evaluate, profile } = asking();
      expect(evaluate({ snapshot: first }).asked).to.deep.equal(all);
      expect(evaluate(change(profile)).asked).to.deep.equal(expected);
    });
  }

  it('a control at the moment that it named, and not before', () => {
    const { evaluate } = asking((id) => verdict('Pass', id === 'RD-1.2' ? { validUntil: now + 5_000 } : {}));
    evaluate({ snapshot: first });
    expect(evaluate({ snapshot: first, now: now + 4_999 }).asked).to.deep.equal([]);
    expect(evaluate({ snapshot: first, now: now + 5_000 }).asked).to.deep.equal(['RD-1.2']);
  });

  it('a control that threw', () => {
    const { evaluate } = asking((id) => {
      if (id === 'RD-1.1') throw new Error('it is broken');
      return verdict('Pass');
    });
    const onError = () => undefined;
    for (let n = 0; n < 2; n++) {
      const { asked, evaluation } = evaluate({ snapshot: first, onError });
      expect(asked).to.include('RD-1.1');
      expect(evaluation.status.controls[0]).to.include({ id: 'RD-1.1', reason: 'EvaluationError' });
    }
    expect(evaluate({ snapshot: first, onError }).asked).to.deep.equal(['RD-1.1']);
  });

  it('what follows from a control that says something else', () => {
    let status: Verdict['status'] = 'Pass';
    const { evaluate } = asking((id) => verdict(id === 'RD-1.2' ? status : 'Pass'));
    const rollUp = (change: Partial<Snapshot>) =>
      evaluate({ snapshot: { ...first, ...change } }).evaluation.status.controls.find(
        ({ id }) => id === 'RD-9.1',
      );
    expect(rollUp({})?.status).to.equal('Pass');
    status = 'Warn';
    expect(rollUp({})?.status, 'nothing was asked').to.equal('Pass');
    expect(rollUp({ networkPolicies: read([]) })?.status).to.equal('Warn');
  });

  it('weighs what it holds by its findings, and lets go of what the profile no longer has', () => {
    const { evaluate, memory, profile } = asking(() => verdict('Fail', { findings: [finding(), finding()] }));
    evaluate({ snapshot: first });
    // Four controls with two findings each; a roll-up has none of its own.
    expect(memory.weight).to.equal(8);
    evaluate({ snapshot: first, profile: { ...profile, controls: profile.controls.slice(0, 1) } });
    expect(memory.weight).to.equal(2);
  });

  it('a specification once, however many pods have it', () => {
    let reads = 0;
    const one = pod();
    const spec = new Proxy(one.spec, {
      get(target, field): unknown {
        if (field === 'containers') reads++;
        return Reflect.get(target, field);
      },
    });
    const readsFor = (count: number) => {
      reads = 0;
      const pods = Array.from({ length: count }, (_, index) => ({ ...one, spec, name: `app-${index}` }));
      // What is remembered of a specification is remembered by the parameters.
      const profile = { ...profileOf(catalogue), parameters: { ...defaultParameters } };
      const workloads = read([workload({ pods })]);
      evaluateNamespace(options({ profile, snapshot: snapshot({ workloads }) }));
      return reads;
    };
    expect(readsFor(1)).to.be.above(20);
    expect(readsFor(10_000)).to.equal(readsFor(1));
  });
});

/** One change: some sources of another namespace, or none of one, other parameters, and time that passes. */
const anyStep = fc.record({
  from: anySnapshot,
  fields: fc.subarray([...sourceFields], { maxLength: 4 }),
  facts: fc.constantFrom('same', 'same', 'same', 'namespace', 'cluster'),
  lost: fc.option(fc.tuple(fc.constantFrom<SourceField>(...sourceFields), anyGap), { freq: 4 }),
  parameters: fc.option(anyParameters, { freq: 4 }),
  wait: fc.constantFrom(0, 1_000, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000, -60_000),
});

type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

function changed(whole: Snapshot, { from, fields, facts, lost }: Step): Snapshot {
  let next = fields.reduce((into, field) => withSource(into, field, () => from[field] as never), whole);
  if (facts === 'namespace') next = { ...next, namespace: from.namespace };
  if (facts === 'cluster') next = { ...next, cluster: from.cluster };
  if (lost === null) return next;
  const [field, gap] = lost;
  return withSource(next, field, () => unread(gap.reason, gap.message));
}

describe('an evaluation with memory', function () {
  this.timeout(120_000);

  const builtIn = profileOf(catalogue, {
    controls: catalogue.flatMap(({ id, extended }) => (extended === true ? [{ id, disabled: false }] : [])),
  });

  it('is the same to the byte as one without, after any changes and at any time', () => {
    fc.assert(
      fc.property(
        anySnapshot,
        anyParameters,
        fc.array(anyStep, { maxLength: 6 }),
        (whole, parameters, steps) => {
          const memory = new VerdictMemory();
          let given = whole;
          let profile: Profile = { ...builtIn, parameters };
          let at = now;
          let previous: PreviousReport | undefined;
          const compare = () => {
            const common = options({ snapshot: given, profile, now: at, previous });
            const incremental = evaluateNamespace({ ...common, memory });
            const fresh = evaluateNamespace(common);
            expect(incremental).to.deep.equal(fresh);
            expect(JSON.stringify(incremental)).to.equal(JSON.stringify(fresh));
            previous = fresh.status;
          };
          compare();
          for (const step of steps) {
            given = changed(given, step);
            if (step.parameters !== null) profile = { ...builtIn, parameters: step.parameters };
            at += step.wait;
            compare();
          }
        },
      ),
      { numRuns: 250 },
    );
  });
});
