import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import {
  projectCiliumSettings,
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

  const felix = (spec: object) => projectFelixSettings({ metadata: { name: 'default' }, spec }).flowLogs;
  const settings: Record<string, [object, boolean | undefined]> = {
    'do not say': [{ flowLogsFlushInterval: '15s' }, undefined],
    'send flows to a server': [{ flowLogsGoldmaneServer: 'goldmane.calico-system.svc:7443' }, true],
    'write flows into files': [{ flowLogsFileEnabled: true }, true],
    'write none': [{ flowLogsFileEnabled: false }, false],
    'name no server': [{ flowLogsGoldmaneServer: '' }, false],
  };
  for (const [what, [spec, expected]] of Object.entries(settings)) {
    it(`of Calico ${what}`, () => expect(felix(spec)).to.equal(expected));
  }

  it('cannot be read where a field has another type', () => {
    expect(() => felix({ flowLogsFileEnabled: 'yes' })).to.throw(ShapeError);
    expect(() => projectCiliumSettings({ metadata: { name: 'cilium-config' }, data: [] })).to.throw(
      ShapeError,
    );
  });
});
