/** One frame after another: never more than one in work, and always the newest. */
import { ErrorCode, isExecutorchError } from '../base/errors.js';
import type { FrameResult } from '../worker/host.js';
import { epochNow, type Feed } from './feed.js';
import { Pacer } from './pace.js';
import type { VideoFrameInfo, VideoTotals } from './types.js';

/** Runs until the feed has no more frames or `signal` aborts; `show` is told each result. */
export async function runLoop(
  feed: Feed,
  maxRate: number | undefined,
  signal: AbortSignal,
  show: (found: FrameResult, frame: VideoFrameInfo) => unknown,
): Promise<VideoTotals> {
  const pacer = new Pacer(maxRate);
  const start = performance.now();
  let [results, dropped] = [0, 0];
  for (;;) {
    await untilVisible(feed, signal);
    await sleep(pacer.delay(performance.now()), signal);
    const found = await nextOf(feed, signal);
    if (!found) break;
    pacer.taken(found.takenAt - performance.timeOrigin);
    results += 1;
    dropped = found.seen - results;
    const { mediaTime, width, height, timings } = found;
    const latency = epochNow() - found.shownAt;
    await show(found, { mediaTime, width, height, latency, timings, results, dropped });
  }
  return { results, dropped, seconds: (performance.now() - start) / 1000 };
}

/** An abort is the usual end, not a failure. */
async function nextOf(feed: Feed, signal: AbortSignal): Promise<FrameResult | undefined> {
  if (signal.aborted) return undefined;
  try {
    return await feed.next(signal);
  } catch (error) {
    if (signal.aborted && isExecutorchError(error, ErrorCode.Aborted)) return undefined;
    throw error;
  }
}

/** Nobody sees the results of a hidden tab. */
async function untilVisible(feed: Feed, signal: AbortSignal): Promise<void> {
  if (!isHidden() || signal.aborted) return;
  feed.pause();
  await new Promise<void>((resolve) => {
    const look = () => {
      if (isHidden() && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
  });
  feed.resume();
}

function isHidden(): boolean {
  return typeof document === 'object' && document.visibilityState === 'hidden';
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
