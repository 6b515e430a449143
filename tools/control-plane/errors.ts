/** What can go wrong, as a word to branch on; the message is for people and says what to do. */
export type ControlPlaneErrorCode =
  | 'GoMissing'
  | 'GoTooOld'
  | 'BuildFailed'
  | 'UnknownKubernetesVersion'
  | 'AssetsVersionMismatch'
  | 'PartDied'
  | 'NotReady'
  | 'Stopped'
  | 'UnknownUser'
  | 'RequestFailed';

export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
  readonly code: ControlPlaneErrorCode;

  constructor(code: ControlPlaneErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const stopped = () => new ControlPlaneError('Stopped', 'It was stopped before it was ready.');

/** @throws ControlPlaneError `Stopped` */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw stopped();
}
