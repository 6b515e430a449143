import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { complianceReportSpec, complianceReportStatus } from '../../src/api/compliance-report.ts';
import { complianceSummarySpec, complianceSummaryStatus } from '../../src/api/compliance-summary.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { isReservedPath, reservedTable } from '../../src/domain/reserved-parameters.ts';
import type { ReportStatus } from '../../src/evaluate/report.ts';
import { withReserved } from '../support/reserved-sample.ts';
import type { Ran } from '../support/cli.ts';
import {
  defaultDeny,
  deployment,
  documents,
  restrictedNamespace,
  run,
  runProcess,
  sound,
  useFolder,
} from '../support/cli.ts';

interface Item {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: unknown;
  readonly status: ReportStatus;
}

const itemsOf = ({ out }: Ran): Item[] => (JSON.parse(out) as { items: Item[] }).items;

/** Control id to status, in the report of a namespace. */
const verdictsOf = (ran: Ran, namespace = 'shop'): Record<string, string> => {
  const report = itemsOf(ran).find(({ metadata }) => metadata.namespace === namespace);
  return Object.fromEntries((report?.status.controls ?? []).map(({ id, status }) => [id, status]));
};

const profile = (spec: object, name = 'mine') => ({
  apiVersion: 'plumbline.dev/v1alpha1',
  kind: 'ComplianceProfile',
  metadata: { name },
  spec,
});

/** All but what the sentence is about is off. */
const only = (...ids: string[]) =>
  profile({
    controls: catalogue
      .filter(({ id }) => !ids.includes(id))
      .map(({ id }) => ({ id, disabled: true, rationale: 'Not in this test.' })),
  });

describe('plumbline scan', function () {
  this.timeout(20_000);
  const { at, write } = useFolder();
  const privileged = deployment({ security: { privileged: true } });

  describe('its exit status', () => {
    const cases: Record<string, [files: Record<string, string>, args: string[], code: number]> = {
      'is 0 when nothing fails': [{ 'a.yaml': sound() }, [], 0],
      'is 1 when a critical control fails': [{ 'a.yaml': documents(privileged) }, [], 1],
      'is 1 when only a high control fails': [
        { 'a.yaml': documents(restrictedNamespace(), deployment()) },
        ['--profile', '@high.yaml'],
        1,
      ],
      'is 0 when only a high control fails and critical is asked': [
        { 'a.yaml': documents(restrictedNamespace(), deployment()) },
        ['--profile', '@high.yaml', '--fail-on', 'critical'],
        0,
      ],
      'is 0 when only a medium control fails': [
        { 'a.yaml': documents(deployment()) },
        ['--profile', '@medium.yaml'],
        0,
      ],
      'is 1 when a medium control fails and low is asked': [
        { 'a.yaml': documents(deployment()) },
        ['--profile', '@medium.yaml', '--fail-on', 'low'],
        1,
      ],
      'is 0 whatever fails when none is asked': [
        { 'a.yaml': documents(privileged) },
        ['--fail-on', 'none'],
        0,
      ],
      'is 0 when a control is Unknown': [
        { 'a.yaml': documents(deployment()) },
        ['--profile', '@unknown.yaml'],
        0,
      ],
      'is 1 when a control is Unknown and that is asked, whatever its severity': [
        { 'a.yaml': documents(deployment()) },
        ['--profile', '@unknown.yaml', '--fail-on-unknown', '--fail-on', 'none'],
        1,
      ],
      'is 0 when nothing is Unknown and that is asked': [
        { 'a.yaml': documents(deployment()) },
        ['--profile', '@spec.yaml', '--fail-on-unknown'],
        0,
      ],
      'is 0 when a high roll-up fails by its medium part alone, which is what counts': [
        { 'a.yaml': documents(restrictedNamespace(), deployment({ security: { seccompProfile: null } })) },
        ['--profile', '@roll-up.yaml'],
        0,
      ],
      'is 1 when medium is asked and that part fails': [
        { 'a.yaml': documents(restrictedNamespace(), deployment({ security: { seccompProfile: null } })) },
        ['--profile', '@roll-up.yaml', '--fail-on', 'medium'],
        1,
      ],
      'is 2 when a file is not there': [{}, ['@absent.yaml'], 2],
      'is 2 when an input cannot be read, though nothing fails': [
        { 'a.yaml': `${sound()}\n---\na: [` },
        [],
        2,
      ],
      'is 2 when an input cannot be read, though something fails': [
        { 'a.yaml': documents(privileged), 'b.yaml': 'a: [' },
        [],
        2,
      ],
      'is 2 when an input cannot be read, though nothing may fail': [
        { 'a.yaml': documents(deployment()), 'b.yaml': 'a: [' },
        ['--fail-on', 'none'],
        2,
      ],
      'is 2 when there is nothing in the input': [{ 'a.yaml': '# nothing\n' }, [], 2],
      'is 0 when there is nothing to judge in the input': [
        { 'a.yaml': documents({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }) },
        [],
        0,
      ],
      'is 2 when the profile is not there': [{ 'a.yaml': sound() }, ['--profile', '@absent.yaml'], 2],
      'is 2 when the scan reports are not there': [{ 'a.yaml': sound() }, ['--trivy-reports', '@absent'], 2],
      'is 2 when the folder of scan reports is empty': [
        { 'a.yaml': sound() },
        ['--trivy-reports', '@empty'],
        2,
      ],
      'is 2 when the events are not there': [{ 'a.yaml': sound() }, ['--falco-events', '@absent'], 2],
    };
    before(() => {
      const profiles = {
        high: only('RD-2.3.1'),
        medium: only('RD-2.3.3'),
        unknown: only('RD-2.4.1'),
        spec: only('RD-2.2.2'),
        'roll-up': only('RD-2.2.18', 'RD-2.2.9'),
      };
      for (const [name, object] of Object.entries(profiles))
        write(`profiles/${name}.yaml`, documents(object));
      mkdirSync(at('profiles/empty'), { recursive: true });
    });
    for (const [index, [sentence, [files, args, code]]] of Object.entries(cases).entries()) {
      it(sentence, async () => {
        const folder = `exit-${index}`;
        for (const [name, text] of Object.entries(files)) write(`${folder}/${name}`, text);
        const paths = Object.keys(files).length === 0 ? [] : [at(folder)];
        const ran = await run('scan', ...paths, ...args.map((arg) => arg.replace(/^@/, at('profiles/'))));
        expect(ran.code, ran.err).to.equal(code);
      });
    }
  });

  describe('what it says', () => {
    it('has results on stdout and all else on stderr', async () => {
      const file = write('streams.yaml', `${documents(privileged)}\n---\na: [`);
      const { out, err } = await run('scan', file);
      expect(out).to.match(
        /^NAMESPACE +NAME +STATE +SCORE +FAIL +UNKNOWN +MANUAL +EXCEPTED +PASS +WARN\nshop +reference-design +NonCompliant/,
      );
      expect(out).to.contain('Fail  RD-2.2.2 (critical) No privileged containers');
      expect(out).to.not.contain('not valid YAML');
      const lines = err.trimEnd().split('\n');
      expect(lines[0]).to.match(new RegExp(`^${file}:\\d+: not valid YAML: `));
      expect(lines.at(-1)).to.match(/^\d+ controls are Unknown: /);
      expect(lines).to.have.length(2);
    });

    it('has the number of Unknown controls on stderr, in every format, also when there are none', async () => {
      write('count.yaml', documents(deployment()));
      write('count-profile.yaml', documents(only('RD-2.4.1')));
      write('none-profile.yaml', documents(only('RD-2.2.2')));
      const errOf = async (name: string, format: string) =>
        (await run('scan', at('count.yaml'), '--profile', at(name), '--format', format)).err;
      const [hidden] = [': what they need is not in the input, or cannot be read'];
      for (const format of ['table', 'json', 'yaml']) {
        expect(await errOf('count-profile.yaml', format)).to.equal(`1 control is Unknown${hidden}.\n`);
        expect(await errOf('none-profile.yaml', format)).to.equal('0 controls are Unknown.\n');
      }
    });

    it('counts the Unknown controls of all namespaces, and those of the cluster once', async () => {
      const text = documents(deployment({ namespace: 'a' }), deployment({ namespace: 'b' }));
      const ran = await run('scan', write('two.yaml', text), '--format', 'json');
      const unknown = itemsOf(ran)
        .filter(({ kind }) => kind === 'ComplianceReport')
        .map(({ status }) => status.summary.unknown);
      expect(unknown).to.have.length(2);
      const summary = itemsOf(ran).find(({ kind }) => kind === 'ComplianceSummary');
      const ofCluster = summary?.status.controls?.map(({ status }) => status) ?? [];
      // A cluster is not among the manifests.
      expect(new Set(ofCluster)).to.deep.equal(new Set(['Unknown']));
      const all = (unknown[0] ?? 0) + (unknown[1] ?? 0) + ofCluster.length;
      expect(ran.err).to.match(new RegExp(`^${all} controls are Unknown`));
      const inherited = itemsOf(ran)[0]?.status.controls?.filter((control) => control.inherited === true);
      expect(inherited?.map(({ status }) => status)).to.deep.equal(ofCluster);
    });

    it('names the namespaces that no profile selects', async () => {
      const text = documents(deployment(), deployment({ namespace: 'kube-system' }));
      const { out, err } = await run('scan', write('system.yaml', text), '--format', 'json');
      expect(err).to.contain('Left out, since no profile selects them: kube-system.\n');
      expect(out).to.not.contain('"kube-system"');
    });

    it('shows five findings of a control in the table and counts the rest, and all of them as data', async () => {
      const many = Array.from({ length: 7 }, (_, index) =>
        deployment({ name: `web-${index}`, security: { privileged: true } }),
      );
      write('many-profile.yaml', documents(only('RD-2.2.2')));
      const scan = (format: string) =>
        run(
          'scan',
          write('many.yaml', documents(...many)),
          '--profile',
          at('many-profile.yaml'),
          '--format',
          format,
        );
      const { out } = await scan('table');
      expect(out.match(/- Deployment\/web-\d container app securityContext\.privileged/g)).to.have.length(5);
      expect(out).to.contain('      2 more; --format json shows all\n');
      const [report] = itemsOf(await scan('json'));
      expect(report?.status.controls[0]?.findings).to.have.length(7);
    });

    it('lets no text of the input act on the terminal', async () => {
      const name = 'web\u001b[2J\u202e';
      const text = documents(
        deployment({ name, namespace: 'shop\u001b[31m', security: { privileged: true } }),
        deployment({ name, namespace: 'bad\u009b', security: { privileged: 'yes\u001b[0m' } }),
      );
      const { out, err } = await run('scan', write('escape.yaml', text));
      // oxlint-disable-next-line no-control-regex -- it is what must not be there
      expect(out + err).to.not.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(out).to.contain('web');
    });
  });

  describe('its data', () => {
    it('is a v1 List of reports and a summary that keep the schemas of the kinds', async () => {
      const text = documents(
        deployment({ namespace: 'a', security: { privileged: true } }),
        restrictedNamespace('b'),
        defaultDeny('b'),
        deployment({ namespace: 'b' }),
      );
      const ran = await run('scan', write('schema.yaml', text), '--format', 'json');
      expect(JSON.parse(ran.out)).to.include({ apiVersion: 'v1', kind: 'List' });
      const items = itemsOf(ran);
      expect(items.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata])).to.deep.equal([
        ['plumbline.dev/v1alpha1', 'ComplianceReport', { name: 'reference-design', namespace: 'a' }],
        ['plumbline.dev/v1alpha1', 'ComplianceReport', { name: 'reference-design', namespace: 'b' }],
        ['plumbline.dev/v1alpha1', 'ComplianceSummary', { name: 'reference-design' }],
      ]);
      for (const { kind, spec, status } of items) {
        const [specSchema, statusSchema] =
          kind === 'ComplianceReport'
            ? [complianceReportSpec, complianceReportStatus]
            : [complianceSummarySpec, complianceSummaryStatus];
        expect(specSchema.parse(spec)).to.deep.equal(spec);
        expect(statusSchema.parse(status)).to.deep.equal(status);
      }
      expect(items[2]?.status).to.deep.include({
        state: 'NonCompliant',
        namespaces: { total: 2, compliant: 0, nonCompliant: 1, unknown: 1, notAssessed: 0 },
        runtime: { unattributed: 0, dropped: 0 },
      });
      expect(
        items[2]?.status.evidence.map(({ source, available }) => [source, available]),
      ).to.deep.include.members([
        ['workloads', true],
        ['vulnerabilityreports', false],
        ['falco', false],
      ]);
    });

    it('is the same in YAML', async () => {
      const file = write('same.yaml', documents(privileged));
      const json = await run('scan', file, '--format', 'json');
      const yaml = await run('scan', file, '--format', 'yaml');
      const timeless = (value: unknown) =>
        JSON.stringify(value).replaceAll(/"\d{4}-\d\d-\d\dT[\d:]+Z"/g, '"T"');
      expect(timeless(load(yaml.out))).to.equal(timeless(JSON.parse(json.out)));
    });

    it('is not cut, whatever a report in a cluster would hold', async () => {
      const many = Array.from({ length: 3_000 }, (_, index) =>
        deployment({ name: `web-${index}`, security: { privileged: true, runAsUser: 0 } }),
      );
      const [report] = itemsOf(
        await run('scan', write('uncut.yaml', documents(...many)), '--format', 'json'),
      );
      expect(Buffer.byteLength(JSON.stringify(report))).to.be.above(200 * 1024);
      for (const { findings, findingsTotal } of report?.status.controls ?? [])
        expect(findings).to.have.length(findingsTotal);
      expect(report?.status.conditions.find(({ type }) => type === 'Truncated')?.status).to.equal('False');
    });
  });

  describe('its input', () => {
    it('may be standard input, however slowly it comes', async () => {
      const ran = await runProcess(['scan', '-', '--format', 'json'], sound());
      expect(ran.code, ran.err).to.equal(0);
      expect(itemsOf(ran)[0]?.metadata.namespace).to.equal('shop');
    });

    it('is not well when standard input is empty, as when the command before has failed', async () => {
      const { code, out, err } = await runProcess(['scan', '-']);
      expect({ code, out }).to.deep.equal({ code: 2, out: 'Nothing to judge.\n' });
      expect(err).to.contain('-: there is no Kubernetes object in it\n');
    });

    it('names standard input where it cannot be read', async () => {
      const { code, err } = await runProcess(['scan', '-'], 'a: [');
      expect(code).to.equal(2);
      expect(err).to.match(/^standard input:\d+: not valid YAML: /);
    });

    it('may be what kustomize builds: many kinds in one file, Lists among them', async () => {
      const list = { apiVersion: 'v1', kind: 'List', items: [deployment({ name: 'b' }), defaultDeny()] };
      const typed = {
        apiVersion: 'apps/v1',
        kind: 'DeploymentList',
        items: [
          {
            ...deployment({ name: 'c', security: { privileged: true } }),
            apiVersion: undefined,
            kind: undefined,
          },
        ],
      };
      const text = `---\n${documents(restrictedNamespace(), deployment({ name: 'a' }), list, typed)}\n---\n`;
      const [report] = itemsOf(await run('scan', write('kustomize.yaml', text), '--format', 'json'));
      expect(report?.status.workloads.total).to.equal(3);
      const [first] = report?.status.controls ?? [];
      expect(first?.findings.map(({ subject }) => subject.name)).to.deep.equal(['c']);
    });

    it('is judged alike in a few files and in many, which a thread reads', async () => {
      const objects = Array.from({ length: 120 }, (_, index) => deployment({ name: `web-${index}` }));
      // The last has the name of the first, and another content.
      const all = [...objects, deployment({ name: 'web-0', security: { privileged: true } })];
      for (const [index, object] of all.entries()) write(`many/${1_000 + index}.yaml`, documents(object));
      write('many/broken.yaml', 'kind: "');
      write('few/all.yaml', documents(...all));
      write('few/broken.yaml', 'kind: "');
      const [many, few] = [await run('scan', at('many')), await run('scan', at('few'))];
      expect(many.out)
        .to.equal(few.out)
        .and.match(/RD-2\.2\.2/);
      expect(many.code).to.equal(few.code);
      expect(many.err)
        .to.match(/1120\.yaml:1: .*it stands in .*1000\.yaml:1 too/)
        .and.match(/broken\.yaml:1: /);
    });

    it('is judged twice where an object stands twice', async () => {
      const text = documents(restrictedNamespace(), defaultDeny(), deployment(), privileged);
      for (const order of [text, documents(privileged, deployment(), defaultDeny(), restrictedNamespace())]) {
        expect(verdictsOf(await run('scan', write('twice.yaml', order), '--format', 'json'))).to.include({
          'RD-2.2.2': 'Fail',
          'RD-2.2.1': 'Pass',
        });
      }
    });

    it('passes nothing that rests on an object with two contents, names both files, and does so in any order', async () => {
      const policy = (spec: object) =>
        documents({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'n', namespace: 'shop' },
          spec,
        });
      const rest = write('rest.yaml', documents(restrictedNamespace(), deployment()));
      const base = write('base.yaml', policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }));
      const overlay = write(
        'overlay.yaml',
        policy({ podSelector: { matchLabels: { q: 'q' } }, policyTypes: ['Ingress'] }),
      );
      for (const [first, second] of [
        [base, overlay],
        [overlay, base],
      ] as const) {
        const ran = await run('scan', rest, first, second, '--format', 'json');
        expect(ran.code).to.equal(2);
        expect(ran.err).to.include(`${second}:1: NetworkPolicy n: it stands in ${first}:1 too`);
        expect(verdictsOf(ran)).to.include({
          'RD-2.3.1': 'Unknown',
          'RD-2.3.2': 'Unknown',
          'RD-2.3.3': 'Unknown',
        });
      }
    });

    it('passes nothing for a template without containers, and fails what it shows', async () => {
      const { spec, ...rest } = deployment() as { spec: { template: object } };
      const patch = { ...rest, spec: { ...spec, template: { spec: { hostNetwork: true, containers: [] } } } };
      const ran = await run(
        'scan',
        write('patch.yaml', documents(restrictedNamespace(), patch)),
        '--format',
        'json',
      );
      expect(verdictsOf(ran)).to.include({
        'RD-2.1.1': 'Unknown',
        'RD-2.2.2': 'Unknown',
        'RD-2.2.3': 'Fail',
      });
    });

    it('counts once what two files have alike', async () => {
      const text = documents(restrictedNamespace(), defaultDeny(), deployment());
      const files = [write('one.yaml', text), write('other.json', JSON.stringify(deployment()))];
      const ran = await run('scan', ...files, '--format', 'json');
      expect(ran.code).to.equal(0);
      expect(itemsOf(ran)[0]?.status.workloads.total).to.equal(1);
    });

    it('is scanned on behind a document that cannot be read', async () => {
      const text = `${documents(deployment({ name: 'a' }))}\n---\nkind: Pod\nspec: {\n---\n${documents(privileged)}`;
      const file = write('broken.yaml', text);
      const ran = await run('scan', file, '--format', 'json');
      expect(ran.code).to.equal(2);
      const line = text.slice(0, text.indexOf('spec: {')).split('\n').length;
      const [, found] = new RegExp(`^${file}:(\\d+): not valid YAML: `).exec(ran.err) ?? [];
      expect(Number(found)).to.be.within(line, line + 1);
      expect(verdictsOf(ran)).to.include({ 'RD-2.2.2': 'Fail' });
      expect(itemsOf(ran)[0]?.status.workloads.total).to.equal(2);
    });

    it('passes nothing in a namespace where a value has the wrong type, and names the field', async () => {
      const wrong = deployment({ name: 'wrong', security: { runAsNonRoot: 'yes' } });
      const file = write(
        'wrong.yaml',
        documents(defaultDeny(), deployment(), wrong, deployment({ namespace: 'bank' })),
      );
      const ran = await run('scan', file, '--format', 'json');
      expect(ran.code).to.equal(2);
      expect(ran.err).to.match(
        /wrong\.yaml:\d+: Deployment wrong: spec\.template\.spec\.containers\[0\]\.securityContext\.runAsNonRoot: expected a boolean, found a string\n/,
      );
      expect(Object.values(verdictsOf(ran))).to.not.include('Pass');
      expect(verdictsOf(ran)).to.include({ 'RD-2.1.1': 'Unknown' });
      expect(verdictsOf(ran, 'bank')).to.include({ 'RD-2.1.1': 'Pass' });
    });

    it('fails what fails in a namespace where a value has the wrong type', async () => {
      const wrong = deployment({ name: 'wrong', security: { runAsNonRoot: 'yes' } });
      const ran = await run(
        'scan',
        write('wrong-too.yaml', documents(privileged, wrong)),
        '--format',
        'json',
      );
      expect(verdictsOf(ran)).to.include({ 'RD-2.2.2': 'Fail', 'RD-2.1.1': 'Unknown' });
    });

    const yes = (value: string) =>
      documents(deployment())
        .replace('"privileged"', '')
        .replace('"runAsNonRoot": true', `"runAsNonRoot": ${value}`);
    it('takes yes for true, as kubectl does, and "yes" for an error', async () => {
      const plain = await run('scan', write('yes.yaml', yes('yes')), '--format', 'json');
      expect(verdictsOf(plain)).to.include({ 'RD-2.1.1': 'Pass' });
      const quoted = await run('scan', write('quoted.yaml', yes('"yes"')), '--format', 'json');
      expect(verdictsOf(quoted)).to.include({ 'RD-2.1.1': 'Unknown' });
    });

    it('knows no Pod Security label without a Namespace, and no isolation without a NetworkPolicy', async () => {
      const ran = await run('scan', write('alone.yaml', documents(deployment())), '--format', 'json');
      expect(verdictsOf(ran)).to.include({ 'RD-2.2.1': 'Unknown', 'RD-2.3.1': 'Fail', 'RD-2.3.2': 'Fail' });
    });

    it('is judged by the version that is asked', async () => {
      const file = write('minor.yaml', documents(hostUsers()));
      const at34 = await run('scan', file, '--format', 'json', '--kubernetes-version', 'v1.34.2');
      const newest = await run('scan', file, '--format', 'json');
      expect(verdictsOf(at34)).to.include({ 'RD-2.1.1': 'Fail' });
      expect(verdictsOf(newest)).to.include({ 'RD-2.1.1': 'Pass' });
    });

    it('takes a moment for 5,000 documents in one file', async function () {
      this.timeout(10_000);
      const many = Array.from({ length: 5_000 }, (_, index) => deployment({ name: `web-${index}` }));
      const started = performance.now();
      const [report] = itemsOf(await run('scan', write('5000.yaml', documents(...many)), '--format', 'json'));
      expect(report?.status.workloads.total).to.equal(5_000);
      expect(performance.now() - started).to.be.below(8_000);
    });
  });

  describe('its evidence', () => {
    const time = new Date(Date.now() - 3_600_000).toISOString();
    const event = (fields: object, at = time) =>
      JSON.stringify({
        hostname: 'node-1',
        time: at,
        rule: 'Terminal shell in container',
        priority: 'Warning',
        source: 'syscall',
        output: 'A shell was spawned',
        output_fields: { 'container.name': 'app', ...fields },
      });
    const scan = (...args: string[]) =>
      run('scan', write('e/shop.yaml', sound()), '--format', 'json', ...args);
    const evidenceOf = (ran: Ran, source: string) =>
      itemsOf(ran)[0]?.status.evidence.find((row) => row.source === source);

    it('is missing where it was not given, and the report says which option gives it', async () => {
      const ran = await scan();
      for (const [source, option] of [
        ['vulnerabilityreports', '--trivy-reports'],
        ['exposedsecretreports', '--trivy-reports'],
        ['falco', '--falco-events'],
      ] as const) {
        const row = evidenceOf(ran, source);
        expect(row).to.include({ available: false, reason: 'NoEvidence' });
        expect(row?.message).to.contain(option);
      }
    });

    it('may be events of Falco, of which some count for nothing', async () => {
      const lines = [
        event({ 'k8s.ns.name': 'shop', 'k8s.pod.name': 'web-0' }),
        event({ 'k8s.ns.name': 'shop', 'k8s.pod.name': 'web-0' }, '2020-01-01T00:00:00Z'),
        event({}, new Date(Date.now() - 60_000).toISOString()),
      ];
      const ran = await scan('--falco-events', write('events.jsonl', lines.join('\n')));
      expect(verdictsOf(ran)).to.include({ 'RD-2.5.2': 'Fail' });
      expect(evidenceOf(ran, 'falco')).to.deep.equal({ source: 'falco', available: true });
      expect(ran.err).to.contain('1 Falco event names no namespace.\n');
      expect(ran.err).to.contain('1 Falco event is too old, or too many, to count.\n');
      const summary = itemsOf(ran).at(-1)?.status as unknown as { runtime: object };
      expect(summary.runtime).to.deep.equal({ unattributed: 1, dropped: 1 });
    });

    it('may be events of Falco of which a line cannot be read', async () => {
      const ran = await scan(
        '--falco-events',
        write('broken.jsonl', `${event({ 'k8s.ns.name': 'shop' })}\n{"rule": \n`),
      );
      expect(ran.code).to.equal(2);
      expect(ran.err).to.match(/broken\.jsonl:2: /);
      expect(verdictsOf(ran)).to.include({ 'RD-2.5.2': 'Fail' });
    });

    it('is an error where a report is empty, and where a folder holds no file', async () => {
      const shop = write('e/shop.yaml', sound());
      const empty = write('e/empty.json', '');
      write('e/nothing/notes.txt', 'none');
      const report = await run('scan', shop, '--trivy-reports', empty);
      expect(report.code).to.equal(2);
      expect(report.err).to.include(
        `${empty}: it is empty: the scan that should have filled it has failed\n`,
      );
      for (const option of ['--trivy-reports', '--falco-events']) {
        const { code, err } = await run('scan', shop, option, at('e/nothing'));
        expect({ option, code }).to.deep.equal({ option, code: 2 });
        expect(err).to.include(`${at('e/nothing')}: there is no YAML or JSON file in it\n`);
      }
      // A file of Falco that is empty is a quiet day.
      expect((await run('scan', shop, '--falco-events', empty)).code).to.equal(0);
    });

    it('may be reports of Trivy Operator, among the manifests or beside them', async () => {
      const report = documents({
        apiVersion: 'aquasecurity.github.io/v1alpha1',
        kind: 'VulnerabilityReport',
        metadata: {
          name: 'deployment-web-app',
          namespace: 'shop',
          labels: {
            'trivy-operator.resource.kind': 'Deployment',
            'trivy-operator.resource.name': 'web',
            'trivy-operator.container.name': 'app',
          },
        },
        report: {
          updateTimestamp: time,
          scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '0.60.0' },
          registry: { server: 'registry.example' },
          artifact: { repository: 'app', tag: '1.0.0' },
          summary: { criticalCount: 1, highCount: 0, mediumCount: 0, lowCount: 0, unknownCount: 0 },
          vulnerabilities: [],
        },
      });
      const alone = await scan('--trivy-reports', write('t/report.yaml', report));
      expect(verdictsOf(alone), alone.err).to.include({ 'RD-2.4.1': 'Unknown' });
      expect(evidenceOf(alone, 'scannersettings')).to.include({ available: false, reason: 'NoEvidence' });
      const settings = ['trivy-operator', 'trivy-operator-trivy-config', 'trivy-operator-config'];
      const maps = settings.map((name) => ({
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'trivy-system' } },
      }));
      write('t/settings.yaml', documents(...maps));
      const beside = await scan('--trivy-reports', at('t'));
      expect(verdictsOf(beside), beside.err).to.include({ 'RD-2.4.1': 'Pass' });
      const among = await run('scan', at('e/shop.yaml'), at('t'), '--format', 'json');
      expect(verdictsOf(among), among.err).to.include({ 'RD-2.4.1': 'Pass' });
      const without = await scan('--trivy-reports', write('t2/other.yaml', documents(deployment())));
      expect(without.code).to.equal(2);
      expect(without.err).to.contain('other.yaml:1: ');
      expect(verdictsOf(without)).to.include({ 'RD-2.4.1': 'Unknown' });
    });
  });

  describe('files of the command line of Trivy', () => {
    const file = JSON.stringify({
      SchemaVersion: 2,
      CreatedAt: new Date().toISOString(),
      ArtifactName: 'registry.example/app:1.0.0',
      ArtifactType: 'container_image',
      Metadata: { OS: { Family: 'debian', Name: '13.1' }, RepoTags: ['registry.example/app:1.0.0'] },
      Results: [
        {
          Target: 'registry.example/app:1.0.0 (debian 13.1)',
          Class: 'os-pkgs',
          Type: 'debian',
          Vulnerabilities: [
            {
              VulnerabilityID: 'CVE-2026-0001',
              PkgName: 'libc6',
              InstalledVersion: '2.41-1',
              FixedVersion: '2.41-2',
              Severity: 'LOW',
            },
          ],
        },
      ],
    });
    const scan = (...args: string[]) =>
      run('scan', write('c/shop.yaml', sound()), '--format', 'json', '--trivy-reports', ...args);

    it('pass nothing that they may have left out, unless somebody says that they have not', async () => {
      const path = write('c/trivy.json', file);
      const filtered = await scan(path);
      expect(verdictsOf(filtered), filtered.err).to.include({
        'RD-2.4.1': 'Unknown',
        'RD-5.H.10.1': 'Unknown',
        'RD-5.H.10.2': 'Unknown',
      });
      const whole = await scan(path, '--trivy-unfiltered');
      expect(verdictsOf(whole), whole.err).to.include({
        'RD-2.4.1': 'Pass',
        'RD-5.H.10.1': 'Pass',
        'RD-5.H.10.2': 'Pass',
      });
    });

    it('do not count as whole where they say themselves that something was left out', async () => {
      const left = JSON.parse(file) as { Results: object[] };
      left.Results.push({
        Target: 'registry.example/app:1.0.0 (debian 13.1)',
        Class: 'os-pkgs',
        Type: 'debian',
        ExperimentalModifiedFindings: [{ Type: 'vulnerability', Status: 'ignored', Finding: {} }],
      });
      const ran = await scan(write('c/left.json', JSON.stringify(left)), '--trivy-unfiltered');
      expect(verdictsOf(ran), ran.err).to.include({ 'RD-2.4.1': 'Unknown' });
    });
  });

  describe('its profiles', () => {
    const scan = (...profiles: object[]) =>
      run(
        'scan',
        write('p/shop.yaml', sound()),
        '--profile',
        write('profile.yaml', documents(...profiles)),
        '--format',
        'json',
      );

    it('give the reports their name, and may be several', async () => {
      const items = itemsOf(await scan(profile({}, 'one'), profile({ parameters: {} }, 'two')));
      expect(items.map(({ kind, metadata, spec }) => [kind, metadata.name, spec])).to.deep.equal([
        ['ComplianceReport', 'one', { profile: 'one' }],
        ['ComplianceReport', 'two', { profile: 'two' }],
        ['ComplianceSummary', 'one', { profile: 'one' }],
        ['ComplianceSummary', 'two', { profile: 'two' }],
      ]);
    });

    it('select namespaces by labels that the input has', async () => {
      const selecting = profile({
        namespaceSelector: { matchLabels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      });
      expect(itemsOf(await scan(selecting))[0]?.metadata.namespace).to.equal('shop');
      const other = await scan(profile({ namespaceSelector: { matchLabels: { team: 'blue' } } }));
      expect(itemsOf(other)).to.deep.equal([]);
      expect(other.err).to.contain('no profile selects them: shop.');
    });

    it('set parameters', async () => {
      const allowing = profile({ parameters: { images: { allowedRegistries: ['registry.example'] } } });
      expect(verdictsOf(await scan(profile({})))).to.include({ 'RD-2.6.1': 'Unknown' });
      expect(verdictsOf(await scan(allowing))).to.include({ 'RD-2.6.1': 'Pass' });
    });

    it('extend each other, in whichever files they are, and the built-in one', async () => {
      const disabled = [{ id: 'RD-2.2.8', disabled: true, rationale: 'not in this test' }];
      const images = { allowedRegistries: ['registry.example'] };
      const ran = await run(
        'scan',
        write('p/shop.yaml', sound()),
        '--profile',
        write('team.yaml', documents(profile({ extends: 'base' }, 'team'))),
        '--profile',
        write(
          'base.yaml',
          documents(
            profile(
              {
                extends: 'reference-design',
                namespaces: { include: ['shop'] },
                controls: disabled,
                parameters: { images },
              },
              'base',
            ),
          ),
        ),
        '--format',
        'json',
      );
      const reports = itemsOf(ran).filter(({ kind }) => kind === 'ComplianceReport');
      expect(reports.map(({ metadata }) => metadata.name)).to.deep.equal(['team', 'base']);
      expect(verdictsOf(ran)).to.include({ 'RD-2.6.1': 'Pass' }).and.not.have.property('RD-2.2.8');
    });

    it('give controls another severity, by which --fail-on goes', async () => {
      const controls = (severity: string) => [{ id: 'RD-2.6.1', severity, rationale: 'as a test needs it' }];
      const parameters = { images: { allowedRegistries: ['elsewhere.example'] } };
      const code = async (severity: string) =>
        (await scan(profile({ parameters, controls: controls(severity) }))).code;
      expect(await code('critical')).to.equal(1);
      expect(await code('low')).to.equal(0);
    });

    it('are told what they set in vain', async () => {
      const { code, err } = await scan(profile({ parameters: withReserved({}) }));
      expect(code).to.equal(0);
      const first = Object.keys(reservedTable).filter(isReservedPath).sort()[0] ?? 'none is left';
      expect(err).to.include(`The profile mine: This version does not use ${first}`);
    });

    const wrong: Record<string, [object: object, messages: string[]]> = {
      'a parent that is in none of the files': [
        profile({ extends: 'base' }),
        ['spec.extends: mine -> base: there is no profile base'],
      ],
      'a profile that extends itself': [
        profile({ extends: 'mine' }),
        ['spec.extends: mine -> mine: a profile cannot extend itself'],
      ],
      'an unknown field': [
        profile({ paramaters: {} }),
        [
          'spec.paramaters: unknown field; did you mean parameters? Known are controls, extends, namespaceSelector, namespaces, parameters',
        ],
      ],
      'all that is wrong with its values at once': [
        profile({
          controls: [{ id: 'RD-2.2.7', disabled: true }, { id: 'RD-2.2.77' }],
          parameters: { runtime: { alertWindow: '30m' } },
        }),
        [
          'spec.controls[0].rationale: say why RD-2.2.7 is disabled',
          'spec.controls[1].id: no control "RD-2.2.77"; did you mean RD-2.2.7?',
          'spec.parameters.runtime.alertWindow: must be at least 1h',
        ],
      ],
      'another kind': [deployment(), ['expected a ComplianceProfile of plumbline.dev, found a Deployment']],
      'a version that there is not': [
        { ...profile({}), apiVersion: 'plumbline.dev/v1' },
        ['apiVersion: a ComplianceProfile is of plumbline.dev/v1alpha1, not plumbline.dev/v1'],
      ],
      'a name that no object can have': [
        profile({}, 'My_Profile'),
        [
          'metadata.name: "My_Profile" is no name of an object: it has other characters than a-z, 0-9, - and .',
        ],
      ],
      'a profile without a name': [
        { ...profile({}), metadata: {} },
        ['metadata.name: a profile needs a name'],
      ],
    };
    for (const [sentence, [object, messages]] of Object.entries(wrong)) {
      it(`name ${sentence}, and judge nothing`, async () => {
        const { code, out, err } = await scan(object);
        expect({ code, out }).to.deep.equal({ code: 2, out: '' });
        expect(err).to.equal(messages.map((message) => `${at('profile.yaml')}:1: ${message}\n`).join(''));
      });
    }

    it('are an error where there is none in the file', async () => {
      write('p/shop.yaml', sound());
      const { code, out, err } = await run(
        'scan',
        at('p/shop.yaml'),
        '--profile',
        write('none.yaml', '# none\n'),
      );
      expect({ code, out }).to.deep.equal({ code: 2, out: '' });
      expect(err).to.equal(`${at('none.yaml')}: there is no ComplianceProfile in it\n`);
    });

    it('are an error where two have one name', async () => {
      const ran = await scan(profile({}, 'one'), profile({ controls: [] }, 'one'));
      expect(ran.code).to.equal(2);
      expect(ran.err).to.match(
        /profile\.yaml:\d+: metadata\.name: there is a profile one already, in .*profile\.yaml:1\n/,
      );
    });

    it('judge by what could be read of their file, and end with 2', async () => {
      const ran = await scan(profile({ nonsense: 1 }, 'bad'), profile({}, 'good'));
      expect(ran.code).to.equal(2);
      expect(itemsOf(ran).map(({ metadata }) => metadata.name)).to.deep.equal(['good', 'good']);
    });
  });
});

function hostUsers() {
  const object = deployment({ security: { runAsNonRoot: null, runAsUser: 0 } });
  const { template } = object.spec;
  return { ...object, spec: { template: { ...template, spec: { ...template.spec, hostUsers: false } } } };
}
