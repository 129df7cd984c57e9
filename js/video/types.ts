/** What runOnVideo() takes and tells. */
import type { Timings } from '../core/types.js';

/**
 * Where frames come from: a `<video>` (a file or a stream that it plays), a video track or the first one of a stream,
 * or the camera, which is opened and released by the call.
 */
export type VideoSource = HTMLVideoElement | MediaStream | MediaStreamTrack | 'camera';

/** Extras of runOnVideo(); all optional. */
export interface VideoOptions {
  /** Ends the run: the promise resolves, and a camera that was opened for it is released. */
  signal?: AbortSignal;
  /** Most results per second, on average. Default: as many as there are frames. */
  maxRate?: number;
  /** With the source 'camera': which one, and how. Default: one that looks away from the user, about 640 x 480. */
  camera?: MediaTrackConstraints;
  /** With the source 'camera': told its stream, so that it can be shown; it ends with the run. */
  onCamera?: (stream: MediaStream) => void;
}

/** About the frame that a result belongs to. */
export interface VideoFrameInfo {
  /** Time of the frame in its video, in seconds; of a camera, on the clock of its track. */
  mediaTime: number;
  /** Size of the frame in pixels. */
  width: number;
  /** Rows of the frame. */
  height: number;
  /** Milliseconds from when the frame was there to its result. */
  latency: number;
  /** Milliseconds of each stage of this run. */
  timings: Timings;
  /** Results so far, with this one. */
  results: number;
  /** Frames so far that nothing was computed for: newer ones came first, or maxRate forbade it. */
  dropped: number;
}

/**
 * Told each result. While a promise that it returns is pending no frame is taken, so that a slow reader gets newer
 * frames, not more of them.
 */
export type VideoCallback<Result> = (result: Result, frame: VideoFrameInfo) => unknown;

/** What a run on a video came to. */
export interface VideoTotals {
  /** Results that there were. */
  results: number;
  /** Frames that nothing was computed for. */
  dropped: number;
  /** How long it ran, with the time for which the page was hidden. */
  seconds: number;
}
