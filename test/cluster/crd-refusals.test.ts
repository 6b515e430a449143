import { expect } from 'chai';
import type { KindName } from '../../src/api/resources.ts';
import {
  apiVersion,
  complianceProfiles,
  complianceReports,
  runtimeReports,
} from '../../src/api/resources.ts';
import { controlResult, reportStatus } from '../support/api-samples.ts';
import { applyManifests, freshNamespace, useCluster } from '../support/cluster.ts';
import { write } from '../support/kept.ts';

describe('the CustomResourceDefinitions refuse', () => {
  const cluster = useCluster();
  before(async function () {
    this.timeout(60_000);
    await applyManifests(cluster(), ['crds']);
  });

  const report = (fields: object, spec: object = { profile: 'a' }) => ({
    names: complianceReports,
    object: { apiVersion, kind: complianceReports.kind, metadata: { name: 'a' }, spec },
    status: { ...reportStatus, ...fields },
  });
  const profile = (spec: object) => ({
    names: complianceProfiles,
    object: { apiVersion, kind: complianceProfiles.kind, metadata: { name: 'wrong' }, spec },
    status: undefined,
  });
  const refused: Record<string, { names: KindName; object: object; status: unknown; because: RegExp }> = {
    'a score above 100': {
      ...report({ score: 101 }),
      because: /status\.score: Invalid value: 101: .*should be less than or equal to 100/,
    },
    'a status that is no verdict': {
      ...report({ controls: [{ ...controlResult, status: 'Passed' }] }),
      because: /status\.controls\[0\]\.status: Unsupported value: "Passed": supported values: "Pass", "Warn"/,
    },
    'a reason that is a sentence': {
      ...report({ controls: [{ ...controlResult, reason: 'no evidence' }] }),
      because: /status\.controls\[0\]\.reason: Invalid value: "no evidence"/,
    },
    'a message that is too long': {
      ...report({ controls: [{ ...controlResult, message: 'x'.repeat(513) }] }),
      because: /status\.controls\[0\]\.message: Too long: may not be more than 512 /,
    },
    'a control without its status': {
      ...report({ controls: [{ id: 'RD-2.1.1' }] }),
      because: /status\.controls\[0\]\.status: Required value/,
    },
    'more transitions than it remembers': {
      ...report({ transitions: Array.from({ length: 33 }, () => reportStatus.transitions[0]) }),
      because: /status\.transitions: Too many: 33: must have at most 32 items/,
    },
    'two conditions of one type': {
      ...report({ conditions: [...reportStatus.conditions, ...reportStatus.conditions] }),
      because: /duplicate/i,
    },
    'a field that the schema does not have': {
      ...report({ colour: 'green' }),
      because: /status\.colour: field not declared in schema/,
    },
    'a report that bears another name than its profile': {
      ...report({}, { profile: 'b' }),
      because: /it must bear the name of its profile: metadata\.name and spec\.profile differ/,
    },
    'a report without a profile': { ...report({}, {}), because: /spec\.profile: Required value/ },
    'a RuntimeReport of another name': {
      names: runtimeReports,
      object: { apiVersion, kind: runtimeReports.kind, metadata: { name: 'other' } },
      status: undefined,
      because: /a namespace has one RuntimeReport, and its name is runtime/,
    },
    'a control that is disabled without a word': {
      ...profile({ controls: [{ id: 'RD-2.1.1', disabled: true }] }),
      because: /spec\.controls\[0\]: Invalid value: .*a disabled control needs a rationale/,
    },
    'a rationale of blanks': {
      ...profile({ controls: [{ id: 'RD-2.1.1', disabled: true, rationale: ' \n' }] }),
      because: /a disabled control needs a rationale/,
    },
    'another severity without a word': {
      ...profile({ controls: [{ id: 'RD-2.1.1', severity: 'low' }] }),
      because: /spec\.controls\[0\]: Invalid value: .*a changed severity needs a rationale/,
    },
    'a profile that extends itself': {
      ...profile({ extends: 'wrong' }),
      because: /a profile cannot extend itself/,
    },
    'a parameter that no control reads, of the wrong type': {
      ...profile({ parameters: { nodes: { rebootWarnAfter: 7 } } }),
      because: /spec\.parameters\.nodes\.rebootWarnAfter: Invalid value: .*must be of type string/,
    },
    'a control that stands there twice': {
      ...profile({ controls: [{ id: 'RD-2.1.1' }, { id: 'RD-2.1.1' }] }),
      because: /spec\.controls\[1\]: Duplicate value: \{"id":"RD-2\.1\.1"\}/,
    },
    'a duration in words': {
      ...profile({ parameters: { runtime: { alertWindow: '1 day' } } }),
      because:
        /spec\.parameters\.runtime\.alertWindow: Invalid value: .*a duration is written as 15m, 1h30m or 7d/,
    },
    'an unknown choice': {
      ...profile({ parameters: { runtime: { alertPriority: 'High' } } }),
      because:
        /spec\.parameters\.runtime\.alertPriority: Unsupported value: "High": supported values: "Emergency"/,
    },
    'a number out of bounds': {
      ...profile({ parameters: { vulnerabilities: { minScanners: 0 } } }),
      because:
        /spec\.parameters\.vulnerabilities\.minScanners: Invalid value: 0: .*greater than or equal to 1/,
    },
    'a string for a list': {
      ...profile({ parameters: { images: { allowedRegistries: 'docker.io' } } }),
      because:
        /spec\.parameters\.images\.allowedRegistries: Invalid value: "string": .*must be of type array/,
    },
    'a selector whose operator lacks its values': {
      ...profile({ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
      because: /In and NotIn need values; Exists and DoesNotExist take none/,
    },
    'a selector beside names': {
      ...profile({ namespaceSelector: {}, namespaces: { include: ['a'] } }),
      because: /namespaceSelector and namespaces\.include exclude each other/,
    },
  };
  for (const [what, { names, object, status, because }] of Object.entries(refused)) {
    it(what, async () => {
      const fresh = await freshNamespace(cluster(), 'refused');
      const error = await write(cluster(), names, fresh, object, status).then(
        () => 'it was accepted',
        (reason: unknown) => String(reason),
      );
      expect(error).to.match(because);
    });
  }
});
