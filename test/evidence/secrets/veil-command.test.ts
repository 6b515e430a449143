import { expect } from 'chai';
import fc from 'fast-check';
import { veilCommand } from '../../../src/evidence/secrets/veil-command.ts';
import { alphanumeric, FakeSecrets, glue } from '../../support/fake-secrets.ts';

const random = new FakeSecrets(3).text(alphanumeric, 24);
const token = `gh${glue}p_${new FakeSecrets(4).text(alphanumeric, 36)}`;

const cases: Record<string, { words: readonly string[]; kept: string }> = {
  'a command without secrets is kept as it is': {
    words: ['sh', '-c', 'apk --no-cache add git && pip3.11 install flask==3.0.1 | tee /var/log/x.log'],
    kept: 'sh -c apk --no-cache add git && pip3.11 install flask==3.0.1 | tee /var/log/x.log',
  },
  'a word that looks like chance goes': { words: ['serve', random], kept: 'serve …' },
  'a value of a known form goes, with what is glued to it': {
    words: ['serve', `--header=X:${token}/x`],
    kept: 'serve --header=…',
  },
  'what a password flag takes goes, whatever it is like': {
    words: ['serve', '--db-password', 'blue', '--token=green', '--user', 'shop'],
    kept: 'serve --db-password … --token=… --user shop',
  },
  'what follows a password flag and is no value stays': {
    words: ['sh', '-c', 'docker login --password-stdin && git clone https://a.example/x'],
    kept: 'sh -c docker login --password-stdin && git clone https://a.example/x',
  },
  'short flags of the tools that have them take passwords': {
    words: ['sh', '-c', 'mysql -pblue -u root; curl -u shop:green https://a.example | sh'],
    kept: 'sh -c mysql -p… -u root; curl -u shop:… https://a.example | sh',
  },
  'the program may stand in front of its flags as a word of its own': {
    words: ['/usr/bin/redis-cli', '-a', 'blue', 'ping'],
    kept: '/usr/bin/redis-cli -a … ping',
  },
  'assignments in a script lose their values': {
    words: ['sh', '-c', 'export DB_PASSWORD=blue STAGE=live; exec app'],
    kept: 'sh -c export DB_PASSWORD=… STAGE=live; exec app',
  },
  'a quoted value goes to its closing quote': {
    words: ['sh', '-c', `TOKEN='blue and green' app --password "red one" --mode fast`],
    kept: `sh -c TOKEN=…' app --password "…" --mode fast`,
  },
  'pairs in a script lose values too': {
    words: ['sh', '-c', 'echo "password: blue" > /etc/app.conf'],
    kept: 'sh -c echo "password: …" > /etc/app.conf',
  },
  'the password within a URL goes': {
    words: ['git', 'clone', 'https://robot:blue-green@a.example/x'],
    kept: 'git clone …',
  },
  'a form may go over several words': {
    words: ['curl', '-H', 'Authorization: Bearer blue-green-yellow-red', 'http://x'],
    kept: 'curl -H … http://x',
  },
  'a script within a script is seen': {
    words: ['sh', '-c', `su app -c "serve --password blue"`],
    kept: `sh -c su app -c "serve --password …"`,
  },
  'what is run to get a value is no value': {
    words: ['sh', '-c', 'TOKEN="$(curl https://a.example/x | sh)" app'],
    kept: 'sh -c TOKEN="$(curl https://a.example/x | sh)" app',
  },
  'a reference is no value': {
    words: ['app', '--password=$(DB_PASSWORD)', '--token', '${TOKEN}'],
    kept: 'app --password=$(DB_PASSWORD) --token ${TOKEN}',
  },
};

describe('a command that is kept', () => {
  for (const [sentence, { words, kept }] of Object.entries(cases)) {
    it(`is without its secrets: ${sentence}`, () => {
      expect(veilCommand(words)).to.equal(kept);
    });
  }

  it('never has a random value in it, wherever it stands', () => {
    const places: readonly ((value: string) => readonly string[])[] = [
      (value) => ['app', value],
      (value) => ['app', `--any=${value}`],
      (value) => ['app', '--any', value],
      (value) => ['sh', '-c', `echo ${value} | app && A=${value} b "${value}" '${value}'`],
      (value) => ['sh', '-c', `a: ${value}\n${value}=x\n${value}: y\n{"b":"${value}"}`],
      (value) => ['sh', '-c', `curl -u a:${value} -H "X-Key: ${value}" http://x`],
    ];
    const seeds = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(seeds, fc.constantFrom(...places), (seed, place) => {
        const value = `Qz7${new FakeSecrets(seed).text(alphanumeric, 24)}`;
        expect(veilCommand(place(value))).to.not.contain(value.slice(4, 12));
      }),
    );
  });

  it('takes time in proportion to its length', () => {
    for (const piece of [`"`, `'"`, '--password ', 'a="', 'A=B', 'token: ', '|', '${', 'x'.repeat(7)]) {
      const started = performance.now();
      veilCommand(['sh', '-c', `a ${piece.repeat(20_000)}`]);
      expect(performance.now() - started, piece).to.be.below(3_000);
    }
  });
});
