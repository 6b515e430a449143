import { FrameBuilder } from './frame-builder.ts';

/** Events on their way to the disk: those that wait for the next commit, and those in the one that is under way. */
export class FrameQueue {
  #next = new FrameBuilder();
  #underWay: FrameBuilder | undefined;

  /** What goes into the next commit. */
  get next(): FrameBuilder {
    return this.#next;
  }

  /** The newest events that are not on the disk yet. @param writing whether those that wait will be written soon */
  latest(writing: boolean): FrameBuilder | undefined {
    return writing && this.#next.events > 0 ? this.#next : this.#underWay;
  }

  /** Hands over what waits; what comes from now on waits for another commit. */
  take(): FrameBuilder {
    const frame = this.#next;
    this.#next = new FrameBuilder();
    return frame;
  }

  /** The same, for a commit that begins now. */
  begin(): FrameBuilder {
    this.#underWay = this.take();
    return this.#underWay;
  }

  /** The commit has ended, well or not. */
  end(frame: FrameBuilder): void {
    if (this.#underWay === frame) this.#underWay = undefined;
  }

  /** Nothing is written for now: nobody waits any longer, and of the events stays what they are known by. */
  fail(): void {
    const frames = [this.#underWay, this.take()];
    for (const frame of frames) if (frame !== undefined) this.keep(frame);
  }

  /** Of events whose writing has failed, what they are known by. They wait no longer. */
  keep(frame: FrameBuilder): void {
    frame.finish(false);
    this.#next.addKeys(frame);
  }
}
