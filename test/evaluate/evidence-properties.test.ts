import { expect } from 'chai';
import fc from 'fast-check';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import sensorHealth from '../../src/controls/RD-3.5.1.ts';
import { isOfNamespace } from '../../src/domain/control.ts';
import type { Parameters as ControlParameters } from '../../src/domain/parameters.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import type { MetricsState } from '../../src/domain/sensors.ts';
import type { SourceName } from '../../src/domain/snapshot.ts';
import { sourcesOf, unread } from '../../src/domain/snapshot.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { contentKey } from '../../src/domain/interner.ts';
import type { Status } from '../../src/domain/verdict.ts';
import type { Evaluation } from '../../src/evaluate/evaluate-namespace.ts';
import { evaluateNamespace } from '../../src/evaluate/evaluate-namespace.ts';
import type { Profile } from '../../src/evaluate/profile.ts';
import { now, snapshot } from '../support/builders.ts';
import { controlThat, profileOf, verdict } from '../support/judging.ts';
import type { SourceField } from '../support/snapshots.ts';
import {
  anyClusterSnapshot,
  anyGap,
  anyParameters,
  anySnapshot,
  shuffledSources,
  sourceFields,
  withSource,
} from '../support/snapshots.ts';

/** What holds for every control there is, on namespaces of every kind. */

/** With the extended controls, which are off by default. */
const builtIn = profileOf(catalogue, {
  controls: catalogue.flatMap(({ id, extended }) => (extended === true ? [{ id, disabled: false }] : [])),
});

function evaluate(given: Snapshot, profile: Profile = builtIn) {
  return evaluateNamespace({
    snapshot: given,
    profile,
    now,
    onError: (control, error) => {
      throw new Error(`${control} threw`, { cause: error });
    },
  });
}

const statusesOf = (given: Snapshot, profile: Profile): ReadonlyMap<string, Status> =>
  new Map(evaluate(given, profile).status.controls.map(({ id, status }) => [id, status]));

const profileWith = (parameters: ControlParameters): Profile => ({ ...builtIn, parameters });

const sourceName: Readonly<Record<SourceField, SourceName>> = {
  workloads: 'workloads',
  networkPolicies: 'networkpolicies',
  volumes: 'volumes',
  vulnerabilityScans: 'vulnerabilityreports',
  secretScans: 'exposedsecretreports',
  sboms: 'sbomreports',
  scannerSettings: 'scannersettings',
  runtime: 'falco',
  configMaps: 'configmaps',
  services: 'services',
  serviceAccounts: 'serviceaccounts',
  roleBindings: 'rolebindings',
  rights: 'roles',
  limitRanges: 'limitranges',
  autoscalers: 'horizontalpodautoscalers',
  disruptionBudgets: 'poddisruptionbudgets',
  claims: 'persistentvolumeclaims',
  logNodes: 'logcollectors',
  sensorNodes: 'sensors',
  flowNodes: 'flowsources',
  admission: 'admissionpolicies',
  policyAudits: 'policyaudits',
  gitOps: 'gitops',
  mesh: 'servicemesh',
  exploited: 'knownexploited',
  ingresses: 'ingresses',
  proprietaryObjects: 'proprietaryapis',
};

/** Says in which order it was given the items of each source. */
const orderTeller = controlThat(
  'RD-9.9.9',
  ({ snapshot: given }) =>
    verdict('Fail', {
      message: sourceFields
        .map((field) =>
          given[field].available ? contentKey(JSON.stringify(given[field].items).padEnd(65)) : '',
        )
        .map((text) => text.slice(0, 8))
        .join(' '),
    }),
  { evidence: sourceFields.map((field) => sourceName[field]) },
);

describe('the catalogue on any namespace', function () {
  this.timeout(180_000);

  it('never passes for the loss of evidence, and fails for what was read alone', () => {
    fc.assert(
      fc.property(
        anySnapshot,
        anyParameters,
        anyGap,
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        (whole, parameters, gap, kept) => {
          const before = statusesOf(whole, profileWith(parameters));
          for (const field of sourceFields) {
            const after = (change: Parameters<typeof withSource>[2]) =>
              statusesOf(withSource(whole, field, change), profileWith(parameters));
            const expectNoNewPass = (statuses: ReadonlyMap<string, Status>, what: string) => {
              for (const [id, status] of statuses) {
                if (before.get(id) !== 'Pass') expect(status, `${id} ${what} ${field}`).to.not.equal('Pass');
              }
            };
            expectNoNewPass(
              after(() => unread(gap.reason, gap.message)),
              'without',
            );
            for (const keep of [true, false]) {
              const part = after((source) => {
                if (!source.available) return source;
                return { ...source, items: source.items.filter((_, index) => kept[index] === keep), gap };
              });
              expectNoNewPass(part, 'with a part of');
              for (const { id, evidence } of catalogue.filter(isOfNamespace)) {
                const status = part.get(id);
                if (status === 'Fail') expect(before.get(id), `${id} by a part of ${field}`).to.equal('Fail');
                if (evidence.includes(sourceName[field])) {
                  expect(status, `${id} with a part of ${field}`).to.be.oneOf(['Fail', 'Unknown']);
                }
              }
            }
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it('never passes for metrics of sensors that are no longer read', () => {
    const unreadable = fc.constantFrom<MetricsState | undefined>(
      undefined,
      { of: 'falco' },
      { of: 'falcosidekick' },
    );
    const without = <T extends { readonly metrics?: MetricsState }>(item: T, metrics?: MetricsState): T => {
      const { metrics: _, ...rest } = item;
      return (metrics === undefined ? rest : { ...rest, metrics }) as T;
    };
    let moved = 0;
    fc.assert(
      fc.property(anySnapshot, anyParameters, unreadable, (whole, drawn, gap) => {
        const profile = profileWith({ ...drawn, 'runtime.scrapeFalcoMetrics': true });
        const { sensorNodes } = whole;
        if (!sensorNodes.available) return;
        const read = sensorNodes.items.map((node) => without(node, 'read'));
        const before = statusesOf({ ...whole, sensorNodes: { ...sensorNodes, items: read } }, profile);
        const items = read.map((node) => without(node, gap));
        for (const [id, status] of statusesOf(
          { ...whole, sensorNodes: { ...sensorNodes, items } },
          profile,
        )) {
          if (status !== before.get(id)) moved += 1;
          if (before.get(id) !== 'Pass') expect(status, id).to.not.equal('Pass');
        }
      }),
      { numRuns: 300 },
    );
    expect(moved).to.be.above(0);
    fc.assert(
      fc.property(anyClusterSnapshot, unreadable, (whole, gap) => {
        if (!whole.sensors.available) return;
        const items = whole.sensors.items.map((pod) => without(pod, gap));
        const parameters = { ...defaultParameters, 'runtime.scrapeFalcoMetrics': true };
        const given = { snapshot: { ...whole, sensors: { ...whole.sensors, items } }, parameters, now };
        if (items.some(({ ready, sensor }) => ready && sensor === 'falco'))
          expect(sensorHealth.evaluateCluster(given).status).to.be.oneOf(['Unknown', 'Fail']);
      }),
    );
  });

  it('never passes a single control that reads a source, when no source is there', () => {
    const nothing = sourceFields.reduce(
      (whole, field) => withSource(whole, field, () => unread('NoEvidence', 'It is not there.')),
      snapshot({ namespace: { name: 'shop' } }),
    );
    const passing = [...statusesOf(nothing, builtIn)].filter(([, status]) => status !== 'Unknown');
    expect(passing).to.deep.equal([]);
  });

  it('gives the same bytes for its evidence in any order', () => {
    fc.assert(
      fc.property(
        anySnapshot,
        anyParameters,
        fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 12 }),
        (whole, parameters, seed) => {
          // Beside the controls one that tells whatever comes first: many of them sort by themselves.
          const profile = { ...profileWith(parameters), controls: [...builtIn.controls, orderTeller] };
          const straight = evaluate(whole, profile);
          const expectSame = (other: Evaluation) => {
            expect(other).to.deep.equal(straight);
            expect(JSON.stringify(other)).to.equal(JSON.stringify(straight));
          };
          expectSame(evaluate(shuffledSources(whole, seed), profile));
          const reversed = { ...profile, controls: profile.controls.toReversed() };
          expectSame(evaluate(whole, reversed));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is given more than one item of every source: else no order could differ', () => {
    const several = new Set<SourceField>();
    for (const whole of fc.sample(anySnapshot, { numRuns: 200, seed: 1 })) {
      for (const field of sourceFields) {
        const source = whole[field];
        if (source.available && source.items.length > 1) several.add(field);
      }
    }
    expect(sourceFields.filter((field) => !several.has(field))).to.deep.equal([]);
    // A source that is new in the snapshot must be drawn, shuffled and taken away here too.
    const named = Object.keys(sourcesOf(snapshot()));
    expect(sourceFields.map((field) => sourceName[field]).sort()).to.deep.equal(named.sort());
  });

  it('changes nothing in what it was given', () => {
    fc.assert(
      fc.property(anySnapshot, (whole) => {
        const copy = structuredClone(whole);
        evaluate(whole);
        expect(whole).to.deep.equal(copy);
      }),
      { numRuns: 50 },
    );
  });

  it('gives no verdict that the control does not list', () => {
    const allowed = new Map(catalogue.map(({ id, verdicts }) => [id, verdicts]));
    fc.assert(
      fc.property(anySnapshot, anyParameters, (whole, parameters) => {
        for (const [id, status] of statusesOf(whole, profileWith(parameters)))
          expect(allowed.get(id), id).to.include(status);
      }),
      { numRuns: 200 },
    );
  });

  it('meets every verdict that a control can give, or nearly: else these properties prove little', () => {
    const seen = new Set<string>();
    for (const [whole, parameters] of fc.sample(fc.tuple(anySnapshot, anyParameters), {
      numRuns: 1_000,
      seed: 1,
    })) {
      for (const [id, status] of statusesOf(whole, profileWith(parameters))) seen.add(`${id} ${status}`);
    }
    const possible = catalogue
      .filter(isOfNamespace)
      .flatMap(({ id, verdicts }) => verdicts.map((status) => `${id} ${status}`));
    expect(possible.filter((each) => seen.has(each)).length / possible.length).to.be.above(0.75);
  });
});
