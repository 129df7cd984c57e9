/** A task on a video; modules import this when it is first used. */
import { ErrorCode, ExecutorchError, textOf } from '../base/errors.js';
import { following } from '../base/following.js';
import { wrongCallback, wrongOptions, wrongSignal } from '../base/options.js';
import { tagOf } from '../base/platform.js';
import { IMAGE_OPTIONS } from '../images/options.js';
import type { FrameResult } from '../worker/host.js';
import { openCamera, releaseStream } from './camera.js';
import { ElementFeed } from './element.js';
import type { Feed, FrameTask } from './feed.js';
import { runLoop } from './loop.js';
import { TrackFeed } from './track.js';
import type { VideoFrameInfo, VideoOptions, VideoSource, VideoTotals } from './types.js';

const OPTIONS = ['signal', 'maxRate', 'camera', 'onCamera'];

/**
 * Refuses what runOnVideo() cannot mean; `own` are the options of the task.
 *
 * @throws ExecutorchError InvalidUserInput.
 */
export async function checkVideo(
  callback: unknown,
  options: unknown,
  own: readonly string[],
): Promise<void> {
  const call = 'runOnVideo()';
  if (typeof callback !== 'function') throw invalid('wants a callback that is told the results');
  const { signal, maxRate, camera, onCamera } = (options ?? {}) as VideoOptions;
  const wrong =
    wrongOptions(call, options, [...OPTIONS, ...IMAGE_OPTIONS, ...own]) ??
    wrongSignal(call, signal) ??
    wrongCallback(call, 'onCamera', onCamera);
  if (wrong) throw await wrong;
  if (maxRate !== undefined && !(typeof maxRate === 'number' && maxRate > 0)) {
    throw invalid(`maxRate is a number of results per second, got ${textOf(maxRate)}`);
  }
  if (camera !== undefined && (typeof camera !== 'object' || camera === null)) {
    throw invalid('camera is an object of constraints, such as { facingMode: "user" }');
  }
}

/** Runs a task on the frames of a source until it ends or `signal` aborts; `show` is told each result. */
export async function runOnVideo(
  source: VideoSource,
  { signal, maxRate, camera, onCamera }: VideoOptions,
  task: FrameTask,
  show: (found: FrameResult, frame: VideoFrameInfo) => unknown,
): Promise<VideoTotals> {
  const { controller: run, stop } = following(signal);
  const opened: Opened = {};
  try {
    if (source === 'camera' && !run.signal.aborted) {
      opened.stream = await openCamera(camera, run.signal);
      if (!run.signal.aborted) onCamera?.(opened.stream);
    }
    if (run.signal.aborted) return { results: 0, dropped: 0, seconds: 0 };
    opened.feed = await feedOf(opened.stream ?? source, task, opened);
    return await runLoop(opened.feed, maxRate, run.signal, show);
  } finally {
    stop();
    opened.feed?.close();
    releaseStream(opened.stream);
    if (opened.player) opened.player.srcObject = null;
  }
}

/** What a run has made and ends. */
interface Opened {
  feed?: Feed;
  /** The camera's. */
  stream?: MediaStream;
  /** An element that plays a track which no worker can read. */
  player?: HTMLVideoElement;
}

async function feedOf(source: unknown, task: FrameTask, opened: Opened): Promise<Feed> {
  const tag = tagOf(source);
  if (tag === 'HTMLVideoElement') return new ElementFeed(source as HTMLVideoElement, task);
  // Firefox calls that of a canvas CanvasCaptureMediaStream.
  const track = /MediaStream$/.test(tag) ? firstTrack(source as MediaStream) : source;
  if (!/MediaStreamTrack$/.test(tagOf(track))) {
    throw invalid(`takes a <video>, a MediaStream, a track or 'camera', got ${nameOf(source)}`);
  }
  const feed = await TrackFeed.open(track as MediaStreamTrack, task);
  if (feed) return feed;
  opened.player = await playerOf(track as MediaStreamTrack);
  return new ElementFeed(opened.player, task);
}

function firstTrack(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getVideoTracks();
  if (track) return track;
  throw new ExecutorchError(ErrorCode.InvalidImage, 'The MediaStream has no video track.');
}

/** An element that is part of no page. */
async function playerOf(track: MediaStreamTrack): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  return video;
}

function nameOf(source: unknown): string {
  if (typeof source === 'string') return `'${source.slice(0, 40)}'`;
  return typeof source === 'object' && source !== null ? tagOf(source) : textOf(source);
}

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidUserInput, `runOnVideo() ${reason}.`);
}
