import type { Profile } from './profile.ts';

/** What a profile sets in vain, in a sentence; empty when there is nothing. */
export function tellUnused({ unused: { parameters, controls } }: Pick<Profile, 'unused'>): string {
  const parts = [
    ...(parameters.length === 0 ? [] : [`does not use ${parameters.join(', ')}`]),
    ...(controls.length === 0 ? [] : [`does not evaluate ${controls.join(', ')}`]),
  ];
  return parts.length === 0 ? '' : `This version ${parts.join(' and ')}.`;
}
