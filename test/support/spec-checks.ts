import * as rd_2_1_1 from '../../src/controls/RD-2.1.1.ts';
import * as rd_2_1_2 from '../../src/controls/RD-2.1.2.ts';
import * as rd_2_2_2 from '../../src/controls/RD-2.2.2.ts';
import * as rd_2_2_3 from '../../src/controls/RD-2.2.3.ts';
import * as rd_2_2_4 from '../../src/controls/RD-2.2.4.ts';
import * as rd_2_2_5 from '../../src/controls/RD-2.2.5.ts';
import * as rd_2_2_6 from '../../src/controls/RD-2.2.6.ts';
import * as rd_2_2_7 from '../../src/controls/RD-2.2.7.ts';
import * as rd_2_2_8 from '../../src/controls/RD-2.2.8.ts';
import * as rd_2_2_9 from '../../src/controls/RD-2.2.9.ts';
import * as rd_2_2_10 from '../../src/controls/RD-2.2.10.ts';
import * as rd_2_2_11 from '../../src/controls/RD-2.2.11.ts';
import * as rd_2_2_12 from '../../src/controls/RD-2.2.12.ts';
import * as rd_2_2_13 from '../../src/controls/RD-2.2.13.ts';
import * as rd_2_2_14 from '../../src/controls/RD-2.2.14.ts';
import * as rd_2_2_15 from '../../src/controls/RD-2.2.15.ts';
import * as rd_2_2_16 from '../../src/controls/RD-2.2.16.ts';
import * as rd_2_2_17 from '../../src/controls/RD-2.2.17.ts';
import type { SpecContext } from '../../src/controls/shared/spec-check.ts';
import { isExemption } from '../../src/controls/shared/spec-check.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import type { PodSpec } from '../../src/domain/pod-spec.ts';

/** The rules of the Restricted Pod Security Standard: each control, and its rule about one specification. */
export const podSecurityRules = [
  rd_2_2_2,
  rd_2_2_3,
  rd_2_2_4,
  rd_2_2_5,
  rd_2_2_6,
  rd_2_2_7,
  rd_2_2_8,
  rd_2_2_9,
  rd_2_2_10,
  rd_2_2_11,
  rd_2_2_12,
  rd_2_2_13,
  rd_2_2_14,
  rd_2_2_15,
  rd_2_2_16,
  rd_2_2_17,
].map(({ default: control, check }) => ({ control, check }));

const rules = [
  ...podSecurityRules,
  ...[rd_2_1_1, rd_2_1_2].map(({ default: control, check }) => ({ control, check })),
];

/** Which of the controls' rules one specification breaks. */
export function brokenBy(
  spec: PodSpec,
  ids: readonly string[],
  at: Partial<SpecContext> = {},
): readonly string[] {
  return ids.filter((id) => {
    const rule = rules.find(({ control }) => control.id === id);
    if (rule === undefined) throw new Error(`no rule ${id}`);
    const found = rule.check(spec, { minor: 37, level: 'restricted', parameters: defaultParameters, ...at });
    return !isExemption(found) && found.some(({ weight }) => weight === undefined);
  });
}
