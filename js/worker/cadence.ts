/**
 * Counts the frames of a stream, with those that its buffer lost while nobody could read it. Only a buffer that was found
 * full can have lost some: how many, the gap before its frames tells.
 */
export class Cadence {
  /** Frames so far. */
  count = 0;
  /** Times of the frames since the newest was taken. */
  private batch: number[] = [];
  /** Time of the last frame before them. */
  private last: number | undefined;

  /** @param capacity Frames that the buffer holds, at least 2. */
  constructor(private readonly capacity: number) {}

  /** A frame was read; `time` is its own, in any unit. */
  add(time: number): void {
    this.count += 1;
    this.batch.push(time);
  }

  /** The newest frame is taken, and until it is done nobody reads. */
  taken(): void {
    const [first = 0] = this.batch;
    const end = this.batch.at(-1) ?? first;
    if (this.last !== undefined && this.batch.length >= this.capacity) {
      const interval = (end - first) / (this.batch.length - 1);
      const lost = Math.round((first - this.last) / interval) - 1;
      if (interval > 0 && lost > 0) this.count += lost;
    }
    this.last = end;
    this.batch = [];
  }
}
