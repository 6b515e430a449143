import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ComplianceSummaryStatus } from '../api/compliance-summary.ts';
import type { ClusterSnapshot } from '../domain/cluster-snapshot.ts';
import type { ClusterEvaluation } from '../evaluate/evaluate-cluster.ts';
import { evaluateCluster } from '../evaluate/evaluate-cluster.ts';
import type { Profile } from '../evaluate/profile.ts';
import type { Logger } from '../telemetry/log.ts';

interface Entry {
  readonly profile: Profile;
  readonly evaluation: ClusterEvaluation;
  /** When what reports inherit has last changed, milliseconds since the epoch; undefined when it never has. */
  readonly changedAt: number | undefined;
}

export interface ClusterVerdictsOptions {
  readonly snapshot: (profile: Profile, now: number) => ClusterSnapshot;
  /** The summary of a profile as it was last written. */
  readonly summary: (profile: string) => ComplianceSummaryStatus | undefined;
  readonly logger: Logger;
}

/** Over so long the reports are spread in which nothing has changed but what they inherit. */
export const spreadMs = 5 * 60_000;

/** So long a turn lasts: a change in the moment before a report is written must not make it miss its turn. */
const turnMs = 10_000;

/** What each profile says of the cluster, for as long as one replica leads. */
export class ClusterVerdicts {
  readonly #options: ClusterVerdictsOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ClusterVerdictsOptions) {
    this.#options = options;
  }

  /** As it was last judged; judged now if it never was, or by another version of the profile. */
  of(profile: Profile, now: number): ClusterEvaluation {
    const known = this.#entries.get(profile.name);
    return known?.profile === profile ? known.evaluation : this.judge(profile, now).evaluation;
  }

  /** Judges anew. @returns whether reports inherit something else than before */
  judge(
    profile: Profile,
    now: number,
  ): { readonly evaluation: ClusterEvaluation; readonly changed: boolean } {
    const { snapshot, summary, logger } = this.#options;
    const before = this.#entries.get(profile.name);
    const evaluation = evaluateCluster({
      snapshot: snapshot(profile, now),
      profile,
      now,
      previous: before?.evaluation ?? summary(profile.name),
      onError: (control, error) => logger.error('a control failed to evaluate', { control, error }),
    });
    // The same object for the same: what follows from it need not be asked again.
    if (before?.profile === profile && isDeepStrictEqual(before.evaluation, evaluation))
      return { evaluation: before.evaluation, changed: false };
    const changed = before !== undefined && !isDeepStrictEqual(rowsOf(before.evaluation), rowsOf(evaluation));
    // What a leader finds at first may differ from what the one before has written.
    const changedAt = changed || before === undefined ? now : before.changedAt;
    this.#entries.set(profile.name, { profile, evaluation, changedAt });
    return { evaluation, changed };
  }

  /**
   * Milliseconds that a report may wait to show a change of what it inherits: until its own turn, which comes once in
   * `spreadMs`. So no change, and no number of them, writes all reports at once, and none of them waits for longer.
   */
  patience(profile: string, namespace: string, now: number): number {
    const changedAt = this.#entries.get(profile)?.changedAt ?? now;
    const turn = turnOf(namespace);
    const due = turn + spreadMs * Math.ceil((changedAt - turnMs - turn) / spreadMs);
    return Math.max(0, due - now);
  }

  /** @returns the profiles that are forgotten: all but these */
  keepOnly(profiles: ReadonlySet<string>): readonly string[] {
    const gone = [...this.#entries.keys()].filter((name) => !profiles.has(name));
    for (const name of gone) this.#entries.delete(name);
    return gone;
  }
}

const rowsOf = ({ inherited }: ClusterEvaluation) => inherited.map(({ result }) => result);

/** The same for the same namespace, and as if at random over all. */
const turnOf = (namespace: string): number =>
  (Number.parseInt(hash('sha256', namespace, 'hex').slice(0, 8), 16) / 2 ** 32) * spreadMs;
