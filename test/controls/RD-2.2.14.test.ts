import control from '../../src/controls/RD-2.2.14.ts';
import type { ControlCase } from '../support/control-cases.ts';
import { commonCases, describeControl, podWith, templateOf } from '../support/control-cases.ts';

const withVolumes = (...volumes: object[]) => podWith({}, { volumes });
const of = (type: string) => withVolumes({ name: 'v', [type]: {} });

const allowed =
  'configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' ');
const refused =
  'awsElasticBlockStore azureDisk azureFile cephfs cinder fc flexVolume flocker gcePersistentDisk gitRepo glusterfs iscsi nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume aTypeOfTomorrow'.split(
    ' ',
  );

describeControl(control, {
  ...commonCases(of('emptyDir'), of('nfs')),
  ...Object.fromEntries(
    allowed.map((type): [string, ControlCase] => [
      `passes ${type}`,
      { given: templateOf(of(type)), status: 'Pass' },
    ]),
  ),
  ...Object.fromEntries(
    refused.map((type): [string, ControlCase] => [
      `fails ${type}`,
      {
        given: templateOf(of(type)),
        status: 'Fail',
        findings: [
          {
            subject: { kind: 'Deployment', name: 'app' },
            path: `spec.template.spec.volumes[0].${type}`,
            observed: type,
            message: 'Volume "v" is of a type that the standard does not allow in pods.',
          },
        ],
      },
    ]),
  ),
  'passes a volume without a source, which is an emptyDir': {
    given: templateOf(withVolumes({ name: 'v' })),
    status: 'Pass',
  },
  'leaves hostPath to RD-2.2.4': { given: templateOf(of('hostPath')), status: 'Pass' },
  'names the drivers of inline CSI volumes': {
    given: templateOf(
      withVolumes({ name: 'a', csi: { driver: 'b.example' } }, { name: 'c', csi: { driver: 'a.example' } }),
    ),
    status: 'Pass',
    message:
      'All volumes are of the allowed types (1 workload). Noted: inline CSI driver a.example in 1 workload; inline CSI driver b.example in 1 workload.',
  },
});
