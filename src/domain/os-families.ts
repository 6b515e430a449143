interface Family {
  /** Whether the scanner knows the vulnerabilities of its packages, and when the support of a release ends. */
  readonly scanned: boolean;
}

const scanned: Family = { scanned: true };
const named: Family = { scanned: false };

/** The operating systems that Trivy names, by the names that it gives them. */
export const osFamilies: ReadonlyMap<string, Family> = new Map([
  ['activestate', named],
  ['alma', scanned],
  ['alpine', scanned],
  ['amazon', scanned],
  ['azurelinux', scanned],
  ['bottlerocket', scanned],
  ['cbl-mariner', scanned],
  ['centos', scanned],
  ['centos-stream', named],
  ['chainguard', scanned],
  ['cleanstart', named],
  ['coreos', scanned],
  ['debian', scanned],
  ['echo', scanned],
  ['fedora', named],
  ['minimos', scanned],
  ['opensuse', named],
  ['opensuse-leap', scanned],
  ['opensuse-tumbleweed', scanned],
  ['opensuse.leap', scanned],
  ['opensuse.tumbleweed', scanned],
  ['oracle', scanned],
  ['photon', scanned],
  ['redhat', scanned],
  ['rocky', scanned],
  ['slem', scanned],
  ['sles', scanned],
  ['ubuntu', scanned],
  ['wolfi', scanned],
]);
