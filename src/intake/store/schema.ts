/** 'Plum': what the file is, for `file` and for us. */
export const applicationId = 0x506c_756d;
/** Another version of Plumbline may have other tables; what they mean is not guessed. */
export const schemaVersion = 1;

/** The commits, one row each; what is not in a RuntimeReport yet, added up; and how far each namespace is. */
export const schema = `
CREATE TABLE state (name TEXT NOT NULL, sequence INTEGER NOT NULL, unattributed INTEGER NOT NULL, dropped INTEGER NOT NULL) STRICT;
CREATE TABLE frames (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE recent (sequence INTEGER PRIMARY KEY, events INTEGER NOT NULL, keys TEXT NOT NULL) STRICT;
CREATE TABLE segments (namespace TEXT NOT NULL, part TEXT NOT NULL, upTo INTEGER NOT NULL, findings TEXT NOT NULL, PRIMARY KEY (namespace, part)) STRICT, WITHOUT ROWID;
CREATE TABLE marks (namespace TEXT PRIMARY KEY, sent INTEGER NOT NULL, published INTEGER NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

export const statements = {
  frame: 'INSERT INTO frames (sequence, body) VALUES (?, ?)',
  recent: 'INSERT OR REPLACE INTO recent (sequence, events, keys) VALUES (?, ?, ?)',
  state: 'UPDATE state SET sequence = max(sequence, ?), unattributed = ?, dropped = ?',
  rename: 'UPDATE state SET name = ?, sequence = max(sequence, ?)',
  mark: `INSERT INTO marks (namespace, sent, published) VALUES (?, ?, ?)
    ON CONFLICT (namespace) DO UPDATE SET sent = max(sent, excluded.sent), published = max(published, excluded.published)`,
  segment: 'INSERT INTO segments (namespace, part, upTo, findings) VALUES (?, ?, ?, ?)',
  noSegments: 'DELETE FROM segments',
  noFrames: 'DELETE FROM frames WHERE sequence <= ?',
  /** One that was made while the sums were, and is newer than they are, is still needed to tell what they are worth. */
  noMarks:
    'DELETE FROM marks WHERE sent <= ? AND published <= ? AND namespace NOT IN (SELECT namespace FROM segments)',
  /** The newest that hold so many events stay. */
  noRecent: `DELETE FROM recent WHERE sequence < (
    SELECT min(sequence) FROM (SELECT sequence, sum(events) OVER (ORDER BY sequence DESC) - events AS newer FROM recent) WHERE newer < ?)`,
} as const;
