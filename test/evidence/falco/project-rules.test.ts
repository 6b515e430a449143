import { expect } from 'chai';
import { projectFalcoRules } from '../../../src/evidence/falco/project-rules.ts';

const map = (data: Record<string, string>, labels: object = { 'app.kubernetes.io/name': 'falco' }) => ({
  metadata: { name: 'falco', namespace: 'falco', labels },
  data,
});
const nothing = { namespace: 'falco', name: 'falco', switches: [], files: [], refs: [] };

const cases: Record<string, [Record<string, string>, object]> = {
  'which files are loaded, and what is switched': [
    {
      'falco.yaml':
        'rules_files: [/etc/falco/falco_rules.yaml, /etc/falco/rules.d]\nrules:\n- disable: {rule: "Terminal *"}\n- enable: {tag: container}\n- other\n',
    },
    {
      loads: ['/etc/falco/falco_rules.yaml', '/etc/falco/rules.d'],
      outputs: [],
      switches: [
        { on: false, rule: 'Terminal *' },
        { on: true, tag: 'container' },
      ],
    },
  ],
  'the one file of an older Falco': [
    { 'falco.yaml': 'rules_file: /etc/falco/falco_rules.yaml' },
    { loads: ['/etc/falco/falco_rules.yaml'], outputs: [] },
  ],
  'a configuration that loads none': [{ 'falco.yaml': 'json_output: true' }, { loads: [], outputs: [] }],
  'the ways out that are on': [
    {
      'falco.yaml':
        'stdout_output: {enabled: true}\nsyslog_output: {enabled: no}\nhttp_output: {enabled: yes, url: "http://user:s3cr3t@x"}\n',
    },
    { loads: [], outputs: ['http_output', 'stdout_output'] },
  ],
  'what falcoctl installs': [
    { 'falcoctl.yaml': 'artifact:\n  install:\n    refs: [falco-rules:5, k8saudit-rules]\n' },
    { refs: ['falco-rules:5', 'k8saudit-rules'] },
  ],
  'rules that are defined, and those that are switched': [
    {
      'local.yaml': [
        '- list: shells\n  items: [sh]',
        '- rule: Own rule\n  condition: evt.type = open\n  enabled: true',
        '- rule: Run shell untrusted\n  enabled: no',
        '- rule: Find AWS Credentials\n  condition: and never_true\n  override: {condition: append}',
      ].join('\n'),
    },
    {
      files: [
        {
          file: 'local.yaml',
          defines: ['Own rule'],
          switches: [
            { on: true, rule: 'Own rule' },
            { on: false, rule: 'Run shell untrusted' },
          ],
        },
      ],
    },
  ],
  'nothing of an empty file, and of one that is no YAML by its name': [{ 'a.yaml': '\n', 'b.sh': ': {' }, {}],
};

describe('a ConfigMap of Falco tells', () => {
  for (const [what, [data, expected]] of Object.entries(cases))
    it(what, () => expect(projectFalcoRules(map(data))).to.deep.equal({ ...nothing, ...expected }));

  it('nothing when it is not Falco’s', () => {
    expect(projectFalcoRules(map({ 'falco.yaml': 'a: b' }, {}))).to.equal(undefined);
    expect(projectFalcoRules(map({}, { 'app.kubernetes.io/name': 'falcosidekick' }))).to.equal(undefined);
  });

  it('that it cannot be read, without the words that stand in it', () => {
    const read = () => projectFalcoRules(map({ 'falco.yaml': 'token: [s3cr3t' }));
    expect(read)
      .to.throw('data[falco.yaml]: expected YAML')
      .with.property('message')
      .that.does.not.include('s3cr3t');
  });
});
