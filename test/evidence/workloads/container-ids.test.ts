import { expect } from 'chai';
import { containerIds } from '../../../src/evidence/workloads/container-ids.ts';

const id = '5892b41bcf46a1d0f3c2e4b5a69788776655443322110ffeeddccbbaa9988776';
const status = (...ids: unknown[]) => ({
  containerStatuses: ids.map((containerID) => ({ name: 'a', containerID })),
});

describe('containerIds', () => {
  const pods: Record<string, [object, string]> = {
    'are short, whatever the runtime': [{ status: status(`containerd://${id}`) }, '5892b41bcf46'],
    'of Docker too': [{ status: status(`docker://${id}`) }, '5892b41bcf46'],
    'are those of all containers': [
      {
        status: {
          ...status(`cri-o://${id}`),
          initContainerStatuses: [{ containerID: `cri-o://c0ffee000000` }],
        },
      },
      'c0ffee000000,5892b41bcf46',
    ],
    'are none before a container runs': [{ status: status(undefined, '', 'containerd://') }, ''],
    'are none of a pod that nobody has seen yet': [{}, ''],
    'are none of what no API server would send': [
      { status: { containerStatuses: [7, null, { containerID: 7 }] } },
      '',
    ],
    'are nothing but ids': [{ status: status('x://../../etc/pas') }, ''],
  };
  for (const [sentence, [pod, expected]] of Object.entries(pods))
    it(sentence, () => expect(containerIds(pod as never)).to.equal(expected));
});
