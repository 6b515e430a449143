import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { version } from '../../src/cli/version.ts';
import { deployment, documents, run, runProcess, useFolder } from '../support/cli.ts';

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe('plumbline', () => {
  const usage = /^plumbline holds Kubernetes namespaces .*\n\nUsage:\n/;
  const told: Record<string, [args: string[], out: RegExp]> = {
    'tells how it is used when nothing is asked': [[], usage],
    'tells how it is used on --help': [['--help'], usage],
    'tells how it is used on -h': [['-h'], usage],
    'tells how it is used on help': [['help'], usage],
    'tells its version': [['version'], new RegExp(`^plumbline ${version.replaceAll('.', '\\.')}\n$`)],
    'tells its version as an option': [['--version'], /^plumbline \d+\.\d+\.\d+\n$/],
    'tells how scan is used': [['scan', '--help'], /^Usage: plumbline scan PATH/],
    'tells how scan is used, whatever else is wrong': [
      ['scan', '--bogus', '-h'],
      /^Usage: plumbline scan PATH/,
    ],
    'tells how run is used': [['help', 'run'], /^Usage: plumbline run/],
    'tells how controls is used': [['controls', '--help'], /^Usage: plumbline controls/],
    'tells how explain is used': [['help', 'explain'], /^Usage: plumbline explain ID/],
  };
  for (const [sentence, [args, out]] of Object.entries(told)) {
    it(sentence, async function () {
      this.timeout(10_000);
      const ran = await run(...args);
      expect(ran.out).to.match(out);
      expect(ran).to.include({ code: 0, err: '' });
    });
  }

  const refused: Record<string, [args: string[], err: RegExp]> = {
    'knows no other command, and guesses': [
      ['scna'],
      /^plumbline: no command scna; did you mean scan\?\n\nplumbline holds/,
    ],
    'knows no other command, and guesses nothing far away': [['deploy'], /^plumbline: no command deploy\n/],
    'has no help on another command': [
      ['help', 'scna'],
      /^plumbline: no command scna; did you mean scan\?\n/,
    ],
    'is not misled by a name that every object has': [
      ['constructor'],
      /^plumbline: no command constructor\n/,
    ],
    'refuses an option that scan does not have': [
      ['scan', '.', '--bogus'],
      /^plumbline: Unknown option '--bogus'/,
    ],
    'refuses an option without its value': [
      ['scan', '.', '--format'],
      /^plumbline: Option '--format <value>' argument missing/,
    ],
    'refuses a scan of nothing': [
      ['scan'],
      /^plumbline: scan needs a file, a folder, or - for standard input\n$/,
    ],
    'refuses another format': [
      ['scan', '.', '--format', 'xml'],
      /^plumbline: --format xml: expected table, json, yaml\n$/,
    ],
    'refuses another severity': [
      ['scan', '.', '--fail-on', 'severe'],
      /^plumbline: --fail-on severe: expected critical, high, medium, low, none\n$/,
    ],
    'refuses a version that it does not know': [
      ['scan', '.', '--kubernetes-version', '1.99'],
      /^plumbline: --kubernetes-version 1\.99: expected 1\.\d+ to 1\.\d+\n$/,
    ],
    'refuses a version that is none': [
      ['scan', '.', '--kubernetes-version', '2.0'],
      /^plumbline: --kubernetes-version 2\.0: expected 1\.\d+ to 1\.\d+\n$/,
    ],
    'refuses another format of controls': [
      ['controls', '--format', 'yaml'],
      /^plumbline: --format yaml: expected table or json\n$/,
    ],
    'refuses an argument of controls': [
      ['controls', 'RD-2.2.7'],
      /^plumbline: Unexpected argument 'RD-2\.2\.7'/,
    ],
    'refuses to explain nothing': [
      ['explain'],
      /^plumbline: explain takes one control id, such as RD-2\.2\.2\n$/,
    ],
    'refuses to explain two controls': [
      ['explain', 'RD-2.2.7', 'RD-2.6.1'],
      /^plumbline: explain takes one control id/,
    ],
    'refuses to explain an unknown control, and guesses': [
      ['explain', 'RD-2.2.71'],
      /^plumbline: no control RD-2\.2\.71; did you mean RD-2\.2\.\d+\?; plumbline controls lists them all\n$/,
    ],
    'refuses an argument of run': [['run', 'fast'], /^plumbline: run takes no argument fast\n$/],
  };
  for (const [sentence, [args, err]] of Object.entries(refused)) {
    it(`${sentence}: exit 2, and nothing on stdout`, async function () {
      this.timeout(10_000);
      const ran = await run(...args);
      expect(ran.err).to.match(err);
      expect(ran).to.include({ code: 2, out: '' });
    });
  }
});

describe('the process', function () {
  this.timeout(30_000);
  const { at, write } = useFolder();

  it('ends with the status of the command', async () => {
    write('bad.yaml', documents(deployment({ security: { privileged: true } })));
    expect((await runProcess(['scan', at('bad.yaml')])).code).to.equal(1);
    expect((await runProcess(['version'])).code).to.equal(0);
    expect((await runProcess(['bogus'])).code).to.equal(2);
  });

  it('tells all that is wrong with the settings of run at once, and ends with 2', async () => {
    const { code, out, err } = await runProcess(['run'], '', {
      PLUMBLINE_LOG_LEVEL: 'loud',
      PLUMBLINE_METRICS_ADDRESS: 'here',
    });
    expect(err).to.equal(
      'plumbline: PLUMBLINE_LOG_LEVEL="loud": expected error, warn, info, debug\n' +
        'PLUMBLINE_METRICS_ADDRESS="here": expected host:port, such as 127.0.0.1:8080\n',
    );
    expect({ code, out }).to.deep.equal({ code: 2, out: '' });
  });

  it('says without a stack which kubeconfig run cannot read, and ends with 2', async () => {
    const { code, out, err } = await runProcess(['run'], '', { KUBECONFIG: at('absent') });
    expect(err)
      .to.match(/^plumbline: .*absent/)
      .and.not.match(/\n\s+at /);
    expect({ code, out }).to.deep.equal({ code: 2, out: '' });
  });

  const loud = () =>
    write(
      'loud.yaml',
      documents(
        ...Array.from({ length: 2_000 }, (_, index) =>
          deployment({ name: `web-${index}`, security: { privileged: true, runAsUser: 0 } }),
        ),
      ),
    );

  it('writes all that it has to say before it ends, however slowly it is read', async () => {
    const child = spawn(process.execPath, [entry, 'scan', loud(), '--format', 'json']);
    await once(child.stdout, 'readable');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    let out = '';
    for await (const text of child.stdout.setEncoding('utf8')) out += text as string;
    expect(out.length).to.be.above(1_000_000);
    expect(JSON.parse(out)).to.have.property('kind', 'List');
  });

  it('ends with 2 when what it found cannot be written', async () => {
    // A descriptor that is open for reading alone refuses every write, as a full disk does.
    const unwritable = openSync(entry, 'r');
    const child = spawn(process.execPath, [entry, 'controls'], { stdio: ['ignore', unwritable, 'pipe'] });
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number];
    closeSync(unwritable);
    expect(err).to.match(/^plumbline: the output could not be written: E[A-Z]+: .*\n$/);
    expect(code).to.equal(2);
  });

  it('names a folder that is given as a profile for what it is', async () => {
    const ran = await run('scan', write('good.yaml', documents(deployment())), '--profile', at('.'));
    expect(ran.err).to.equal(`${at('.')}: the profile cannot be read: it is a folder\n`);
    expect(ran).to.include({ code: 2, out: '' });
  });

  it('tells at most a hundred errors of one file, and how many more there are', async () => {
    const plain = write('events.txt', 'a line of text\n'.repeat(250));
    const ran = await run('scan', write('good.yaml', documents(deployment())), '--falco-events', plain);
    expect(ran.err.split('\n').filter((line) => line.startsWith(`${plain}:`))).to.have.length(101);
    expect(ran.err).to.contain(`${plain}: 150 more errors\n`);
    expect(ran.code).to.equal(2);
  });

  it('ends in silence when its reader has read enough', async () => {
    const child = spawn(process.execPath, [entry, 'scan', loud(), '--format', 'json']);
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number];
    expect(err).to.not.match(/EPIPE|Error|\n\s+at /);
    expect(code).to.equal(1);
  });
});
