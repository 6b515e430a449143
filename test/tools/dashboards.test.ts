import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { documentation, uids } from '../../tools/dashboards/links.ts';
import { demands } from '../../tools/dashboards/looks.ts';
import type { Dashboard } from '../../tools/dashboards/model.ts';
import { allDashboards } from '../../tools/generate/dashboards.ts';
import { lintDashboard } from '../support/dashboard-lint.ts';

const overview = allDashboards.get('plumbline-overview.json');
if (overview === undefined) throw new Error('there is no overview');

type Loose = { [field: string]: unknown };
const first = (dashboard: Dashboard) =>
  dashboard.panels.find(({ type }) => type !== 'row') as unknown as Loose;
const firstTarget = (dashboard: Dashboard) => (first(dashboard)['targets'] as Loose[])[0] ?? {};
const ask = (expr: string) => (dashboard: Dashboard) => {
  firstTarget(dashboard)['expr'] = expr;
};
const reports = 'max without (pod, instance) (plumbline_report_compliant';

/** What is done to a good dashboard, and what the linter says then. */
const spoilt: Readonly<Record<string, readonly [spoil: (dashboard: Dashboard) => void, says: RegExp]>> = {
  'an id': [(d) => void Object.assign(d, { id: 7 }), /belongs to the server/],
  'no fixed uid': [(d) => void Object.assign(d, { uid: '' }), /uid/],
  'a newer schema': [(d) => void Object.assign(d, { schemaVersion: 41 }), /schema version/],
  'one that can be edited': [(d) => void Object.assign(d, { editable: true }), /edited/],
  inputs: [(d) => void Object.assign(d, { __inputs: [] }), /inputs/],
  'no links': [(d) => void Object.assign(d, { links: [] }), /no link/],
  'another label of the data source': [
    (d) => void Object.assign(d.templating.list[0] ?? {}, { label: 'Prometheus' }),
    /first variable/,
  ],
  'a cluster that is shown': [
    (d) => void Object.assign(d.templating.list.find(({ name }) => name === 'cluster') ?? {}, { hide: 0 }),
    /the cluster is shown/,
  ],
  'a variable of another data source': [
    (d) =>
      void Object.assign(d.templating.list.find(({ name }) => name === 'namespace') ?? {}, {
        datasource: { type: 'prometheus', uid: 'abc' },
      }),
    /namespace does not ask/,
  ],
  'a variable that is not declared': [
    ask(`${reports}{cluster=~"$cluster", namespace="$nameless"})`),
    /\$nameless is used/,
  ],
  'a variable that nobody uses': [
    (d) =>
      void (d.templating.list as unknown as Loose[]).push({ name: 'idle', label: 'Idle', description: 'x' }),
    /\$idle is declared/,
  ],
  'no description': [(d) => void (first(d)['description'] = ''), /does not say what it answers/],
  'no unit': [(d) => void ((first(d)['fieldConfig'] as { defaults: Loose }).defaults['unit'] = ''), /unit/],
  'a panel of another data source': [
    (d) => void (first(d)['datasource'] = { type: 'prometheus', uid: 'abc' }),
    /does not ask the chosen/,
  ],
  'a panel over another': [
    (d) => void (first(d)['gridPos'] = { x: 0, y: 0, w: 25, h: 4 }),
    /lies over|beyond/,
  ],
  'no such metric': [ask('plumbline_nothing{cluster=~"$cluster"}'), /no metric/],
  'no such label': [ask(`${reports}{cluster=~"$cluster", image="x"})`), /no such label/],
  'a label in a legend that is summed away': [
    (d) => void (firstTarget(d)['legendFormat'] = '{{severity}}'),
    /no label severity/,
  ],
  'every cluster': [ask(`${reports}{profile="x"})`), /every cluster/],
  'verdicts of each replica': [ask('plumbline_report_compliant{cluster=~"$cluster"}'), /each leader/],
  'a bare counter': [ask('sum(plumbline_reconcile_total{cluster=~"$cluster"})'), /counter/],
  'a fixed window': [ask('rate(plumbline_reconcile_total{cluster=~"$cluster"}[5m])'), /fixed time/],
  'a control that is not there': [
    ask('max without (pod, instance) (plumbline_control_status{cluster=~"$cluster", control="RD-2.2.777"})'),
    /names a control that is not there/,
  ],
  'a zero that is made up': [ask(`${reports}{cluster=~"$cluster"}) or vector(0)`), /makes up/],
};

describe('dashboards', () => {
  for (const [file, dashboard] of allDashboards)
    it(`${file} keeps to the conventions`, () => {
      expect(dashboard.panels.length).to.be.greaterThan(10);
      expect(lintDashboard(dashboard)).to.deep.equal([]);
    });

  describe('the linter finds', () => {
    for (const [what, [spoil, says]] of Object.entries(spoilt))
      it(what, () => {
        const dashboard = structuredClone(overview);
        spoil(dashboard);
        expect(lintDashboard(dashboard).join('\n')).to.match(says);
      });
  });

  it('lead from the overview to one namespace, and from each control to its page', () => {
    const text = JSON.stringify([...allDashboards.values()]);
    const dashboards = [...text.matchAll(/"\/d\/([^?"]+)/g)].map(([, uid]) => uid);
    expect(new Set(dashboards)).to.include(uids.namespace);
    expect(Object.values(uids)).to.include.members(dashboards);
    const pages = [...text.matchAll(/"\$\{docs\}\/([^"]+)"/g)].map(([, page = '']) => page);
    expect(pages).to.include('controls/${__value.raw}.md');
    const missing = pages
      .flatMap((page) =>
        page.includes('$') ? catalogue.map(({ id }) => page.replace('${__value.raw}', id)) : [page],
      )
      .filter((page) => !existsSync(`docs/${page}`))
      // Runbooks come with the alerts; where there are any, all must be there.
      .filter((page) => !page.startsWith('runbooks/') || existsSync('docs/runbooks'));
    expect(missing).to.deep.equal([]);
    expect(documentation).to.match(/^https:.*[^/]$/);
  });

  it('have a name for the requirement of every control', () => {
    const nameless = catalogue
      .map(({ id }) => /^(RD-(?:5[.][GH][.][0-9]+|[0-9]+[.][0-9]+))[.].*$/.exec(id)?.[1] ?? id)
      .filter((prefix) => !demands.has(prefix));
    expect(nameless).to.deep.equal([]);
  });

  it('show every metric somewhere', () => {
    const text = JSON.stringify([...allDashboards.values()]);
    const hidden = Object.keys(metricTable).filter((name) => !text.includes(name));
    expect(hidden).to.deep.equal([]);
  });
});
