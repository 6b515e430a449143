import { catalogue } from '../controls/catalogue.generated.ts';
import { isRollUp } from '../domain/control.ts';

/** Ids of the controls that others decide; they count and are shown once, with their parts. */
export const rollUps: ReadonlySet<string> = new Set(catalogue.filter(isRollUp).map(({ id }) => id));
