/** What passes between the thread that takes events and the one that writes them. All of it is text and numbers: cheap to hand over. */

/** Events that were taken together, written as one row. */
export interface Frame {
  readonly type: 'frame';
  /** Sequence number of the last event. */
  readonly sequence: number;
  readonly events: number;
  /** One event a line: what is needed to count it again. */
  readonly body: string;
  /** One event a line: what its copies and repeats are known by. */
  readonly keys: string;
  readonly unattributed: number;
  readonly dropped: number;
}

/** How far a namespace's events may have been written to its RuntimeReport (`sent`), and are known to have been (`published`). */
export interface Mark {
  readonly type: 'mark';
  readonly namespace: string;
  readonly sent: number;
  readonly published: number;
}

/** Events of one namespace, added up: those on their way into the RuntimeReport, or those that wait. */
export interface Segment {
  readonly namespace: string;
  readonly part: 'sent' | 'waiting';
  /** Sequence number of the last of its events. */
  readonly upTo: number;
  readonly findings: string;
}

/** All that is not written yet, added up: it takes the place of all events up to `upTo`. */
export interface Fold {
  readonly type: 'fold';
  readonly upTo: number;
  /** What this store's cursor in RuntimeReports is called from now on. */
  readonly name: string;
  readonly segments: readonly Segment[];
  /** Events that are to be there as soon as the sums are: what is in a sum must be known again. */
  readonly frame?: Frame;
}

export type Write = Frame | Mark | Fold;

/** Opens the file, again if it is open: what is wrong with it may have been put right. */
export interface Open {
  readonly type: 'open';
  /** What the cursor is to be called if the file is new. The content of a file of that name is known. */
  readonly name: string;
  readonly known: boolean;
}

export type Request = Write | Open | { readonly type: 'close' };

/** What an earlier process has left. */
export interface Content {
  readonly name: string;
  /** Sequence number of the last event. */
  readonly sequence: number;
  readonly unattributed: number;
  readonly dropped: number;
  readonly marks: readonly Omit<Mark, 'type'>[];
  readonly segments: readonly Segment[];
  /** Bodies and keys of frames, oldest first. */
  readonly bodies: readonly string[];
  readonly keys: readonly string[];
}

export interface Opened {
  /** Absent where it is known. */
  readonly content?: Content;
  /** Why what was there could not be used, and under which name it lies now. */
  readonly setAside?: { readonly reason: string; readonly path: string };
}

export type Reply =
  | { readonly id: number; readonly bytes: number; readonly opened?: Opened }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };
