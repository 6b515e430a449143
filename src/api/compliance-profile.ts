import * as z from 'zod';
import { severities } from '../domain/verdict.ts';
import { conditions } from './control-result.ts';
import { profileParameters } from './profile-parameters.ts';
import {
  choice,
  count,
  flag,
  keyedList,
  list,
  openStruct,
  set,
  stringMap,
  part,
  text,
  word,
} from './schema.ts';

const labelSelector = openStruct(
  {
    matchLabels: stringMap(z.string().max(63), 64, 'Labels that must have these values.').exactOptional(),
    matchExpressions: list(
      openStruct(
        {
          key: word('The label.', 317),
          operator: choice(['In', 'NotIn', 'Exists', 'DoesNotExist'], 'How it is compared.'),
          values: list(
            text('A value.', 63),
            64,
            'What it is compared with; none for Exists and DoesNotExist.',
          ).exactOptional(),
        },
        'One demand on a label.',
        [
          {
            rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
            message: 'In and NotIn need values; Exists and DoesNotExist take none',
          },
        ],
      ),
      64,
      'Demands that must all hold.',
    ).exactOptional(),
  },
  'Selects namespaces by their labels; an empty one selects every namespace. Where neither this nor namespaces.include is ' +
    'given, all namespaces are selected but kube-system, kube-public and kube-node-lease.',
);

const profileControl = openStruct(
  {
    id: word('Catalogue id, such as RD-2.2.7.', 64),
    disabled: flag(
      'True leaves the control out of the reports; false switches on one of the extended controls, which are out by default.',
    ).exactOptional(),
    severity: choice(
      severities,
      'How much it weighs when it fails, in place of what the catalogue says.',
    ).exactOptional(),
    rationale: text(
      'Why the profile departs from the reference design here. Auditors read it.',
      1024,
    ).exactOptional(),
  },
  'What the profile says of one control.',
  [
    {
      rule: "!has(self.disabled) || !self.disabled || (has(self.rationale) && self.rationale.matches(r'[^ \\t\\n]'))",
      message: 'a disabled control needs a rationale',
    },
    {
      rule: "!has(self.severity) || (has(self.rationale) && self.rationale.matches(r'[^ \\t\\n]'))",
      message: 'a changed severity needs a rationale',
    },
  ],
);

export const complianceProfileSpec = openStruct(
  {
    extends: word(
      'The profile whose words hold where this one is silent: its controls, its parameters one by one, and which namespaces it ' +
        'selects. Without it, what is left out is as the reference design has it.',
      253,
    ).exactOptional(),
    namespaceSelector: labelSelector.exactOptional(),
    namespaces: openStruct(
      {
        include: set(
          word('A namespace.', 63),
          1024,
          'The namespaces that are selected, and no others.',
        ).exactOptional(),
        exclude: set(
          word('A namespace.', 63),
          1024,
          'Namespaces that are not selected, whatever selects them.',
        ).exactOptional(),
      },
      'Selects namespaces by their names.',
    ).exactOptional(),
    controls: keyedList(
      profileControl,
      'id',
      256,
      'Controls that the profile treats in its own way.',
    ).exactOptional(),
    parameters: profileParameters.exactOptional(),
  },
  'What namespaces are held against, and which. Unknown fields are kept and reported in the Ready condition.',
  [
    {
      rule: '!(has(self.namespaceSelector) && has(self.namespaces) && has(self.namespaces.include))',
      message:
        'namespaceSelector and namespaces.include exclude each other: include names exactly the namespaces',
    },
  ],
);

export const complianceProfileStatus = part(
  {
    conditions: conditions('Ready: whether the profile is in use, and if not, what is wrong with it.'),
    observedGeneration: count('The metadata.generation that this status belongs to.').exactOptional(),
    selectedNamespaces: count('How many namespaces the profile selects.').exactOptional(),
  },
  'What became of the profile.',
);

export type ComplianceProfileSpec = z.infer<typeof complianceProfileSpec>;
export type ComplianceProfileStatus = z.infer<typeof complianceProfileStatus>;
