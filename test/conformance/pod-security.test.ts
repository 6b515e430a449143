import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import whole from '../../src/controls/RD-2.2.18.ts';
import type { PodSpec } from '../../src/domain/pod-spec.ts';
import { read } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { input, pod, template, workload } from '../support/builders.ts';
import { requireFixtures } from '../support/fixtures.ts';
import { readObject, specOf } from '../support/pods.ts';
import { brokenBy, podSecurityRules } from '../support/spec-checks.ts';

const versions = ['v1.24', 'v1.27', 'v1.30', 'v1.32', 'v1.33', 'v1.34', 'v1.35'];

/** Upstream's name of a check, which its files are named after, and the control that answers it. */
const answers: Readonly<Record<string, string>> = {
  privileged: 'RD-2.2.2',
  hostnamespaces: 'RD-2.2.3',
  hostpathvolumes: 'RD-2.2.4',
  hostports: 'RD-2.2.5',
  hostprobesandhostlifecycle: 'RD-2.2.6',
  capabilities_baseline: 'RD-2.2.7',
  capabilities_restricted: 'RD-2.2.7',
  allowprivilegeescalation: 'RD-2.2.8',
  seccompprofile_baseline: 'RD-2.2.9',
  seccompprofile_restricted: 'RD-2.2.9',
  apparmorprofile: 'RD-2.2.10',
  selinuxoptions: 'RD-2.2.11',
  procmount: 'RD-2.2.12',
  procmount_restricted: 'RD-2.2.12',
  sysctls: 'RD-2.2.13',
  restrictedvolumes: 'RD-2.2.14',
  windowshostprocess: 'RD-2.2.15',
  runasnonroot: 'RD-2.2.16',
  runasuser: 'RD-2.2.17',
};

/** The one file of `restrictedvolumes` whose volume is a hostPath, which is RD-2.2.4's. */
const answerOf = (file: string): string | undefined =>
  file === 'restrictedvolumes19.yaml' ? 'RD-2.2.4' : answers[file.replace(/\d*\.yaml$/, '')];

interface Case {
  readonly file: string;
  readonly name: string;
  readonly level: 'baseline' | 'restricted';
  readonly minor: number;
  readonly expected: 'pass' | 'fail';
  readonly spec: PodSpec;
}

function readCases(folder: string): readonly Case[] {
  return (['baseline', 'restricted'] as const).flatMap((level) =>
    versions.flatMap((version) =>
      (['pass', 'fail'] as const).flatMap((expected) => {
        const path = join(folder, level, version, expected);
        return readdirSync(path).map((file) => ({
          file,
          name: `${level}/${version}/${expected}/${file}`,
          level,
          minor: Number(version.slice('v1.'.length)),
          expected,
          spec: specOf(readObject(join(path, file))),
        }));
      }),
    ),
  );
}

/** Through the real controls, as the operator and the scan evaluate them. */
function evaluateParts(subject: Workload, minor: number) {
  const given = input({ workloads: read([subject]), cluster: { minor } });
  const parts = new Map(podSecurityRules.map(({ control }) => [control.id, control.evaluate(given)]));
  return { parts, verdict: whole.rollUp(given, parts) };
}

const shapes: Readonly<Record<string, (spec: PodSpec) => Workload>> = {
  'a live pod': (spec) => workload({ kind: 'Pod', pods: [pod({ spec })] }),
  'the template of a Deployment': (spec) => workload({ template: template({ spec }) }),
};

describe('Pod Security Standards conformance', function () {
  let cases: readonly Case[] = [];
  before(function () {
    cases = readCases(requireFixtures(this, 'pod-security-admission'));
  });

  it('reads every Pod', () => {
    const tally = (level: string, expected: string) =>
      cases.filter((one) => one.level === level && one.expected === expected).length;
    expect({
      'baseline pass': tally('baseline', 'pass'),
      'baseline fail': tally('baseline', 'fail'),
      'restricted pass': tally('restricted', 'pass'),
      'restricted fail': tally('restricted', 'fail'),
    }).to.deep.equal({
      'baseline pass': 84,
      'baseline fail': 213,
      'restricted pass': 136,
      'restricted fail': 495,
    });
  });

  for (const [shape, asWorkload] of Object.entries(shapes)) {
    it(`gives upstream's verdict at Restricted, as ${shape}`, () => {
      const wrong = cases
        .filter(({ level }) => level === 'restricted')
        .flatMap(({ name, spec, minor, expected }) => {
          const { verdict } = evaluateParts(asWorkload(spec), minor);
          const wanted = expected === 'pass' ? 'Pass' : 'Fail';
          return verdict.status === wanted ? [] : [`${name}: ${verdict.status}: ${verdict.message}`];
        });
      expect(wrong).to.deep.equal([]);
    });
  }

  it('fails at Restricted in the control that answers upstream’s check', () => {
    const wrong = cases
      .filter(({ level, expected }) => level === 'restricted' && expected === 'fail')
      .flatMap(({ file, name, spec, minor }) => {
        const { parts } = evaluateParts(workload({ template: template({ spec }) }), minor);
        const answer = answerOf(file) ?? 'no control';
        return parts.get(answer)?.status === 'Fail'
          ? []
          : [`${name}: ${answer} gives ${parts.get(answer)?.status}`];
      });
    expect(wrong).to.deep.equal([]);
  });

  it('gives upstream’s verdict at Baseline, through the same rules', () => {
    const wrong = cases
      .filter(({ level }) => level === 'baseline')
      .flatMap(({ name, spec, minor, expected }) => {
        const failing = brokenBy(spec, whole.derivedFrom, { minor, level: 'baseline' });
        return (failing.length === 0) === (expected === 'pass')
          ? []
          : [`${name}: ${failing.join() || 'none fails'}`];
      });
    expect(wrong).to.deep.equal([]);
  });
});
