import control from '../../src/controls/RD-5.H.6.1.ts';
import { describeControl } from '../support/control-cases.ts';
import { rollUpCases } from '../support/roll-up-cases.ts';

describeControl(control, rollUpCases(control));
