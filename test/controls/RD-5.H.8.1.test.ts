import control from '../../src/controls/RD-5.H.8.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { scannerSettings } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import { withSidecar } from '../support/scan-cases.ts';
import { at, commonSbomCases, named, sbomOf, sidecarSbom } from '../support/sbom-cases.ts';

const production = { namespace: { name: 'shop', labels: { 'plumbline.dev/environment': 'production' } } };
const ofApp = {
  subject: { kind: 'Deployment', name: 'app', container: 'app' },
  example: 'app-0',
  observed: 'registry.example/app:1.0.0',
};

describeControl(control, {
  ...commonSbomCases,
  'passes an image that has none of the packages': {
    given: at([sbomOf()]),
    status: 'Pass',
    message: 'No image has a package manager, shell, compiler or network tool that is looked for.',
  },
  'warns of shells and package managers': {
    given: at([sbomOf(named('apt', 'bash', 'dpkg'))]),
    status: 'Warn',
    reason: 'DiscouragedPackages',
    message: '1 of 1 container has packages that an image is better without.',
    findings: [{ ...ofApp, message: 'It has apt, bash and dpkg.', ref: 'sbom' }],
  },
  'fails a compiler, by the name that the image has for it, and does not tell of lesser things beside it': {
    given: at([sbomOf(named('bash', 'gcc: gcc-12', 'netcat: netcat-openbsd'))]),
    status: 'Fail',
    message: '1 of 1 container has packages that no image may have.',
    findings: [{ ...ofApp, message: 'It has gcc-12 and netcat-openbsd.', ref: 'sbom' }],
  },
  'fails sudo in production': { given: at([sbomOf(named('sudo'))], production), status: 'Fail' },
  'warns of sudo elsewhere': {
    given: at([sbomOf(named('sudo'))]),
    status: 'Warn',
    reason: 'DiscouragedPackages',
    findings: [{ ...ofApp, message: 'It has sudo.', ref: 'sbom' }],
  },
  'does not know what sudo is where nobody knows whether it is production': {
    given: at([sbomOf(named('sudo'))], { namespace: { name: 'shop' } }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: /in production this would be Fail, elsewhere Warn\.$/,
  },
  'fails what it sees, though another container has no SBOM': {
    given: at([sbomOf(named('tcpdump'))], { workloads: read([withSidecar]) }),
    status: 'Fail',
    message:
      '1 of 2 containers has packages that no image may have. 1 of 2 containers has no SBOM that tells all.',
  },
  'fails what a partial SBOM lists': {
    given: at([sbomOf({ ...named('nmap'), unlisted: 2 })]),
    status: 'Fail',
  },
  'takes every SBOM of an image: another scanner may see more': {
    given: at([sbomOf(), sbomOf(named('make'), { name: 'other' })]),
    status: 'Fail',
    findings: [{ ...ofApp, message: 'It has make.', ref: 'other' }],
  },
  'looks for what the profile names, and for nothing else': {
    given: at(
      [sbomOf(named('perl', 'bash'))],
      {},
      {
        'images.deniedPackages': ['perl'],
        'images.discouragedPackages': [],
      },
    ),
    status: 'Fail',
    findings: [{ ...ofApp, message: 'It has perl.', ref: 'sbom' }],
  },
  'is Unknown while an SBOM was not looked through for what a profile has just named': {
    given: at(
      [sbomOf({ sought: new Set(['bash']) })],
      {},
      {
        'images.deniedPackages': ['perl'],
        'images.discouragedPackages': ['bash'],
      },
    ),
    status: 'Unknown',
    reason: 'NoEvidence',
    findings: [{ ...ofApp, message: 'Its SBOM is still being read.', ref: 'sbom' }],
  },
  'passes when all that is sought was looked for': {
    given: at(
      [sbomOf({ sought: new Set(['bash', 'perl', 'gcc']) })],
      {},
      {
        'images.deniedPackages': ['perl'],
        'images.discouragedPackages': ['bash'],
      },
    ),
    status: 'Pass',
  },
  'counts the names of a long list': {
    given: at([sbomOf(named('apt', 'bash', 'curl', 'dash', 'dpkg', 'git', 'wget', 'zsh'))]),
    status: 'Warn',
    reason: 'DiscouragedPackages',
    findings: [{ ...ofApp, message: 'It has apt, bash, curl, dash, dpkg, git and 2 more.', ref: 'sbom' }],
  },
  'judges each container by its own image': {
    given: at([sbomOf(), sidecarSbom(named('bash'))], { workloads: read([withSidecar]) }),
    status: 'Warn',
    reason: 'DiscouragedPackages',
    message: '1 of 2 containers has packages that an image is better without.',
  },
  'is Unknown where the kind is not installed': {
    given: at([], { sboms: unread('NoEvidence', 'It is not installed.') }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'It is not installed.',
  },
  'says that the scanner makes no SBOMs': {
    given: at([], { scannerSettings: read([scannerSettings({ sbomGenerationEnabled: false })]) }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      '1 of 1 container has no SBOM that tells all. OPERATOR_SBOM_GENERATION_ENABLED switches SBOMs off.',
    findings: [{ ...ofApp, message: 'There is no SBOM of it.' }],
  },
});
