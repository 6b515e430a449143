/** What can go wrong with what watches the operator; the message is for people. */
export class MonitoringError extends Error {
  override readonly name = 'MonitoringError';
  readonly code: 'QueryRefused' | 'RequestFailed';

  constructor(code: MonitoringError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
