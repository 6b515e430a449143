import control from '../../src/controls/RD-5.H.8.2.ts';
import { describeControl } from '../support/control-cases.ts';
import { at, commonSbomCases, sbomOf } from '../support/sbom-cases.ts';

const ofApp = {
  subject: { kind: 'Deployment', name: 'app', container: 'app' },
  example: 'app-0',
  observed: 'registry.example/app:1.0.0',
};

describeControl(control, {
  ...commonSbomCases,
  'passes an image at its budget': {
    given: at([sbomOf({ osPackages: 150, languagePackages: 900 })]),
    status: 'Pass',
    message: 'No image has more than 150 packages of the operating system.',
  },
  'warns of one package more': {
    given: at([sbomOf({ osPackages: 151, languagePackages: 12 })]),
    status: 'Warn',
    reason: 'OverBudget',
    message: '1 of 1 container runs an image of more than 150 packages of the operating system.',
    findings: [{ ...ofApp, message: 'It has 151 of the operating system and 12 of languages.', ref: 'sbom' }],
  },
  'takes the budget of the profile': {
    given: at([sbomOf({ osPackages: 151 })], {}, { 'images.packageBudget': 200 }),
    status: 'Pass',
  },
  'passes packages of nobody knows what that change nothing': {
    given: at([sbomOf({ osPackages: 140, otherPackages: 10 })]),
    status: 'Pass',
  },
  'is Unknown where they decide': {
    given: at([sbomOf({ osPackages: 140, otherPackages: 11 })]),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: '1 of 1 container runs an image of which it is not known whether it is within budget.',
    findings: [
      {
        ...ofApp,
        message:
          'Its SBOM does not tell whose packages they are: 140 of the operating system and 0 of languages, 11 of nobody knows what.',
        ref: 'sbom',
      },
    ],
  },
  'warns all the same where it is over budget without them': {
    given: at([sbomOf({ osPackages: 151, otherPackages: 11 })]),
    status: 'Warn',
    reason: 'OverBudget',
  },
});
