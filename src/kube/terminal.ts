import { ApiError, TerminalError } from './errors.ts';

/** Not the server's mood but what was asked is at fault. Conflicts, absence and lost credentials mend themselves. */
export function toTerminal(error: unknown): unknown {
  if (!(error instanceof ApiError) || [401, 404, 409].includes(error.status) || isDefinitionEnding(error))
    return error;
  return new TerminalError(terminalReason(error), error.message, { cause: error, status: error.status });
}

/** A kind that is being removed, and is mostly installed again: the API server (1.37) calls it Forbidden. */
const isDefinitionEnding = ({ status, message }: ApiError): boolean =>
  status === 403 && message.endsWith('create not allowed while custom resource definition is terminating');

function terminalReason(error: ApiError): string {
  if (error.hasCause('NamespaceTerminating')) return 'NamespaceTerminating';
  const known: Readonly<Record<number, string>> = {
    400: 'BadRequest',
    403: 'Forbidden',
    413: 'TooLarge',
    422: 'Invalid',
  };
  return known[error.status] ?? disguised(error) ?? 'Refused';
}

/** Whether a refusal that looks like a bad moment of the server's is none. */
export const isForGood = (error: ApiError): boolean => disguised(error) !== undefined;

/** Refusals for good that the API server (1.37) calls a plain 500: over etcd's bound, over gRPC's, not in the schema. */
function disguised(error: ApiError): string | undefined {
  if (error.status !== 500) return undefined;
  if (/request is too large|trying to send message larger than max/.test(error.message)) return 'TooLarge';
  return error.message.startsWith('failed to create typed patch object') ? 'Invalid' : undefined;
}
