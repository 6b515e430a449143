import type { Clock } from '../../base/clock.ts';
import { JournalError } from './journal-error.ts';

/** Waits for the disk, but not for ever. @throws JournalError with code Slow; the work itself goes on */
export async function within<T>(clock: Clock, milliseconds: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = clock.timer(milliseconds, () =>
    late.reject(new JournalError('Slow', `the disk has not answered within ${milliseconds} ms`)),
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}
