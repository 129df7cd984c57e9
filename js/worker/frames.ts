/** The newest frame of a stream, for an engine that cannot look while it runs. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { Cadence } from './cadence.js';
import type { FrameSource } from './host.js';

type MakesProcessor = new (init: { track: MediaStreamTrack; maxBufferSize: number }) => {
  readable: ReadableStream<VideoFrame>;
};

/**
 * Frames that wait for a worker in the middle of a run. More than one, because of those that are replaced unread nobody
 * knows; few, because cameras have few.
 */
export const BUFFERED_FRAMES = 4;

/** A frame, and when the stream gave it. */
export interface TakenFrame {
  frame: VideoFrame;
  /** Milliseconds since 1970. */
  shownAt: number;
  /** Frames that the stream has given so far. */
  seen: number;
}

export class FrameStream {
  private readonly reader: ReadableStreamDefaultReader<VideoFrame>;
  private readonly track: MediaStreamTrack | undefined;
  private latest: VideoFrame | undefined;
  private readonly cadence = new Cadence(BUFFERED_FRAMES);
  private isDone = false;
  /** Milliseconds from a frame's own time to its arrival, for the one that waited least. */
  private lag = Infinity;
  private wake: () => void = () => undefined;

  /** @throws ExecutorchError PlatformNotSupported for a track where workers cannot read tracks. */
  constructor(source: FrameSource) {
    const isTrack = 'readyState' in source;
    this.track = isTrack ? source : undefined;
    this.reader = (isTrack ? readableOf(source) : source).getReader();
    void this.pump();
  }

  /** Waits for a frame that has not been taken. False: there will be none, or `signal` has aborted. */
  async ready(signal: AbortSignal | undefined): Promise<boolean> {
    const wake = () => this.wake();
    signal?.addEventListener('abort', wake, { once: true });
    while (!this.latest && !this.isDone && !signal?.aborted) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    signal?.removeEventListener('abort', wake);
    return this.latest !== undefined && !signal?.aborted;
  }

  /** The newest frame; it is the caller's to close. */
  take(): TakenFrame | undefined {
    const frame = this.latest;
    this.latest = undefined;
    if (frame) this.cadence.taken();
    return frame && { frame, shownAt: frame.timestamp / 1000 + this.lag, seen: this.cadence.count };
  }

  close(): void {
    this.end();
    this.reader.cancel().catch(() => undefined);
    this.track?.stop();
  }

  private async pump(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.reader.read();
        if (done) break;
        this.keep(value);
      }
    } catch {
      // A stream that breaks has ended.
    }
    this.end();
  }

  private keep(frame: VideoFrame): void {
    if (this.isDone) return frame.close();
    this.latest?.close();
    this.latest = frame;
    this.cadence.add(frame.timestamp);
    const now = performance.timeOrigin + performance.now();
    this.lag = Math.min(this.lag, now - frame.timestamp / 1000);
    this.wake();
  }

  private end(): void {
    this.isDone = true;
    this.latest?.close();
    this.latest = undefined;
    this.wake();
  }
}

function readableOf(track: MediaStreamTrack): ReadableStream<VideoFrame> {
  const make = (globalThis as { MediaStreamTrackProcessor?: MakesProcessor })
    .MediaStreamTrackProcessor;
  if (make) return new make({ track, maxBufferSize: BUFFERED_FRAMES }).readable;
  track.stop();
  const message = 'Workers cannot read video tracks here.';
  throw new ExecutorchError(ErrorCode.PlatformNotSupported, message);
}
