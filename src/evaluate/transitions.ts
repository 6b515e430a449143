import type { ControlResult, PreviousReport, Transition } from './report.ts';

/** How many transitions a report remembers. */
const remembered = 32;

/**
 * Gives each control the time since which it has its status, and lists what changed since the previous report,
 * newest first. A control that the previous report does not know is no transition.
 */
export function recordTransitions<Result extends Pick<ControlResult, 'id' | 'status' | 'lastTransitionTime'>>(
  controls: readonly Result[],
  previous: PreviousReport | undefined,
  time: string,
): { controls: Result[]; transitions: Transition[] } {
  const before = new Map((previous?.controls ?? []).map((control) => [control.id, control]));
  const fresh: Transition[] = [];
  const timed = controls.map((control) => {
    const last = before.get(control.id);
    if (last?.status === control.status) return { ...control, lastTransitionTime: last.lastTransitionTime };
    if (last !== undefined) fresh.push({ time, control: control.id, from: last.status, to: control.status });
    return { ...control, lastTransitionTime: time };
  });
  return { controls: timed, transitions: [...fresh, ...(previous?.transitions ?? [])].slice(0, remembered) };
}
