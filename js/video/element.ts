/** Frames of a <video>: a handle of the newest one goes to the worker, which reads its pixels there. */
import { ErrorCode, ExecutorchError, isExecutorchError } from '../base/errors.js';
import { toBitmap, unreadable } from '../images/bitmap.js';
import type { FrameResult } from '../worker/host.js';
import { Bell, epochNow, type Feed, type FrameTask } from './feed.js';

/** A frame that the element shows. */
interface Shown {
  /** Seconds. */
  mediaTime: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** What a frame becomes on its way to the worker. */
type Handle = VideoFrame | ImageBitmap;

/** Nobody is told when a track is stopped by its own page: that is looked for. */
const LOOK_MS = 1000;

const EVENTS = ['ended', 'error', 'emptied', 'loadeddata'];

export class ElementFeed implements Feed {
  private readonly bell = new Bell();
  private readonly frames: FrameWatch;
  private lastTime: number | undefined;
  /** False once handles of frames have turned out not to work here. */
  private hasHandles = typeof VideoFrame === 'function';
  private readonly wake = () => this.bell.wake();

  /**
   * @throws ExecutorchError InvalidUserInput when the element plays nothing, InvalidImage when it has no picture.
   */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly task: FrameTask,
  ) {
    expectVideo(video);
    for (const name of EVENTS) video.addEventListener(name, this.wake);
    this.frames = new FrameWatch(video, this.wake);
  }

  async next(signal: AbortSignal): Promise<FrameResult | undefined> {
    for (;;) {
      const shown = await this.nextShown(signal);
      if (!shown) return undefined;
      const handle = await this.grab();
      const mediaTime = handle ? timeOf(handle, shown) : undefined;
      if (!handle || mediaTime === this.lastTime) {
        handle?.close();
        continue;
      }
      const { seen } = this.frames;
      const found = await this.run(handle, signal);
      if (!found) continue;
      this.lastTime = mediaTime;
      return { ...found, mediaTime: mediaTime!, seen, shownAt: shown.at };
    }
  }

  pause(): void {
    this.frames.close();
  }
  resume(): void {
    this.frames.open();
  }
  close(): void {
    this.frames.close();
    for (const name of EVENTS) this.video.removeEventListener(name, this.wake);
  }

  /** The newest frame, as soon as it is another one than before. Undefined: the video has ended, or the run. */
  private async nextShown(signal: AbortSignal): Promise<Shown | undefined> {
    while (!signal.aborted) {
      expectVideo(this.video);
      const shown = this.frames.take();
      if (shown) return shown;
      const { srcObject, ended } = this.video;
      if (isStream(srcObject) && (ended || !srcObject.active)) throw streamEnded();
      if (ended) return undefined;
      await this.bell.wait(signal, LOOK_MS);
    }
    return undefined;
  }

  /** Undefined: nothing ran, and the next frame takes another way. */
  private async run(handle: Handle, signal: AbortSignal) {
    const { host, name, options } = this.task;
    const takenAt = epochNow();
    // Before it is handed over: afterwards it has no size any more.
    const { width, height } = sizeOf(handle, this.video);
    const image = { kind: 'bitmap', bitmap: handle } as const;
    try {
      return { ...(await host.task(name, image, options, { signal })), takenAt, width, height };
    } catch (error) {
      const isHandle = tagged(handle) && this.hasHandles;
      if (!isHandle || !isExecutorchError(error, ErrorCode.InvalidImage)) throw error;
      this.hasHandles = false;
      return undefined;
    }
  }

  /** The frame that the element shows now; undefined when there is none yet. */
  private async grab(): Promise<Handle | undefined> {
    const { video } = this;
    if (video.readyState < HAVE_CURRENT_DATA) return undefined;
    if (this.hasHandles) {
      try {
        return new VideoFrame(video);
      } catch (cause) {
        if ((cause as Error).name === 'SecurityError') throw unreadable(cause);
        this.hasHandles = false;
      }
    }
    try {
      return await toBitmap(video, shrunk(video, this.task));
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

const HAVE_CURRENT_DATA = 2;

/** Knows which frame an element shows, and how many it has shown. */
class FrameWatch {
  /** Frames that were shown while this was open. */
  seen = 0;
  private fresh: Shown | undefined;
  /** The element's own count at the last callback; undefined when it counts from 0 again. */
  private counted: number | undefined;
  private stop: () => void = () => undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onFrame: () => void,
  ) {
    // One that is paused calls back for no frame.
    if (video.readyState >= HAVE_CURRENT_DATA) this.show(video.currentTime, epochNow(), undefined);
    this.open();
  }

  open(): void {
    const { video } = this;
    if (typeof video.requestVideoFrameCallback !== 'function') return this.poll();
    const listen = () => {
      const handle = video.requestVideoFrameCallback((_, frame) => {
        const at = performance.timeOrigin + frame.presentationTime;
        this.show(frame.mediaTime, at, frame.presentedFrames);
        listen();
      });
      this.stop = () => video.cancelVideoFrameCallback(handle);
    };
    listen();
  }

  close(): void {
    this.stop();
    this.counted = undefined;
    this.fresh = undefined;
  }

  /** The frame on show, unless it has been taken already. */
  take(): Shown | undefined {
    const { fresh } = this;
    this.fresh = undefined;
    return fresh;
  }

  /** Without callbacks for frames: each time the page is drawn, the element's count of them is looked at. */
  private poll(): void {
    const { video } = this;
    const look = () => {
      const count = video.getVideoPlaybackQuality?.().totalVideoFrames;
      const isNew = count === undefined ? !video.paused : count !== this.counted;
      if (isNew && video.readyState >= HAVE_CURRENT_DATA)
        this.show(video.currentTime, epochNow(), count);
      handle = requestAnimationFrame(look);
    };
    let handle = requestAnimationFrame(look);
    this.stop = () => cancelAnimationFrame(handle);
  }

  private show(mediaTime: number, at: number, count: number | undefined): void {
    const isFollowed = count !== undefined && this.counted !== undefined;
    this.seen += isFollowed ? Math.max(1, count - this.counted!) : 1;
    this.counted = count;
    this.fresh = { mediaTime, at };
    this.onFrame();
  }
}

/**
 * A bitmap is a copy, made by the page: one of a fitting size is the cheapest. Not where the result depends on the size: a
 * part of the frame is wanted, or maps of its size (the first number of segmentation).
 */
function shrunk(
  { videoWidth, videoHeight }: HTMLVideoElement,
  task: FrameTask,
): ImageBitmapOptions {
  const { name, options, info } = task;
  const { region, rotation, inputSize, numbers } = options;
  const sizes = info.inputs[0]?.sizes.slice(-3) ?? [];
  const [height = 0, width = 0] = info.channelsLast ? sizes : sizes.slice(1);
  const dependsOnSize = region || rotation || inputSize || (name === 'segment' && numbers[0] === 1);
  if (dependsOnSize || videoWidth <= width || videoHeight <= height) return {};
  return { resizeWidth: width, resizeHeight: height, resizeQuality: 'low' };
}

/** A handle knows its time better than the callback: the element may have gone on since. */
function timeOf(handle: Handle, { mediaTime }: Shown): number {
  return tagged(handle) ? handle.timestamp / 1e6 : mediaTime;
}

function sizeOf(handle: Handle, video: HTMLVideoElement): { width: number; height: number } {
  if (!tagged(handle)) return { width: video.videoWidth, height: video.videoHeight };
  return { width: handle.displayWidth, height: handle.displayHeight };
}

function tagged(handle: Handle): handle is VideoFrame {
  return 'timestamp' in handle;
}

function expectVideo(video: HTMLVideoElement): void {
  const { error, networkState, readyState, srcObject, videoWidth } = video;
  if (error) {
    const reason = error.message || `media error ${error.code}`;
    throw new ExecutorchError(ErrorCode.AccessFailed, `The <video> cannot be played: ${reason}.`);
  }
  // 0: empty, 3: no source that it can play.
  if (!srcObject && (networkState === 0 || networkState === 3)) {
    const message = 'The <video> has nothing to play: set its src or srcObject first.';
    throw new ExecutorchError(ErrorCode.InvalidUserInput, message);
  }
  // A stream's size may come late.
  const isSound = isStream(srcObject) ? !srcObject.getVideoTracks().length : videoWidth === 0;
  if (readyState >= 1 && isSound) {
    const message = 'The <video> has no picture: what it plays is sound only.';
    throw new ExecutorchError(ErrorCode.InvalidImage, message);
  }
}

function isStream(source: MediaProvider | null): source is MediaStream {
  return source !== null && 'getVideoTracks' in source;
}

/** The error of a stream that ends while it is needed. */
export function streamEnded(): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.AccessFailed,
    'The video track has ended: the camera was taken away, or somebody stopped it. Open it again.',
  );
}
