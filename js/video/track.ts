/** Frames of a track that go straight to the worker: the page never has them. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { FrameResult, FrameSource } from '../worker/host.js';
import { BUFFERED_FRAMES } from '../worker/frames.js';
import { streamEnded } from './element.js';
import type { Feed, FrameTask } from './feed.js';

interface Processor {
  readable: ReadableStream<VideoFrame>;
}
type MakesProcessor = new (init: { track: MediaStreamTrack; maxBufferSize: number }) => Processor;

let lastId = 0;

export class TrackFeed implements Feed {
  private readonly id = ++lastId;
  private opening: Promise<void>;
  /** Frames that earlier streams of this feed had seen. */
  private before = 0;
  private seen = 0;

  private constructor(
    private readonly track: MediaStreamTrack,
    private readonly task: FrameTask,
  ) {
    this.opening = this.open();
  }

  /** Undefined where the browser gives no worker the frames of a track. */
  static async open(track: MediaStreamTrack, task: FrameTask): Promise<TrackFeed | undefined> {
    expectLive(track);
    const feed = new TrackFeed(track, task);
    try {
      await feed.opening;
      return feed;
    } catch {
      return undefined;
    }
  }

  async next(signal: AbortSignal): Promise<FrameResult | undefined> {
    await this.opening;
    const { host, name, options } = this.task;
    const found = await host.frames({ next: this.id, name, options }, { signal });
    if (!found) {
      if (!signal.aborted) throw streamEnded();
      return undefined;
    }
    this.seen = this.before + found.seen;
    return { ...found, seen: this.seen };
  }

  pause(): void {
    this.close();
  }
  resume(): void {
    this.before = this.seen;
    this.opening = this.open();
    this.opening.catch(() => undefined);
  }
  close(): void {
    this.task.host.frames({ close: this.id }).catch(() => undefined);
  }

  private async open(): Promise<void> {
    const source = frameSource(this.track);
    await this.task.host.frames({ open: this.id, source }, {}, [source as Transferable]);
  }
}

/** What can be handed to the worker: the frames where the page can make a stream of them, else the track itself. */
function frameSource(track: MediaStreamTrack): FrameSource {
  const make = (globalThis as { MediaStreamTrackProcessor?: MakesProcessor })
    .MediaStreamTrackProcessor;
  return make ? new make({ track, maxBufferSize: BUFFERED_FRAMES }).readable : track.clone();
}

/** @throws ExecutorchError AccessFailed, InvalidUserInput. */
function expectLive({ kind, readyState }: MediaStreamTrack): void {
  if (kind !== 'video') {
    const message = `runOnVideo() takes a video track, got one of kind '${kind}'.`;
    throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
  }
  if (readyState === 'ended') throw streamEnded();
}
