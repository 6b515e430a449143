import { expect } from 'chai';
import { judgeLiteral } from '../../../src/controls/shared/secret-score.ts';
import { defaultParameters } from '../../../src/domain/parameters.ts';
import { literalsOfVariable } from '../../../src/evidence/secrets/project-container.ts';
import type { Labelled } from '../../support/labelled-secrets.ts';
import { labelled } from '../../support/labelled-secrets.ts';

type Outcome = 'Fail' | 'Warn' | 'Pass';

function judge({ name, value }: Labelled): Outcome {
  const weights = literalsOfVariable(name, value).map(
    (literal) => judgeLiteral(literal, defaultParameters)?.weight,
  );
  if (weights.includes('fail')) return 'Fail';
  return weights.includes('warn') ? 'Warn' : 'Pass';
}

/** How many of the set have the label and get the outcome. */
const outcomes = labelled.map((each) => ({ ...each, outcome: judge(each) }));
const count = (label: Labelled['label'], ...of: Outcome[]) =>
  outcomes.filter((each) => each.label === label && of.includes(each.outcome)).length;

const [found, alarms, all] = [
  count('secret', 'Fail', 'Warn'),
  count('harmless', 'Fail', 'Warn'),
  count('secret', 'Fail', 'Warn', 'Pass'),
];
const [failed, failedAlarms] = [count('secret', 'Fail'), count('harmless', 'Fail')];
const figures = {
  precision: found / (found + alarms),
  recall: found / all,
  failPrecision: failed / (failed + failedAlarms),
  failRecall: failed / all,
};

describe('the labelled names and values', () => {
  before(() => {
    const show = (value: number) => value.toFixed(3);
    console.log(
      `    ${labelled.length} lines: ${all} secret, ${count('harmless', 'Fail', 'Warn', 'Pass')} harmless, ${count('weak', 'Fail', 'Warn', 'Pass')} weak; ` +
        `found (Fail or Warn): precision ${show(figures.precision)}, recall ${show(figures.recall)}; ` +
        `Fail alone: precision ${show(figures.failPrecision)}, recall ${show(figures.failRecall)}`,
    );
  });

  it('are some hundreds, of which no two are alike', () => {
    expect(labelled.length).to.be.greaterThan(300);
    expect(new Set(labelled.map(({ name, value }) => `${name}=${value}`)).size).to.equal(labelled.length);
  });

  it('are found with a precision of 0.98 or more', () => expect(figures.precision).to.be.at.least(0.98));
  it('are found with a recall of 0.95 or more', () => expect(figures.recall).to.be.at.least(0.95));
  it('fail with a precision of 0.99 or more', () => expect(figures.failPrecision).to.be.at.least(0.99));
  it('fail with a recall of 0.8 or more', () => expect(figures.failRecall).to.be.at.least(0.8));

  it('are warned of where they are placeholders, and never fail', () => {
    expect(count('weak', 'Warn')).to.equal(count('weak', 'Fail', 'Warn', 'Pass'));
  });

  it('are missed only where the docs say so', () => {
    const missed = outcomes.filter(({ label, outcome }) => label === 'secret' && outcome === 'Pass');
    expect(missed.map(({ name }) => name).sort()).to.deep.equal([
      'ADMIN_PASSWORD',
      'DB_PASS',
      'PIN',
      'REDIS_AUTH',
      'SMTP_AUTH',
    ]);
  });
});
