import { expect, jest, test } from '@jest/globals';
import { abortError, ErrorCode, ExecutorchError } from '../../../js/base/errors.js';
import type { Feed } from '../../../js/video/feed.js';
import { runLoop } from '../../../js/video/loop.js';
import type { FrameResult } from '../../../js/worker/host.js';

const wait = (time: number) => new Promise((done) => setTimeout(done, time));

/** Frames 10 ms apart; `last` is how many there are. */
class FakeFeed implements Feed {
  active = 0;
  most = 0;
  private readonly start = performance.now();
  pauses = 0;

  constructor(
    private readonly last = Infinity,
    private readonly work = 1,
  ) {}

  async next(signal: AbortSignal): Promise<FrameResult | undefined> {
    this.most = Math.max(this.most, ++this.active);
    try {
      await wait(this.work);
      if (signal.aborted) throw abortError(signal);
      const seen = Math.floor((performance.now() - this.start) / 10) + 1;
      if (seen > this.last) return undefined;
      const at = performance.timeOrigin + performance.now();
      const timings = { decode: 0, prepare: 0, run: 0, task: 0 };
      const size = { width: 4, height: 3, mediaTime: seen / 100 };
      return { outputs: [], timings, ...size, seen, shownAt: at, takenAt: at };
    } finally {
      this.active -= 1;
    }
  }
  pause = () => void (this.pauses += 1);
  resume = () => undefined;
  close = () => undefined;
}

test('one frame at a time; a slow callback gets newer frames, and the others are dropped', async () => {
  const feed = new FakeFeed(40);
  const frames: number[] = [];
  const totals = await runLoop(feed, undefined, new AbortController().signal, async (_, frame) => {
    expect(feed.active).toBe(0);
    frames.push(frame.mediaTime);
    await wait(50);
    expect(frame.results).toBe(frames.length);
  });
  expect(feed.most).toBe(1);
  expect(frames).toEqual([...frames].sort((a, b) => a - b));
  expect(frames.length).toBeLessThanOrEqual(9);
  expect(totals.results).toBe(frames.length);
  expect(totals.dropped).toBeGreaterThanOrEqual(24);
});

test('an abort is the usual end, while a frame is in work and between frames', async () => {
  for (const time of [0, 25]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), time);
    const totals = await runLoop(new FakeFeed(), 20, controller.signal, () => undefined);
    expect(totals.seconds).toBeLessThan(1);
  }
});

test('what the callback throws ends the run and comes out', async () => {
  const broken = new Error('mine');
  const run = runLoop(new FakeFeed(), undefined, new AbortController().signal, () => {
    throw broken;
  });
  await expect(run).rejects.toBe(broken);
});

test('an Aborted that nobody asked for is an error', async () => {
  const feed = new FakeFeed();
  feed.next = () => Promise.reject(new ExecutorchError(ErrorCode.Aborted));
  const run = runLoop(feed, undefined, new AbortController().signal, jest.fn());
  await expect(run).rejects.toMatchObject({ code: ErrorCode.Aborted });
});

test('nothing is taken while the page is hidden', async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  Object.assign(globalThis, { document: page });
  try {
    const feed = new FakeFeed();
    const controller = new AbortController();
    let results = 0;
    const run = runLoop(feed, undefined, controller.signal, () => void (results += 1));
    await wait(40);
    expect([results, feed.pauses]).toEqual([0, 1]);
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    await wait(40);
    expect(results).toBeGreaterThan(0);
    page.visibilityState = 'hidden';
    await wait(10);
    controller.abort();
    await run;
  } finally {
    delete (globalThis as { document?: unknown }).document;
  }
});
