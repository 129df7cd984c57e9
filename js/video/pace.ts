/** Keeps results at most so many per second, whatever the rate of the frames. */
export class Pacer {
  private readonly interval: number;
  /** When the next frame may be taken; undefined before the first. */
  private due: number | undefined;

  /** @param maxRate Results per second; undefined sets no limit. */
  constructor(maxRate: number | undefined) {
    this.interval = maxRate === undefined ? 0 : 1000 / maxRate;
  }

  /** Milliseconds from `now` until a frame may be taken. */
  delay(now: number): number {
    return Math.max(0, (this.due ?? now) - now);
  }

  /**
   * A frame is taken. Frames come on a grid of their own, mostly somewhat after they may; the delay counts for the
   * next one, or 20 results a second of 30 frames would become 15.
   */
  taken(now: number): void {
    this.due =
      this.due === undefined ? now + this.interval : Math.max(this.due + this.interval, now);
  }
}
