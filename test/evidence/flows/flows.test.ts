import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import {
  projectCiliumSettings,
  felixShowsFlows,
  projectFelixSettings,
} from '../../../src/evidence/flows/project-flow-settings.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';
import { flowPod } from '../../support/flow-pods.ts';

describe('an agent that sees the traffic of its node', () => {
  const agents: Record<string, [object, object | undefined]> = {
    'of Cilium': [flowPod('a', 'cilium-agent'), { agent: 'cilium', ready: true }],
    'of Calico': [flowPod('a', 'calico-node', { ready: false }), { agent: 'calico', ready: false }],
    'of Calico, told to send flows to Goldmane': [
      flowPod('a', 'calico-node', { env: ['FELIX_FLOWLOGSGOLDMANESERVER'] }),
      { agent: 'calico', told: true, ready: true },
    ],
    'that accounts for what is dropped': [
      flowPod('a', 'calico-accountant'),
      { agent: 'calico-accountant', ready: true },
    ],
    'is none that a Deployment runs': [flowPod('a', 'cilium-agent', { owner: 'ReplicaSet' }), undefined],
    'is none of another name': [flowPod('a', 'constructor'), undefined],
  };
  for (const [what, [object, expected]] of Object.entries(agents)) {
    it(what, () => expect(projectPod(object).flowAgent).to.deep.equal(expected));
  }
});

describe('settings of what shows flows', () => {
  it('of Cilium switch Hubble on by one word', () => {
    const hubble = (data: object) =>
      projectCiliumSettings({ metadata: { name: 'cilium-config' }, data })?.hubble;
    expect(hubble({ 'enable-hubble': 'true' })).to.equal(true);
    expect(hubble({ 'enable-hubble': 'false' })).to.equal(false);
    expect(hubble({})).to.equal(false);
    const other = { metadata: { name: 'other' }, data: { 'enable-hubble': 'true' } };
    expect(projectCiliumSettings(other)).to.equal(undefined);
  });

  const felix = (spec: object, name = 'default') => projectFelixSettings({ metadata: { name }, spec });
  const files = (flowLogsFileEnabled: boolean) => ({ flowLogsFileEnabled });
  const server = (flowLogsGoldmaneServer: string) => ({ flowLogsGoldmaneServer });
  const goldmane = server('goldmane.calico-system.svc:7443');
  /** Of all, of the node, what the variable of the agent says. */
  const settings: Record<string, [object, object, boolean, boolean]> = {
    'do not say': [{ flowLogsFlushInterval: '15s' }, {}, false, false],
    'send flows to a server': [goldmane, {}, false, true],
    'write flows into files': [files(true), {}, false, true],
    'write none': [files(false), {}, false, false],
    'name no server': [server(''), {}, false, false],
    'count for the node before those for all': [goldmane, server(''), false, false],
    'count for the node where those for all say otherwise': [files(false), files(true), false, true],
    'of the node say nothing of a server, which that of all does': [goldmane, files(false), false, true],
    'say nothing against what a variable says': [server(''), server(''), true, true],
    'write none, and a variable names a server': [files(false), {}, true, true],
  };
  for (const [what, [all, ofNode, told, expected]] of Object.entries(settings)) {
    it(`of Calico ${what}`, () => {
      const others = felix(goldmane, 'node.other');
      expect(felixShowsFlows([others, felix(ofNode, 'node.one'), felix(all)], 'one', told)).to.equal(
        expected,
      );
    });
  }

  it('cannot be read where a field has another type', () => {
    expect(() => felix({ flowLogsFileEnabled: 'yes' })).to.throw(ShapeError);
    expect(() => projectCiliumSettings({ metadata: { name: 'cilium-config' }, data: [] })).to.throw(
      ShapeError,
    );
  });
});
