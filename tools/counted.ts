import { rollUps } from '../src/cli/roll-ups.ts';

/** A matcher of the controls that count, as in the columns of kubectl: a roll-up repeats what its parts say. */
export const counted = `control!~"${[...rollUps].map((id) => id.replaceAll('.', '[.]')).join('|')}"`;
