import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { resolveBinaries } from '../../tools/control-plane/binaries.ts';
import { eventually } from '../kube/support.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  createProfile,
  deleteNamespace,
  expectOk,
  post,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { removeProfiles } from '../support/profiles.ts';

const run = promisify(execFile);

const recipes = [
  ...readFileSync(new URL('../../docs/kubectl.md', import.meta.url), 'utf8').matchAll(/```sh\n(.*?)\n```/gs),
].map(([, command = '']) => command);

/** What of the output shows that the question was answered, by the beginning of the command. Each recipe has one. */
const answers: Readonly<Record<string, RegExp>> = {
  'kubectl get compliancereports -A --field-selector':
    /^NAMESPACE +NAME +STATE[^\n]*(\n\S+ +reference-design +NonCompliant[^\n]*)+\n$/,
  'kubectl get crep -A --sort-by': /^NAMESPACE[^\n]*\nquiet [^]*\nwebshop /,
  'kubectl get crep -A -o wide': /PASS +WARN +CRITICAL +HIGH/,
  'kubectl describe crep -n webshop': /RD-2\.2\.9[^]*Events:[^]*ControlFailed/,
  'kubectl get crep reference-design -n webshop -o jsonpath=\'{range .status.controls[?(@.status=="Fail")]}':
    /^(critical|high)\tRD-[^\n]*: [^]*\tRD-2\.2\.9\t/,
  'kubectl get crep reference-design -n webshop -o jsonpath=\'{range .status.controls[?(@.id=="RD-2.2.9")].findings':
    /^Pod\/app app .+\n/,
  'kubectl get crep reference-design -n webshop -o jsonpath=\'{range .status.controls[?(@.status=="Unknown")]}':
    /RD-2\.4\.1\tNoEvidence\t/,
  'kubectl get csum reference-design -o jsonpath': /^workloads\ttrue\t\n/,
  "kubectl get crep reference-design -n webshop -o jsonpath='{range .status.transitions":
    /RD-2\.2\.3\tPass to Fail\n/,
  'kubectl events -n webshop': /Warning +ControlFailed +ComplianceReport\/reference-design +RD-2\.2\.3/,
  'kubectl get events.events.k8s.io': /webshop .*ControlFailed/,
  'kubectl get crep -A -o jsonpath': /webshop\tFail\n/,
  'kubectl wait crep/reference-design -n webshop --for=condition=Ready': /condition met/,
  'kubectl wait crep/reference-design -n webshop --for=jsonpath': /condition met/,
  'kubectl get csum': /reference-design/,
  'kubectl describe csum': /Last Heartbeat/,
  'kubectl get rtrep': /^NAMESPACE .*|^$/,
  'kubectl get cprof': /reference-design/,
  'kubectl wait cprof': /condition met/,
  'kubectl get compliance -n webshop': /compliancereport\.plumbline\.dev\/reference-design/,
  'kubectl explain': /FIELDS:[^]*findingsTotal/,
  'kubectl auth can-i': /^yes\n$/,
};

describe('the recipes of docs/kubectl.md', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running | undefined;
  let environment: NodeJS.ProcessEnv = {};

  before(async () => {
    const { kubectl } = await resolveBinaries(['kubectl'], { progress: () => {} });
    environment = {
      PATH: `${dirname(kubectl)}:${process.env['PATH'] ?? ''}`,
      KUBECONFIG: cluster().kubeconfigPath,
      HOME: dirname(cluster().kubeconfigPath),
    };
    for (const name of ['webshop', 'quiet'])
      await cluster().request('POST', '/api/v1/namespaces', { metadata: { name } });
    const pods = '/api/v1/namespaces/webshop/pods';
    await post(cluster(), pods, barePod('app'));
    await createProfile(cluster(), 'reference-design', {
      namespaces: { include: ['webshop', 'quiet'] },
    });
    running = await startOperator(cluster());
    await awaitVerdicts(cluster(), 'webshop', { 'RD-2.2.3': 'Pass' });
    await post(cluster(), pods, barePod('host', { hostNetwork: true }));
    await awaitVerdicts(cluster(), 'webshop', { 'RD-2.2.3': 'Fail' });
    const told = async () => {
      const path = '/apis/events.k8s.io/v1/namespaces/webshop/events';
      const { items } = expectOk('list', await cluster().request('GET', path)) as {
        items: { note: string }[];
      };
      return items.some(({ note }) => note.startsWith('RD-2.2.3 '));
    };
    await eventually(told, 'the transition is told');
    const summary = '/apis/plumbline.dev/v1alpha1/compliancesummaries/reference-design';
    await eventually(
      async () => (await cluster().request('GET', summary)).status === 200,
      'there is a summary',
    );
  });
  after(async () => {
    await running?.stop();
    await removeProfiles(cluster());
    for (const name of ['webshop', 'quiet']) await deleteNamespace(cluster(), name);
  });

  it('have an answer each', () => {
    const unanswered = recipes.filter((recipe) => answerOf(recipe) === undefined);
    expect(unanswered).to.deep.equal([]);
    expect(recipes).to.have.length(Object.keys(answers).length);
  });

  it('select by the state, and show nothing in another', async () => {
    const [recipe = ''] = recipes;
    const other = recipe.replace('NonCompliant', 'Compliant');
    const { stdout, stderr } = await run('sh', ['-c', other], { env: environment });
    expect({ stdout, stderr }).to.deep.equal({ stdout: '', stderr: 'No resources found\n' });
  });

  for (const recipe of recipes)
    it(recipe.slice(0, 140), async () => {
      const { stdout } = await run('sh', ['-c', recipe], { env: environment });
      expect(stdout).to.match(answerOf(recipe) ?? /^never$/);
    });
});

/** The longest beginning wins. */
function answerOf(recipe: string): RegExp | undefined {
  const [beginning] = Object.keys(answers)
    .filter((each) => recipe.startsWith(each))
    .sort((a, b) => b.length - a.length);
  return beginning === undefined ? undefined : answers[beginning];
}
