/** Something that switches rules of Falco on or off. */
export interface RuleSwitch {
  readonly on: boolean;
  /** A name, in which `*` stands for any text; or else a tag. */
  readonly rule?: string;
  readonly tag?: string;
}

/** A ConfigMap of Falco, as far as it says which rules hold. */
export interface FalcoRules {
  readonly namespace: string;
  readonly name: string;
  /** Of falco.yaml: the files and directories from which rules are loaded. */
  readonly loads?: readonly string[];
  /** Of falco.yaml: ways out for its events that are on, such as http_output. */
  readonly outputs?: readonly string[];
  /** Of falco.yaml, in its order; they come after whatever the files say. */
  readonly switches: readonly RuleSwitch[];
  /** Files of rules in it. */
  readonly files: readonly {
    readonly file: string;
    readonly defines: readonly string[];
    readonly switches: readonly RuleSwitch[];
  }[];
  /** Of falcoctl.yaml: the OCI artifacts that are installed. */
  readonly refs: readonly string[];
}

/** The rules that falcosecurity/rules calls stable: those of falco_rules.yaml, in the order of that file. */
export const stableRules: readonly string[] = [
  'Directory traversal monitored file read',
  'Read sensitive file trusted after startup',
  'Read sensitive file untrusted',
  'Run shell untrusted',
  'System user interactive',
  'Terminal shell in container',
  'Contact K8S API Server From Container',
  'Netcat Remote Code Execution in Container',
  'Search Private Keys or Passwords',
  'Clear Log Activities',
  'Remove Bulk Data from Disk',
  'Create Symlink Over Sensitive Files',
  'Create Hardlink Over Sensitive Files',
  'Packet socket created in container',
  'Redirect STDOUT/STDIN to Network Connection in Container',
  'Linux Kernel Module Injection Detected',
  'Debugfs Launched in Privileged Container',
  'Detect release_agent File Container Escapes',
  'PTRACE attached to process',
  'PTRACE anti-debug attempt',
  'Find AWS Credentials',
  'Execution from /dev/shm',
  'Drop and execute new binary in container',
  'Disallowed SSH Connection Non Standard Port',
  'Fileless execution via memfd_create',
];
