import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { canonicalCheckId } from '../../src/domain/trivy-check.ts';
import { asObject, listField, objectField, objectsField, stringField } from '../../src/evidence/fields.ts';
import { readYaml } from '../../src/evidence/manifests/documents.ts';
import { requireFixtures } from '../support/fixtures.ts';
import { findingsAt, inputOf, manifestsOf } from '../support/judged-manifests.ts';

interface Mapping {
  readonly control: string;
  /** What the finding is about, in its `path: message`, when the control asks for more than the check does. */
  readonly about?: RegExp;
}

/** The control that says what the check of the file says. */
const mapped: Readonly<Record<string, Mapping>> = {
  'CPU_requests_not_specified.yaml': { control: 'RD-2.7.1', about: /requests\.cpu:/ },
  'SYS_ADMIN_capability.yaml': { control: 'RD-2.2.7', about: /adds .*SYS_ADMIN/ },
  'access_to_host_ports.yaml': { control: 'RD-2.2.5' },
  'apparmor_policy_disabled.yaml': { control: 'RD-2.2.10' },
  'can_elevate_its_own_privileges.yaml': { control: 'RD-2.2.8' },
  'capabilities_no_drop_all.yaml': { control: 'RD-2.2.7', about: /does not drop ALL/ },
  'configMap_with_secrets.yaml': { control: 'RD-5.H.7.3' },
  'file_system_not_read_only.yaml': { control: 'RD-2.7.5' },
  'host_ipc.yaml': { control: 'RD-2.2.3' },
  'host_network.yaml': { control: 'RD-2.2.3' },
  'host_pid.yaml': { control: 'RD-2.2.3' },
  'hostpath_volumes_mounted.yaml': { control: 'RD-2.2.4' },
  'memory_not_limited.yaml': { control: 'RD-2.7.2' },
  'memory_requests_not_specified.yaml': { control: 'RD-2.7.1', about: /requests\.memory:/ },
  'mounts_docker_socket.yaml': { control: 'RD-2.2.4' },
  'non_core_volume_types.yaml': { control: 'RD-2.2.14' },
  'non_default_proc_masks_set.yaml': { control: 'RD-2.2.12' },
  'privileged.yaml': { control: 'RD-2.2.2' },
  'runs_as_root.yaml': { control: 'RD-2.2.16' },
  'runs_with_GID_le_10000.yaml': { control: 'RD-2.1.4' },
  'runs_with_UID_le_10000.yaml': { control: 'RD-2.1.1' },
  'runtime_default_seccomp_profile_not_set.yaml': { control: 'RD-2.2.9' },
  'selinux_custom_options_set.yaml': { control: 'RD-2.2.11' },
  'specific_capabilities_added.yaml': { control: 'RD-2.2.7', about: /The container adds / },
  'unsafe_sysctl_options_set.yaml': { control: 'RD-2.2.13' },
  'uses_image_tag_latest.yaml': { control: 'RD-2.6.4' },
};

const ingress = 'no control judges an Ingress';
const cpuLimits = 'limits of CPU are contested, and RD-2.7.2 asks for those of memory alone';
const kubeSystem =
  'no control judges a namespace by its name; kube-system is left out by the built-in profile';
const tiller = 'no control looks for Tiller by its name; its image is held against the allowed registries';
const noSelector =
  'a policy without a podSelector selects every pod, and a field that nobody knows means nothing';

/** What is left out, sample by sample, and why. */
const excluded: Readonly<Record<string, string>> = {
  'CPU_not_limited.yaml good 0': cpuLimits,
  'CPU_not_limited.yaml bad 0': cpuLimits,
  'capabilities_no_drop_all.yaml good 0':
    'it drops "all", which does not keep the Restricted Pod Security Standard: that compares the text',
  'insecure_ingress_nginx.yaml good 0': ingress,
  'insecure_ingress_nginx.yaml good 1': ingress,
  'insecure_ingress_nginx.yaml good 2': ingress,
  'insecure_ingress_nginx.yaml good 3': ingress,
  'insecure_ingress_nginx.yaml bad 0': ingress,
  'insecure_ingress_nginx.yaml bad 1': ingress,
  'insecure_ingress_nginx.yaml bad 2': ingress,
  'insecure_ingress_nginx.yaml bad 3': ingress,
  'insecure_ingress_nginx.yaml bad 4': ingress,
  'insecure_ingress_nginx.yaml bad 5': ingress,
  'insecure_ingress_nginx.yaml bad 6': ingress,
  'insecure_ingress_nginx.yaml bad 7': ingress,
  'protect_core_components_namespace.yaml good 0': kubeSystem,
  'protect_core_components_namespace.yaml bad 0': kubeSystem,
  'protecting_pod_service_account_tokens.yaml good 0':
    'the check looks for a mount that is written out; RD-3.6.2 knows that the token of default is mounted unless it is switched off',
  'selector_usage_in_network_policies.yaml good 0': noSelector,
  'selector_usage_in_network_policies.yaml bad 0': noSelector,
  'specific_capabilities_added.yaml bad 0':
    'it adds NET_BIND_SERVICE, which the Restricted Pod Security Standard allows',
  'tiller_is_deployed.yaml good 0': tiller,
  'tiller_is_deployed.yaml bad 0': tiller,
};

/** Of the control plane and of nodes: no control about a namespace answers them. */
const ofTheControlPlane = `
  KCV-0001 KCV-0002 KCV-0003 KCV-0004 KCV-0005 KCV-0006 KCV-0007 KCV-0008 KCV-0009 KCV-0010
  KCV-0011 KCV-0012 KCV-0013 KCV-0014 KCV-0015 KCV-0016 KCV-0017 KCV-0018 KCV-0019 KCV-0020
  KCV-0021 KCV-0022 KCV-0024 KCV-0025 KCV-0026 KCV-0027 KCV-0028 KCV-0029 KCV-0030 KCV-0033
  KCV-0034 KCV-0035 KCV-0036 KCV-0037 KCV-0038 KCV-0039 KCV-0041 KCV-0042 KCV-0043 KCV-0044
  KCV-0045 KCV-0046 KCV-0047 KCV-0048 KCV-0049 KCV-0050 KCV-0051 KCV-0052 KCV-0053 KCV-0054
  KCV-0055 KCV-0056 KCV-0057 KCV-0058 KCV-0059 KCV-0060 KCV-0061 KCV-0062 KCV-0063 KCV-0064
  KCV-0065 KCV-0066 KCV-0067 KCV-0068 KCV-0069 KCV-0070 KCV-0071 KCV-0072 KCV-0073 KCV-0074
  KCV-0075 KCV-0076 KCV-0077 KCV-0078 KCV-0079 KCV-0080 KCV-0081 KCV-0082 KCV-0083 KCV-0084
  KCV-0085 KCV-0086 KCV-0087 KCV-0088 KCV-0089 KCV-0090 KCV-0091 KCV-0092
`;

/** Checks that the compliance specifications name and that no control answers, and why. */
const unanswered: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ofTheControlPlane
      .trim()
      .split(/\s+/)
      .map((id) => [id, 'of the control plane and its nodes']),
  ),
  'KSV-0020': 'RD-2.1.1 asks for a user other than 0, not above 10000',
  'KSV-0029': 'the repository has no such check any more',
  'KSV-0037': kubeSystem,
  'KSV-0039': 'a LimitRange is no demand of the reference design; RD-2.7.1 asks for the requests themselves',
  'KSV-0040': 'a ResourceQuota is no demand of the reference design',
  'KSV-0043': 'the repository has no such check any more',
  'KSV-0110': 'no control judges a namespace by its name',
};

interface Sample {
  readonly name: string;
  readonly file: string;
  readonly bad: boolean;
  readonly text: string;
}

function readSamples(folder: string): Sample[] {
  return readdirSync(folder).flatMap((file) => {
    const { values, errors } = readYaml(file, readFileSync(join(folder, file), 'utf8'));
    expect(errors).to.deep.equal([]);
    const lists = objectField(asObject(values[0]?.value, file), 'kubernetes', '') ?? {};
    return (['good', 'bad'] as const).flatMap((list) =>
      listField(lists, list, '').map((text, index) => ({
        name: `${file} ${list} ${index}`,
        file,
        bad: list === 'bad',
        text: String(text),
      })),
    );
  });
}

const baseControl = (id: string) => {
  const control = catalogue.find((each) => each.id === id);
  if (control === undefined || !('evaluate' in control)) throw new Error(`no control ${id}`);
  return control;
};

describe('Trivy’s examples of its checks', () => {
  let root = '';
  let samples: readonly Sample[] = [];
  before(function () {
    root = requireFixtures(this, 'trivy-checks');
    samples = readSamples(join(root, 'checks-examples'));
  });

  it('are all judged but those that are left out by name', () => {
    const names = new Set(samples.map(({ name }) => name));
    expect(Object.keys(excluded).filter((name) => !names.has(name))).to.deep.equal([]);
    const judged = samples.filter(({ name }) => !(name in excluded));
    expect(judged.filter(({ file }) => !(file in mapped)).map(({ name }) => name)).to.deep.equal([]);
    const count = (bad: boolean) => judged.filter((each) => each.bad === bad).length;
    expect({ all: samples.length, good: count(false), bad: count(true) }).to.deep.equal({
      all: 75,
      good: 26,
      bad: 26,
    });
  });

  it('are good and bad here as they are there', () => {
    const wrong = samples.flatMap(({ name, file, bad, text }) => {
      const mapping = mapped[file];
      if (name in excluded || mapping === undefined) return [];
      const control = baseControl(mapping.control);
      const found = findingsAt(control, inputOf(manifestsOf(file, text)), mapping.about);
      return found.length > 0 === bad ? [] : [`${name}: ${found.length} findings of ${mapping.control}`];
    });
    expect(wrong).to.deep.equal([]);
  });

  it('leave nothing out that would agree', () => {
    const agreeing = Object.keys(excluded).filter((name) => {
      const sample = samples.find((each) => each.name === name);
      const mapping = mapped[sample?.file ?? ''];
      if (sample === undefined || mapping === undefined) return false;
      const input = inputOf(manifestsOf(sample.file, sample.text));
      return findingsAt(baseControl(mapping.control), input, mapping.about).length > 0 === sample.bad;
    });
    expect(agreeing).to.deep.equal([]);
  });

  it('are of checks that the control names among its references', () => {
    const entries = JSON.parse(readFileSync(join(root, 'index.json'), 'utf8')) as {
      file: string;
      id: string;
    }[];
    const index = new Map(entries.map(({ file, id }) => [file, canonicalCheckId(id)]));
    const unnamed = Object.entries(mapped).flatMap(([file, { control }]) => {
      const named = (baseControl(control).references.trivy ?? []).map(idOf);
      return named.includes(index.get(file) ?? '') ? [] : [`${file}: ${index.get(file)} of ${control}`];
    });
    expect(unnamed).to.deep.equal([
      // RD-2.1.1 asks for a user other than 0, which is what the samples tell apart.
      'runs_with_UID_le_10000.yaml: KSV-0020 of RD-2.1.1',
    ]);
  });

  it('have compliance specifications whose checks a control answers, but those that are listed', () => {
    const folder = join(root, 'compliance');
    const answered = new Set(catalogue.flatMap(({ references }) => (references.trivy ?? []).map(idOf)));
    const open = readdirSync(folder).flatMap((file) => {
      const { values } = readYaml(file, readFileSync(join(folder, file), 'utf8'));
      const spec = objectField(asObject(values[0]?.value, file), 'spec', '') ?? {};
      return objectsField(spec, 'controls', '').flatMap((control) =>
        objectsField(control, 'checks', '')
          .map((check) => canonicalCheckId(stringField(check, 'id', '') ?? ''))
          .filter((id) => !answered.has(id)),
      );
    });
    expect([...new Set(open)].sort()).to.deep.equal(Object.keys(unanswered).sort());
  });
});

const idOf = (reference: string) => canonicalCheckId(reference.replace(/ \(.*\)$/, ''));
