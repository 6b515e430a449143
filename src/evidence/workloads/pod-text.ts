/**
 * The bytes below are quotes, names and brackets as the API server's encoder writes them. Within a JSON string every quote
 * is escaped, so that none of them can be met there.
 */
const ownerReferences = '"ownerReferences":[';
const managedFields = '"managedFields":[';
const end = ']},"spec":{';
const comma = 0x2c;

/**
 * The text of a Pod that came in one line, or of a frame that has one, without its `metadata.managedFields`: half of the
 * bytes of most pods, and most of what a parser makes of them. Nobody reads them of a pod that a controller owns; of any
 * other, and where they do not stand at the end of the metadata, as the API server puts them, the whole text.
 */
export function podText(line: Buffer): string {
  const from = line.indexOf(managedFields);
  if (from > 0 && line[from - 1] === comma && isOwned(line, from)) {
    const to = line.indexOf(end, from + managedFields.length);
    if (to >= 0) return line.toString('utf8', 0, from - 1) + line.toString('utf8', to + 1);
  }
  return line.toString('utf8');
}

/** As projectMetadata has it: the node of a static pod's mirror does not own it. */
function isOwned(line: Buffer, until: number): boolean {
  const from = line.indexOf(ownerReferences);
  if (from < 0 || from > until) return false;
  const references = line.toString('latin1', from, until);
  return references.includes('"controller":true') && !references.includes('"kind":"Node"');
}
