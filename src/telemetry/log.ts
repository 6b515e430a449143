import { createLogger as createWinstonLogger, format, transports } from 'winston';

/** Whatever a line tells beside its message; the three names that every line has are taken. */
export type Fields = Readonly<Record<string, unknown>> & {
  readonly level?: never;
  readonly message?: never;
  readonly timestamp?: never;
};

/** Messages are constant text; what varies stands in the fields, so that a log can be searched and counted. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Text from a cluster is foreign: what is longer, larger or deeper is cut, so that no log line grows without a bound. */
const longestText = 2_048;
const longestList = 50;
const deepest = 4;

/**
 * One JSON object per line.
 * @param stream `stdout` for a server whose output is its log, `stderr` for a command whose results go to stdout
 */
export function createLogger(level: LogLevel, stream: 'stdout' | 'stderr'): Logger {
  const logger = createWinstonLogger({
    level,
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Console({ stderrLevels: stream === 'stderr' ? [...logLevels] : [] })],
  });
  const write = (at: LogLevel) => (message: string, fields?: Fields) => {
    // Winston would add a field that is called `message` to the message.
    if (logger.isLevelEnabled(at)) logger.log({ ...plainFields(fields ?? {}, 0), level: at, message });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const plainFields = (fields: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields)
      .slice(0, longestList)
      .map(([key, value]) => [key, plain(value, depth)]),
  );

/** Errors become {name, code, message, cause}: what else hangs on one may be a request with its credentials. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '…';
  if (value instanceof Error) return describeError(value, depth);
  if (Array.isArray(value)) {
    const shown: unknown[] = value.slice(0, longestList).map((item) => plain(item, depth + 1));
    return value.length > shown.length ? [...shown, `… ${value.length - shown.length} more`] : shown;
  }
  return plainFields(value, depth + 1);
}

function describeError(error: Error, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: cut(error.message),
    // An error of ours has a code, and its message says enough; any other is a defect, and its stack is what helps.
    ...(code === undefined ? { stack: cut(error.stack ?? '') } : { code: plain(code, depth + 1) }),
    ...(error.cause instanceof Error ? { cause: plain(error.cause, depth + 1) } : {}),
  };
}

const cut = (text: string) => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);
