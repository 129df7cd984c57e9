/** How slowly the usual interval follows what is seen. */
const SMOOTHING = 8;

/**
 * Counts the frames of a stream by their times, with those that its buffer has lost: a gap of about three intervals is two
 * frames that nobody saw.
 */
export class Cadence {
  /** Frames so far. */
  count = 0;
  private last: number | undefined;
  /** Usual time between frames that follow each other; undefined before the second. */
  private interval: number | undefined;

  /** @param time The frame's own, in any unit. */
  add(time: number): void {
    const passed = time - (this.last ?? time);
    this.last = time;
    this.count += 1;
    if (passed <= 0) return;
    const usual = this.interval ?? passed;
    this.count += Math.max(0, Math.round(passed / usual) - 1);
    if (passed < usual / 1.5) this.interval = passed;
    else if (passed < usual * 1.5) this.interval = usual + (passed - usual) / SMOOTHING;
    else this.interval = usual;
  }
}
