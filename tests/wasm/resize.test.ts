// Our stretch against OpenCV's own, byte by byte.
import { createRequire } from 'node:module';
import { expect, jest, test } from '@jest/globals';
import { createEngine } from '../lib/engine.js';

jest.setTimeout(120_000);

interface Mat {
  data: Uint8Array;
  delete(): void;
}
interface OpenCv {
  Mat: new () => Mat;
  Size: new (width: number, height: number) => object;
  matFromArray(rows: number, columns: number, type: number, data: Uint8Array): Mat;
  resize(from: Mat, to: Mat, size: object, fx: number, fy: number, method: number): void;
  CV_8UC3: number;
  INTER_LINEAR: number;
}

async function openCv(): Promise<OpenCv> {
  const loaded = createRequire(`${process.cwd()}/package.json`)('@techstark/opencv-js') as
    OpenCv | Promise<OpenCv> | (OpenCv & { onRuntimeInitialized: () => void });
  const cv = await loaded;
  if (!('Mat' in cv) || !cv.Mat) {
    await new Promise<void>((resolve) => Object.assign(cv, { onRuntimeInitialized: resolve }));
  }
  return cv as OpenCv;
}

/** The same pixels on every run. */
function noise(count: number, seed: number): Uint8Array {
  let state = seed >>> 0 || 1;
  return Uint8Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  });
}

const FIXED: [number, number, number, number][] = [
  [1, 1, 1, 1],
  [1, 1, 7, 5],
  [1, 9, 4, 4],
  [9, 1, 4, 4],
  [2, 2, 5, 7],
  [2, 2, 1, 1],
  [3, 3, 224, 224],
  [100, 80, 224, 224],
  [448, 448, 224, 224],
  [224, 224, 224, 224],
  [223, 225, 224, 224],
  [500, 375, 224, 224],
  [640, 480, 384, 384],
  [1024, 768, 257, 257],
  [17, 1000, 384, 3],
  [1000, 17, 3, 384],
];

/** A spread of odd and even sizes, up and down. */
function sizePairs(): [number, number, number, number][] {
  const pairs = [...FIXED];
  const random = noise(4 * 240, 7);
  for (let i = 0; i < 240; i++) {
    const [a, b, c, d] = random.subarray(4 * i, 4 * i + 4);
    pairs.push([a! + 1, b! + 1, (c! % 160) + 1, (d! % 160) + 1]);
  }
  return pairs;
}

test('the stretch equals OpenCV for every size', async () => {
  const cv = await openCv();
  const engine = await createEngine();
  let [different, bytes] = [0, 0];
  const pairs = sizePairs();
  for (const [width, height, toWidth, toHeight] of pairs) {
    const data = noise(width * height * 3, width * 7919 + height);
    const image = engine.decode({ data, width, height, channels: 3 });
    const resized = engine.resize(image, { width: toWidth, height: toHeight });
    const ours = engine.pixels(resized);
    engine.freeImage(image);
    engine.freeImage(resized);

    const from = cv.matFromArray(height, width, cv.CV_8UC3, data);
    const to = new cv.Mat();
    cv.resize(from, to, new cv.Size(toWidth, toHeight), 0, 0, cv.INTER_LINEAR);
    const theirs = to.data;
    expect(theirs).toHaveLength(ours.length);
    for (let i = 0; i < ours.length; i++) if (ours[i] !== theirs[i]) different++;
    bytes += ours.length;
    from.delete();
    to.delete();
  }
  console.log(`${pairs.length} size pairs, ${bytes} bytes, ${different} different`);
  expect(pairs.length).toBeGreaterThanOrEqual(200);
  expect(different).toBe(0);
});
