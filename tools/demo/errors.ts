/** What can go wrong in the demo, as a word to branch on; the message is for people. */
export type DemoErrorCode =
  'KubectlFailed' | 'RequestFailed' | 'NotInTime' | 'OperatorDied' | 'MonitoringDied' | 'Interrupted';

export class DemoError extends Error {
  override readonly name = 'DemoError';
  readonly code: DemoErrorCode;

  constructor(code: DemoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
