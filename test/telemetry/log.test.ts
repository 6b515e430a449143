import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const log = fileURLToPath(new URL('../../src/telemetry/log.ts', import.meta.url));

/** What a process writes that runs `body` with a `logger`. */
function run(body: string, level = 'info', stream = 'stdout') {
  const script = `import { createLogger } from ${JSON.stringify(log)};
    const logger = createLogger(${JSON.stringify(level)}, ${JSON.stringify(stream)});
    ${body}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return { stdout, stderr };
}

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The one line that the statement writes, without its time. */
function lineOf(statement: string): Record<string, unknown> {
  const { stdout, stderr } = run(statement);
  expect(stderr).to.equal('');
  const [line, ...others] = lines(stdout);
  expect(others).to.deep.equal([]);
  const { timestamp, ...rest } = line ?? {};
  expect(timestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return rest;
}

describe('the log', function () {
  this.timeout(20_000);

  it('is one JSON object a line, with the fields beside the message', () => {
    expect(
      lineOf(`logger.warn('a thing happened', { namespace: 'shop', count: 3, none: undefined })`),
    ).to.deep.equal({
      level: 'warn',
      message: 'a thing happened',
      namespace: 'shop',
      count: 3,
    });
  });

  it('goes where it is told, at every level', () => {
    const every = `for (const level of ['error', 'warn', 'info', 'debug']) logger[level]('x');`;
    const levels = (text: string) => lines(text).map(({ level }) => level);
    const toStdout = run(every, 'debug', 'stdout');
    expect([levels(toStdout.stdout), toStdout.stderr]).to.deep.equal([
      ['error', 'warn', 'info', 'debug'],
      '',
    ]);
    const toStderr = run(every, 'warn', 'stderr');
    expect([toStderr.stdout, levels(toStderr.stderr)]).to.deep.equal(['', ['error', 'warn']]);
  });

  const cases: Record<string, [statement: string, expected: Record<string, unknown>]> = {
    'keeps a line break of foreign text within the line': [
      `logger.info('m', { text: 'a\\n{"level":"error"}\\u001b[31m' })`,
      { level: 'info', message: 'm', text: 'a\n{"level":"error"}\u001b[31m' },
    ],
    'cuts a long text': [
      `logger.info('m', { text: 'x'.repeat(1e6) })`,
      { level: 'info', message: 'm', text: `${'x'.repeat(2_048)}…` },
    ],
    'cuts a long text within an object': [
      `logger.info('m', { a: { b: ['x'.repeat(1e6)] } })`,
      { level: 'info', message: 'm', a: { b: [`${'x'.repeat(2_048)}…`] } },
    ],
    'cuts a long list': [
      `logger.info('m', { list: Array.from({ length: 1_000 }, () => 1) })`,
      { level: 'info', message: 'm', list: [...Array.from({ length: 50 }, () => 1), '… 950 more'] },
    ],
    'ends where an object is deep, or holds itself': [
      `const ring = {}; ring.ring = ring; logger.info('m', { ring })`,
      { level: 'info', message: 'm', ring: { ring: { ring: { ring: { ring: '…' } } } } },
    ],
    'shows of an error its name, code and message, and of its causes too': [
      `const cause = Object.assign(new RangeError('inner'), { code: 'Inner' });
       logger.error('m', { error: Object.assign(new TypeError('outer', { cause }), { code: 'Outer' }) })`,
      {
        level: 'error',
        message: 'm',
        error: {
          name: 'TypeError',
          message: 'outer',
          code: 'Outer',
          cause: { name: 'RangeError', message: 'inner', code: 'Inner' },
        },
      },
    ],
    'shows nothing else that hangs on an error, such as a request with its credentials': [
      `const request = { headers: { authorization: 'Bearer s3cret' } };
       logger.error('m', { error: Object.assign(new Error('refused', { cause: request }), { code: 403, request }) })`,
      { level: 'error', message: 'm', error: { name: 'Error', message: 'refused', code: 403 } },
    ],
    'lets no field change the message or the level': [
      `logger.info('m', { message: 'other', level: 'error' })`,
      { level: 'info', message: 'm' },
    ],
  };
  for (const [sentence, [statement, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(lineOf(statement)).to.deep.equal(expected));
  }

  it('shows the stack of an error that has no code, which is a defect', () => {
    const { error } = lineOf(`logger.error('m', { error: new TypeError('x is undefined') })`) as {
      error: { stack: string };
    };
    expect(error.stack).to.match(/^TypeError: x is undefined\n\s+at /);
  });

  it('loses none of a hundred lines when the process ends at once', () => {
    const script = `import { createLogger } from ${JSON.stringify(log)};
      const logger = createLogger('info', 'stdout');
      for (let index = 0; index < 100; index++) logger.info('line', { index, text: 'x'.repeat(200) });
      process.exit(0);`;
    const text = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    expect(lines(text).at(-1)).to.include({ index: 99 });
  });
});
