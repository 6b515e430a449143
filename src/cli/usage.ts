/** A command line that cannot be carried out; the message says what to write instead. */
export class UsageError extends Error {
  readonly code = 'Usage';
  override readonly name = 'UsageError';
}

export const usage = `plumbline holds Kubernetes namespaces against a published reference design.

Usage:
  plumbline run                     the operator: watches a cluster and writes ComplianceReports
  plumbline scan PATH...            the same controls over manifests on disk (files, folders, - for standard input)
  plumbline controls                the catalogue of controls
  plumbline explain ID              what one control checks, why, and how to fix it
  plumbline help [COMMAND]          this text, or a command's options
  plumbline version                 the version
`;
