import { expect } from 'chai';
import { parseFalcoEvent } from '../../../src/evidence/falco/event.ts';
import type { Notice } from '../../../src/evidence/falco/notice.ts';
import { falcoEvent } from '../../support/falco.ts';

const noticeIn = (rule: string, fields: Record<string, unknown> = {}) => {
  const event = parseFalcoEvent(JSON.stringify(falcoEvent({ rule, source: 'internal' }, fields)));
  return 'notice' in event ? event.notice : undefined;
};

const cases: Record<string, [string, Record<string, unknown>, Notice | undefined]> = {
  'a drop of system calls': ['Falco internal: syscall event drop', { n_drops: '815508' }, { lost: true }],
  'time-outs, in which it was given nothing': ['Falco internal: timeouts notification', {}, { lost: true }],
  'a snapshot of its metrics, with what it lost since its start': [
    'Falco internal: metrics snapshot',
    { 'falco.outputs_queue_num_drops': 2, 'scap.n_drops': '5' },
    { lost: false, drops: 7 },
  ],
  'a snapshot that counts nothing that is read': [
    'Falco internal: metrics snapshot',
    { 'scap.n_drops': '<NA>', 'scap.n_evts': 5 },
    { lost: false },
  ],
  'a snapshot with what is no number': [
    'Falco internal: metrics snapshot',
    { 'scap.n_drops': 'many', 'falco.outputs_queue_num_drops': -1 },
    { lost: false },
  ],
  'a restart that failed, which loses nothing': ['Falco internal: hot restart failure', {}, { lost: false }],
  'nothing, of an alert of that name within': ['Not Falco internal: syscall event drop', {}, undefined],
};

describe('Falco says of itself', () => {
  for (const [sentence, [rule, fields, expected]] of Object.entries(cases))
    it(sentence, () => expect(noticeIn(rule, fields)).to.deep.equal(expected));
});
