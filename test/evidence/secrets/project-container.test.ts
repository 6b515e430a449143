import { expect } from 'chai';
import { unpackLiterals } from '../../../src/domain/literal.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { SecretMemo } from '../../../src/evidence/secrets/secret-memo.ts';
import { projectPlainText } from '../../../src/evidence/secrets/project-container.ts';
import { sharedPodSpec } from '../../../src/evidence/workloads/shared-spec.ts';
import { FakeSecrets, hex } from '../../support/fake-secrets.ts';

describe('projectPlainText', () => {
  it('keeps nothing of a container that says nothing', () => {
    expect(projectPlainText({ name: 'app', image: 'a' }, 'x')).to.equal(undefined);
    expect(projectPlainText({ name: 'app', env: [], args: ['--port=8080'] }, 'x')).to.equal(undefined);
  });

  it('counts literal values, and tells them from those that come from elsewhere', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '' },
      { name: 'C' },
      { name: 'D', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } },
      { name: 'E', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ];
    expect(projectPlainText({ env }, 'x')).to.deep.equal({
      literalEnv: 2,
      secretEnv: [{ path: 'env[E]', secret: 's' }],
    });
  });

  it('describes a value, and does not hold it', () => {
    const { env } = projectPlainText({ env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }, 'x') ?? {};
    const [literal, ...others] = unpackLiterals(env);
    expect(others).to.deep.equal([]);
    expect(literal).to.include({
      path: 'env[DB_PASSWORD]',
      format: '',
      texture: 'words',
      length: 7,
      entropy: 2.8,
    });
    expect(env).to.not.contain('hunter2');
  });

  const wrong: Record<string, [object, string]> = {
    'a number for a value': [{ env: [{ name: 'A', value: 1 }] }, 'x.env[0].value'],
    'a word for a command': [{ command: 'sh' }, 'x.command'],
    'a number in args': [{ args: [1] }, 'x.args[0]'],
    'a word for a probe': [{ livenessProbe: 'x' }, 'x.livenessProbe'],
    'a header without a list': [
      { readinessProbe: { httpGet: { httpHeaders: {} } } },
      'x.readinessProbe.httpGet.httpHeaders',
    ],
  };
  for (const [sentence, [container, path]] of Object.entries(wrong)) {
    it(`refuses ${sentence}, each time`, () => {
      for (let again = 0; again < 2; again++)
        expect(() => projectPlainText(container as Record<string, unknown>, 'x'))
          .to.throw(ShapeError)
          .with.property('path', path);
    });
  }

  it('lets the pods of a template share one specification, whatever their annotations tell of each', () => {
    const draw = new FakeSecrets(5);
    const pod = (at: number) =>
      sharedPodSpec(
        { containers: [{ name: 'app', env: [{ name: 'LEVEL', value: 'info' }] }] },
        {
          'cni.projectcalico.org/podIP': `10.0.${at}.7/32`,
          'cni.projectcalico.org/containerID': draw.text(hex, 64),
          'example.com/started': `2026-01-01T00:00:0${at}Z`,
          'example.com/uid': draw.uuid(),
          'k8s.v1.cni.cncf.io/network-status': `[{"name":"k8s-pod-network","ips":["10.0.${at}.7"],"default":true,"dns":{}}]`,
        },
        'spec',
      );
    const specs = new Set(Array.from({ length: 8 }, (_, at) => pod(at)));
    expect(specs.size).to.be.at.most(2);
  });
});

describe('SecretMemo', () => {
  it('makes each once, also what is undefined, and forgets the oldest', () => {
    const memo = new SecretMemo<string | undefined>(2);
    let made = 0;
    const get = (source: string) => memo.get(source, () => (made++, source === 'b' ? undefined : source));
    for (const source of ['a', 'b', 'a', 'b']) get(source);
    expect(made).to.equal(2);
    get('c');
    expect(memo.size).to.equal(2);
    get('a');
    expect(made).to.equal(4);
  });

  it('learns what another thread has made, and makes nothing that it knows', () => {
    const [there, here] = [new SecretMemo<string>(2), new SecretMemo<string>(2)];
    const learned = there.prepare('a', () => 'made there');
    expect(there.prepare('a', () => expect.fail('made twice'))).to.equal(undefined);
    if (learned !== undefined) here.learn(learned);
    expect(here.get('a', () => expect.fail('made again'))).to.equal('made there');
    here.learn([learned?.[0] ?? '', 'something else']);
    expect(here.get('a', () => '')).to.equal('made there');
  });
});
