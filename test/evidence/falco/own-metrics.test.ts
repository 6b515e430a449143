import { expect } from 'chai';
import { readFalcoMetrics, readSidekickMetrics } from '../../../src/evidence/falco/own-metrics.ts';
import { falcoPage, sidekickPage } from '../../support/falco-metrics.ts';

const kernel = { problem: 'it has no counters of kernel events (kernel_event_counters_enabled)' };

describe('the metrics of Falco', () => {
  const cases: Record<string, [string, object]> = {
    'tell what it was given, and that it lost nothing': [
      falcoPage(),
      { started: 1_748_558_475, drops: 0, events: 17_613 },
    ],
    'tell what it lost in the kernel and before its outputs, and count nothing twice': [
      falcoPage({ drops: 5, queueDrops: 2 }),
      { started: 1_748_558_475, drops: 7, events: 17_613 },
    ],
    'prove nothing without the counters of the kernel': [falcoPage({ kernel: false }), kernel],
    'prove nothing where what it lost is not counted': [
      falcoPage().replaceAll(/.*scap_n_drops_total.*\n/g, ''),
      kernel,
    ],
    'are not the page of another': [sidekickPage(), kernel],
    'are not an empty page': ['', kernel],
    'are no counts when they are below nothing': [
      falcoPage({ drops: -1 }),
      { problem: 'a counter is no count' },
    ],
    'are not read where one cannot be': [
      falcoPage().replace('n_evts_total 17613', 'n_evts_total many'),
      { problem: 'line 12 is no sample of falcosecurity_scap_n_evts_total' },
    ],
  };
  for (const [what, [page, expected]] of Object.entries(cases))
    it(what, () => expect(readFalcoMetrics(page)).to.deep.equal(expected));
});

describe('the metrics of Falcosidekick', () => {
  const started = 1_748_558_470;
  const cases: Record<string, [string, object]> = {
    'tell that nothing was lost': [sidekickPage(), { started, drops: 0 }],
    'tell what the outputs lost that lead here': [
      sidekickPage({ errors: { webhook: 3, cloudevents: 2 } }),
      { started, drops: 5 },
    ],
    'leave out what others lost': [sidekickPage({ errors: { slack: 3 } }), { started, drops: 0 }],
    'tell it by their earlier names too': [
      sidekickPage({ errors: { webhook: 3, cloudevents: 2, slack: 1 }, older: true }),
      { started, drops: 5 },
    ],
    'prove nothing where none of its counters is, as of any process that is written in Go': [
      sidekickPage({ used: false }),
      { started, drops: 0, unproven: 'it has no counters of Falcosidekick' },
    ],
    'need not say when it started': [
      sidekickPage().replaceAll(/.*process_start_time_seconds.*\n/g, ''),
      { started: 0, drops: 0 },
    ],
    'are not the page of another': [falcoPage(), { problem: 'it has no counters of Falcosidekick' }],
  };
  for (const [what, [page, expected]] of Object.entries(cases))
    it(what, () => expect(readSidekickMetrics(page)).to.deep.equal(expected));
});
