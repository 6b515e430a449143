import { expect } from 'chai';
import fc from 'fast-check';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import type { BaseControl, EvaluationInput, RollUpControl } from '../../src/domain/control.ts';
import { isOfCluster, isOfNamespace, isRollUp, sourcesRead } from '../../src/domain/control.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { readableFields } from '../../src/domain/snapshot-inputs.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { inOrder } from '../../src/evaluate/in-order.ts';
import { now } from '../support/builders.ts';
import { anyClusterSnapshot, anyParameters, anySnapshot } from '../support/snapshots.ts';

/**
 * What the evaluation relies on when it does not ask a control again: that it reads what it declares and nothing else,
 * and that time alone changes nothing before the moment that it names.
 */

const ofNamespaces = catalogue.filter(isOfNamespace);

/** A roll-up is judged on parts that were judged on the same. */
function judge(control: BaseControl | RollUpControl, input: EvaluationInput): Verdict {
  if (!isRollUp(control)) return control.evaluate(input);
  const parts = ofNamespaces.filter(({ id }) => control.derivedFrom.includes(id));
  return control.rollUp(input, new Map(parts.map((part) => [part.id, judge(part, { ...input })])));
}

/** The same, and which of its fields are read. */
function recorded<T extends object>(whole: T): { readonly proxy: T; readonly reads: Set<string | symbol> } {
  const reads = new Set<string | symbol>();
  const read = <R>(field: string | symbol, result: R): R => {
    reads.add(field);
    return result;
  };
  const proxy = new Proxy(whole, {
    get: (target, field): unknown => read(field, Reflect.get(target, field)),
    has: (target, field) => read(field, Reflect.has(target, field)),
    getOwnPropertyDescriptor: (target, field) => read(field, Reflect.getOwnPropertyDescriptor(target, field)),
  });
  return { proxy, reads };
}

/** That a fact is absent is also something to read. */
const withAllFacts = (whole: Snapshot) =>
  ({
    serviceAccountLabels: undefined,
    sensorsPresent: undefined,
    ...whole,
  }) as Snapshot;

const clusterFields: Partial<Record<string, string>> = { falcorules: 'falcoRules', falco: 'deliveries' };

/** So far into the future that reports grow old, fixes fall due and supports end. */
const anyWait = fc.oneof(
  fc.nat({ max: 3_600_000 }),
  fc.nat({ max: 30 * 86_400_000 }),
  fc.nat({ max: 900 * 86_400_000 }),
);

describe('every control', function () {
  this.timeout(120_000);

  it('reads the sources that it declares and what belongs to them, and the parameters that it lists', () => {
    fc.assert(
      fc.property(anySnapshot, anyParameters, (whole, parameters) => {
        for (const control of ofNamespaces) {
          if (isRollUp(control)) continue;
          const [snapshot, settings] = [recorded(inOrder(whole)), recorded(parameters)];
          control.evaluate({ snapshot: snapshot.proxy, parameters: settings.proxy, now });
          const declared: readonly (string | symbol)[] = [
            ...readableFields(withAllFacts(whole), sourcesRead(control)),
            ...control.parameters,
          ];
          const undeclared = [...snapshot.reads, ...settings.reads].filter(
            (each) => !declared.includes(each),
          );
          expect(undeclared, `${control.id} reads what it does not declare`).to.deep.equal([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('that follows from others reads of the snapshot what it declares', () => {
    fc.assert(
      fc.property(anySnapshot, anyParameters, (whole, parameters) => {
        for (const control of catalogue.filter(isRollUp)) {
          const [snapshot, settings] = [recorded(inOrder(whole)), recorded(parameters)];
          const parts = ofNamespaces.filter(({ id }) => control.derivedFrom.includes(id));
          const input = { snapshot: inOrder(whole), parameters, now };
          const verdicts = new Map(parts.map((part) => [part.id, judge(part, input)]));
          control.rollUp({ snapshot: snapshot.proxy, parameters: settings.proxy, now }, verdicts);
          const declared: readonly (string | symbol)[] = [
            ...readableFields(withAllFacts(whole), sourcesRead(control)),
            ...control.parameters,
          ];
          const undeclared = [...snapshot.reads, ...settings.reads].filter(
            (each) => !declared.includes(each),
          );
          expect(undeclared, `${control.id} reads what it does not declare`).to.deep.equal([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('of the cluster reads the sources and the parameters that it lists, and names the moment that changes it', () => {
    const ofCluster = catalogue.filter(isOfCluster);
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyClusterSnapshot, anyParameters, anyWait, (whole, parameters, wait) => {
        for (const control of ofCluster) {
          const [snapshot, settings] = [recorded(whole), recorded(parameters)];
          const first = control.evaluateCluster({
            ...{ snapshot: snapshot.proxy, parameters: settings.proxy, now },
          });
          seen.add(`${control.id} ${first.status}`);
          const declared: readonly (string | symbol)[] = [
            ...['cluster', ...sourcesRead(control).map((source) => clusterFields[source] ?? source)],
            ...control.parameters,
          ];
          expect(
            [...snapshot.reads, ...settings.reads].filter((each) => !declared.includes(each)),
          ).to.deep.equal([]);
          const later = Math.min(now + wait, (first.validUntil ?? Infinity) - 1);
          expect(control.evaluateCluster({ snapshot: whole, parameters, now: later })).to.deep.equal(first);
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.size).to.be.above(ofCluster.length);
  });

  it('says the same at every moment before the one that it names', () => {
    const waits = fc.array(anyWait, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anySnapshot, anyParameters, waits, (whole, parameters, after) => {
        const snapshot = inOrder(whole);
        for (const control of ofNamespaces) {
          const first = judge(control, { snapshot, parameters, now });
          const { validUntil = Number.POSITIVE_INFINITY } = first;
          expect(validUntil, `${control.id} names a moment that is past`).to.be.above(now);
          const last = Number.isFinite(validUntil) ? [validUntil - 1] : [];
          for (const later of [...after.map((wait) => now + wait), ...last]) {
            if (later >= validUntil) continue;
            const again = judge(control, { snapshot, parameters, now: later });
            expect(again, `${control.id} after ${later - now} ms`).to.deep.equal(first);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
