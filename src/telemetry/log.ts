import { createLogger as createWinstonLogger, format, transports } from 'winston';

export type Fields = Readonly<Record<string, unknown>>;

/** Messages are constant text; what varies stands in the fields, so that a log can be searched and counted. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Text from a cluster is foreign: a field longer than this is cut, so that no log line grows without a bound. */
const longestField = 2_048;

/**
 * One JSON object per line.
 * @param stream `stdout` for a server whose output is its log, `stderr` for a command whose results go to stdout
 */
export function createLogger(level: LogLevel, stream: 'stdout' | 'stderr'): Logger {
  const logger = createWinstonLogger({
    level,
    format: format.combine(format.errors({ stack: true }), format.timestamp(), format.json()),
    transports: [new transports.Console({ stderrLevels: stream === 'stderr' ? [...logLevels] : [] })],
  });
  const write = (at: LogLevel) => (message: string, fields?: Fields) => {
    if (logger.isLevelEnabled(at)) logger.log(at, message, fields === undefined ? {} : plain(fields));
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Errors become {name, code, message, cause}; long strings are cut. */
function plain(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? describeError(value) : cut(value),
    ]),
  );
}

function describeError(error: Error, depth = 0): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: cut(error.message),
    ...(code === undefined ? {} : { code }),
    ...(error.cause instanceof Error && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

function cut(value: unknown): unknown {
  return typeof value === 'string' && value.length > longestField
    ? `${value.slice(0, longestField)}…`
    : value;
}
