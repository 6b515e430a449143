/** Numbers that the checks themselves have under an older name: an alias of `KCV-0035` is `KCV0135`. */
const renumbered: Readonly<Record<string, string>> = { 'KCV-0135': 'KCV-0035' };

/** Checks whose old names are words, in lower case. */
const words: Readonly<Record<string, string>> = {
  configmap_with_secrets: 'KSV-0109',
  configmap_with_sensitive: 'KSV-01010',
  no_svc_with_extip: 'KSV-0108',
};

/**
 * The one spelling of the id of a check of Trivy: `KSV001`, `AVD-KSV-0001` and `ksv-0001` are all `KSV-0001`. The number is not
 * one to calculate with: `KSV-01010` has five digits and is not `KSV-1010`.
 * @returns the text itself, trimmed, where it is no such id
 */
export function canonicalCheckId(text: string): string {
  const trimmed = text.trim();
  const match = /^(?:AVD-)?(KSV|KCV)-?(\d{3,5})$/i.exec(trimmed);
  if (match === null) {
    const word = trimmed.toLowerCase();
    return Object.hasOwn(words, word) ? (words[word] ?? trimmed) : trimmed;
  }
  const [, family = '', digits = ''] = match;
  const id = `${family.toUpperCase()}-${digits.padStart(4, '0')}`;
  return renumbered[id] ?? id;
}
