import { expect } from 'chai';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { projectPolicyReport } from '../../../src/evidence/admission/project-policy-report.ts';
import { requireFixtures } from '../../support/fixtures.ts';

const metadata = { name: 'report', namespace: 'shop' };
const result = (more: object = {}) => ({ policy: 'p', result: 'fail', message: 'No.', ...more });
const project = (results: readonly object[], rest: object = {}) =>
  projectPolicyReport({ metadata, results, ...rest })?.report;

describe('a policy report', () => {
  it('keeps what is no pass, the worst first, of its scope where a result names nobody', () => {
    const scope = { kind: 'Deployment', name: 'app' };
    const found = project(
      [
        result({ result: 'pass' }),
        result({ result: 'warn' }),
        result({ severity: 'info' }),
        result({ severity: 'high', rule: 'r', resources: [{ kind: 'Pod', name: 'app-0' }] }),
        result({ result: 'error', message: undefined }),
      ],
      { scope },
    );
    expect(found).to.deep.equal({
      is: 'report',
      name: 'report',
      unlisted: 0,
      results: [
        { policy: 'p', result: 'error', subject: scope, message: '' },
        {
          ...{ policy: 'p', rule: 'r', result: 'fail', severity: 'high', message: 'No.' },
          subject: { kind: 'Pod', name: 'app-0' },
        },
        { policy: 'p', result: 'fail', subject: scope, message: 'No.' },
        { policy: 'p', result: 'warn', subject: scope, message: 'No.' },
      ],
    });
  });

  it('is the same one object for all that have passed: there may be one for each pod', () => {
    const passed = projectPolicyReport({ metadata, results: [result({ result: 'pass' })] });
    expect(passed?.report?.results).to.deep.equal([]);
    expect(projectPolicyReport({ metadata: { name: 'other' }, summary: {} })).to.equal(passed);
  });

  it('keeps the same of many results in any order, and counts the others', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      result({ rule: `r-${index}`, ...(index === 29 ? { severity: 'critical' } : {}) }),
    );
    const found = project(many);
    expect(found?.results).to.have.length(20);
    expect(found?.results[0]).to.include({ severity: 'critical' });
    expect(found?.unlisted).to.equal(10);
    expect(project(many.toReversed())).to.deep.equal(found);
  });

  it('cleans and cuts off what others wrote', () => {
    const [one] = project([result({ message: `a\u0007b${'x'.repeat(10_000)}` })])?.results ?? [];
    expect(one?.message)
      .to.match(/^a bx+…$/)
      .and.to.have.length(200);
  });

  it('is none when all of it is read elsewhere, and otherwise what is left', () => {
    expect(project([result({ source: 'falco' })])).to.equal(undefined);
    expect(project([result()], { source: 'Trivy Config Audit' })).to.equal(undefined);
    expect(project([result({ source: 'falco' }), result({ source: 'kyverno' })])?.results).to.have.length(1);
  });

  it('is read of the samples of its two APIs', function () {
    const folder = join(requireFixtures(this, 'policyreport-crds'), 'samples');
    const reports = globSync('*.yaml', { cwd: folder }).flatMap((file) =>
      (loadAll(readFileSync(join(folder, file), 'utf8')) as { metadata?: object }[])
        .filter((each) => each?.metadata !== undefined)
        .map((each) => [file, projectPolicyReport(each)?.report?.results.length] as const),
    );
    const found = new Map(reports);
    expect(found.get('wgpolicy-sample-falco-policy.yaml'), "Falco's own").to.equal(undefined);
    expect(found.get('wgpolicy-sample-cis-k8s.yaml')).to.be.above(0);
    expect(found.get('openreports-sample-v1beta2-kyverno.yaml')).to.equal(0);
  });
});
