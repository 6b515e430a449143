import { expect } from 'chai';
import * as fc from 'fast-check';
import { judgeSpecs } from '../../../src/controls/shared/judge-specs.ts';
import type { Issue, SpecCheck } from '../../../src/controls/shared/spec-check.ts';
import type { PodSpec } from '../../../src/domain/pod-spec.ts';
import { containerPath } from '../../../src/domain/pod-spec.ts';
import { defaultParameters } from '../../../src/domain/parameters.ts';
import { read } from '../../../src/domain/snapshot.ts';
import type { Verdict } from '../../../src/domain/verdict.ts';
import type { Workload } from '../../../src/domain/workload.ts';
import { container, input, pod, podSpec, template, workload } from '../../support/builders.ts';

/** A rule of our own: the name of a container says what is wrong with it. */
const check: SpecCheck = (spec) => {
  if (spec.os === 'windows') return { reason: 'Windows', exempt: 'Windows has no names' };
  if (spec.os === 'amiga') return { reason: 'Amiga', exempt: 'the Amiga has no names' };
  return spec.containers.flatMap((one): Issue | [] => {
    const issue = {
      container: one.name,
      path: `${containerPath(one)}.name`,
      observed: one.name,
      message: 'Bad name.',
    };
    if (one.name.startsWith('bad')) return issue;
    if (one.name.startsWith('weak'))
      return { ...issue, weight: 'warn', reason: one.name === 'weak2' ? 'AWeakName' : 'WeakName' };
    return one.name.startsWith('odd')
      ? {
          ...issue,
          message: 'an odd name',
          weight: 'note',
          reason: one.name === 'odd2' ? 'AnOddName' : 'OddName',
        }
      : [];
  });
};

const texts = {
  one: 'has bad names',
  many: 'have bad names',
  pass: 'No name is bad',
  warn: { one: 'has weak names', many: 'have weak names' },
};

const judge = (...workloads: Workload[]): Verdict =>
  judgeSpecs(input({ workloads: read(workloads) }), check, texts);
const named = (...names: string[]): PodSpec =>
  podSpec({ containers: names.map((name, index) => container({ name, index })) });
const windows = podSpec({ os: 'windows' });

const deployment = (name: string, live: PodSpec[], written?: PodSpec) =>
  workload({
    name,
    pods: live.map((spec, index) => pod({ name: `${name}-${index}`, spec })),
    ...(written && { template: template({ spec: written }) }),
  });

const messages: Record<string, { workloads: Workload[]; expected: Partial<Verdict> }> = {
  'counts workloads, and not pods': {
    workloads: [
      deployment('a', [named('bad'), named('bad')]),
      deployment('b', [named('x')]),
      deployment('c', [], named('bad')),
    ],
    expected: { status: 'Fail', message: '2 of 3 workloads have bad names.' },
  },
  'passes all of them': {
    workloads: [deployment('a', [named('x')]), deployment('b', [], named('x'))],
    expected: { status: 'Pass', message: 'No name is bad (2 workloads).', findings: [] },
  },
  'fails rather than warns, and lists what fails only': {
    workloads: [deployment('a', [named('bad', 'weak')]), deployment('b', [named('x')], named('bad'))],
    expected: {
      status: 'Fail',
      message: '1 of 2 workloads has bad names.',
      findings: [
        {
          subject: { kind: 'Deployment', name: 'a', container: 'bad' },
          example: 'a-0',
          path: 'spec.containers[0].name',
          observed: 'bad',
          message: 'Bad name.',
        },
      ],
    },
  },
  'warns for mutation before it warns for anything else': {
    workloads: [
      deployment('a', [named('weak')]),
      deployment('b', [named('x')], named('bad')),
      deployment('c', [named('x')], named('bad')),
    ],
    expected: {
      status: 'Warn',
      reason: 'CompliantByMutation',
      message:
        '2 of 3 workloads comply only in their live pods: their templates have bad names. 1 of 3 workloads has weak names.',
    },
  },
  'warns alone': {
    workloads: [
      deployment('a', [named('weak')]),
      deployment('b', [named('weak')]),
      deployment('c', [named('x')]),
    ],
    expected: { status: 'Warn', reason: 'WeakName', message: '2 of 3 workloads have weak names.' },
  },
  'notes what made it pass, once for each workload': {
    workloads: [deployment('a', [named('odd', 'odd2')]), deployment('b', [named('x')])],
    expected: {
      status: 'Pass',
      reason: 'AnOddName',
      message: 'No name is bad (2 workloads). Noted: an odd name in 1 workload.',
    },
  },
  'leaves out what the rule does not speak of, and says so': {
    workloads: [deployment('a', [windows]), deployment('b', [named('bad')])],
    expected: {
      status: 'Fail',
      message: '1 of 1 workload has bad names. Not judged: 1 of 2 workloads, since Windows has no names.',
    },
  },
  'does not apply where all are left out': {
    workloads: [deployment('a', [windows]), deployment('b', [], windows)],
    expected: {
      status: 'NotApplicable',
      reason: 'Windows',
      message: 'Not judged: 2 of 2 workloads, since Windows has no names.',
    },
  },
  'judges a workload of which only some pods are left out': {
    workloads: [deployment('a', [windows, named('x')])],
    expected: { status: 'Pass', message: 'No name is bad (1 workload).' },
  },
  'judges the template of a suspended CronJob and of a finished Job': {
    workloads: [
      workload({ kind: 'CronJob', name: 'nightly', template: template({ spec: named('bad') }) }),
      workload({ kind: 'Job', name: 'once', completed: true, template: template({ spec: named('bad') }) }),
    ],
    expected: { status: 'Fail', message: '2 of 2 workloads have bad names.' },
  },
  'does not count an owner of which nothing but the name is known': {
    workloads: [workload({ kind: 'Custom', name: 'x' }), deployment('a', [named('x')])],
    expected: { status: 'Pass', message: 'No name is bad (1 workload).' },
  },
};

describe('judgeSpecs', () => {
  for (const [name, { workloads, expected }] of Object.entries(messages)) {
    it(name, () => expect(judge(...workloads)).to.deep.include(expected));
  }

  it('tells what several specifications of one workload share once, with the first pod by name', () => {
    const { findings } = judge(deployment('a', [named('x'), named('bad', 'old'), named('new', 'bad')]));
    expect(findings.map(({ example, path }) => ({ example, path }))).to.deep.equal([
      { example: 'a-1', path: 'spec.containers[0].name' },
    ]);
  });

  it('names the place in the template where that shows it too, and else in the pod', () => {
    const { findings } = judge(deployment('a', [named('bad-injected', 'bad')], named('bad')));
    expect(findings.map(({ subject, path }) => [subject.container, path])).to.deep.equal([
      ['bad', 'spec.template.spec.containers[0].name'],
      ['bad-injected', 'spec.containers[0].name'],
    ]);
  });

  it('gives an example of what the template does not show alone: the name of a pod changes with every rollout', () => {
    const { findings } = judge(deployment('a', [named('bad-injected', 'bad')], named('bad')));
    expect(findings.map(({ subject, example }) => [subject.container, example])).to.deep.equal([
      ['bad', undefined],
      ['bad-injected', 'a-0'],
    ]);
  });

  const places: Record<string, string> = {
    Deployment: 'spec.template.spec.containers[0].name',
    Rollout: 'spec.template.spec.containers[0].name',
    CronJob: 'spec.jobTemplate.spec.template.spec.containers[0].name',
    Pod: 'spec.containers[0].name',
  };
  for (const [kind, path] of Object.entries(places)) {
    it(`names the place in a ${kind}`, () => {
      const { findings } = judge(workload({ kind, template: template({ spec: named('bad') }) }));
      expect(findings.map((finding) => finding.path)).to.deep.equal([path]);
    });
  }

  it('says of a static pod where its manifest is', () => {
    const { findings } = judge(workload({ kind: 'Pod', pods: [pod({ mirror: true, spec: named('bad') })] }));
    expect(findings.map(({ message }) => message)).to.deep.equal([
      'Bad name. (static pod, from a manifest on its node)',
    ]);
  });

  it('gives no example for a pod that is its own subject', () => {
    const { findings } = judge(workload({ kind: 'Pod', pods: [pod({ spec: named('bad') })] }));
    expect(findings[0]).to.not.have.property('example');
  });

  it('examines a specification once, however many pods and evaluations share it', () => {
    let calls = 0;
    const counting: SpecCheck = (spec, context) => {
      calls++;
      return check(spec, context);
    };
    const shared = named('bad');
    const workloads = read([
      deployment(
        'a',
        Array.from({ length: 1000 }, () => shared),
        shared,
      ),
    ]);
    const judgeAt = (minor: number, parameters = defaultParameters) =>
      judgeSpecs({ ...input({ workloads, cluster: { minor } }), parameters }, counting, texts);
    const first = judgeAt(36);
    expect(judgeAt(36)).to.deep.equal(first);
    expect(calls, 'same version and profile').to.equal(1);
    judgeAt(37);
    expect(calls, 'another version').to.equal(2);
    judgeAt(37, { ...defaultParameters });
    expect(calls, 'another profile').to.equal(3);
  });

  it('says the same whatever the order of the workloads', () => {
    const names = fc.constantFrom('x', 'bad', 'bad2', 'weak', 'weak2', 'odd', 'odd2');
    const spec = fc.oneof(
      fc.array(names, { minLength: 1, maxLength: 3 }).map((chosen) => named(...new Set(chosen))),
      fc.constantFrom(windows, podSpec({ os: 'amiga' })),
    );
    const some = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        live: fc.array(spec, { maxLength: 3 }),
        written: spec,
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    );
    fc.assert(
      fc.property(some, (all) => {
        const workloads = all.map(({ name, live, written }) => deployment(name, live, written));
        expect(judge(...workloads.toReversed())).to.deep.equal(judge(...workloads));
      }),
    );
  });

  it('fails exactly when a live pod breaks the rule, or a template without live pods does', () => {
    const spec = fc.constantFrom('x', 'bad').map((name) => named(name));
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 3 }), spec, (live, written) => {
        const deciding = live.length > 0 ? live : [written];
        const breaks = deciding.some(({ containers }) => containers[0]?.name === 'bad');
        expect(judge(deployment('a', live, written)).status === 'Fail').to.equal(breaks);
      }),
    );
  });
});
