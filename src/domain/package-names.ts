import type { PackageClass } from './vulnerability.ts';

/**
 * One tool has other names in other distributions. Each list has the names by which a parameter's entry is found beside its own,
 * as Debian and Ubuntu, Alpine and Wolfi, and Red Hat's family call the package (2026-01).
 */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  at: ['at-daemon'],
  bash: ['bash-static'],
  busybox: ['busybox-static', 'busybox-full'],
  cron: ['cronie', 'cron-daemon-common'],
  curl: ['curl-minimal'],
  dbus: ['dbus-daemon'],
  dropbear: ['dropbear-bin'],
  fuse: ['fuse-common'],
  'g++': ['gcc-c++'],
  gem: ['rubygems', 'ruby-rubygems'],
  git: ['git-core', 'git-minimal'],
  'iputils-ping': ['iputils', 'inetutils-ping'],
  make: ['gmake'],
  ncat: ['nmap-ncat'],
  netcat: ['netcat-openbsd', 'netcat-traditional', 'nc'],
  'openssh-client': ['openssh-clients', 'openssh-client-default', 'openssh-client-common'],
  pam: ['linux-pam', 'libpam-modules-bin'],
  passwd: ['login'],
  pip: ['python-pip', 'py-pip'],
  polkit: ['policykit', 'polkitd'],
  shadow: ['shadow-utils'],
  sudo: ['sudo-ldap', 'sudo-rs'],
  telnet: ['inetutils-telnet'],
  telnetd: ['inetutils-telnetd', 'telnet-server'],
  'util-linux': ['mount', 'util-linux-core'],
  wget: ['wget-static'],
};

const entryOf: ReadonlyMap<string, string> = new Map(
  Object.entries(otherNames).flatMap(([entry, names]) => names.map((name) => [name, entry] as const)),
);

/** Tools of the operating system: a package of a language that bears such a name is something else. */
const systemTools: ReadonlySet<string> = new Set([
  ...Object.keys(otherNames).filter((name) => name !== 'pip' && name !== 'gem'),
  ...['apk-tools', 'apt', 'busybox-suid', 'clang', 'dash', 'dnf', 'dpkg', 'gcc', 'microdnf', 'nmap', 'rpm'],
  ...['openssh-server', 'xrdp'],
  ...['socat', 'su', 'tcpdump', 'yum', 'zsh', 'zypper'],
]);

/**
 * The entries of parameters that a package answers to: its name, without a version in it (`gcc-12` and `clang17` are compilers
 * too, `python3-pip` is a pip), and what other distributions call it.
 */
export function entriesOf(name: string, packageClass: PackageClass | undefined): readonly string[] {
  if (packageClass === 'language') return systemTools.has(name) ? [] : [name];
  const plain = name.replace(/^(python|py)[\d.]+-/, '$1-').replace(/-?\d+(?:\.\d+)*$/, '');
  const names = plain === name || plain === '' ? [name] : [name, plain];
  const entries = names.flatMap((each) => [each, ...(entryOf.has(each) ? [entryOf.get(each) ?? each] : [])]);
  return [...new Set(entries)];
}
