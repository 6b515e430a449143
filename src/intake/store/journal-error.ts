/**
 * The file cannot be used now. `code` is SQLite's, or the system's. It stands alone, so that only the thread that writes
 * loads SQLite.
 */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
