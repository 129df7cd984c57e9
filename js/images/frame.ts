/** Pixels of a frame of a video, which is opaque. */
import { unreadable } from './bitmap.js';
import type { Pixels } from './types.js';

/** Kept between frames: they come at their own rate, and mostly in one size. */
let context: OffscreenCanvasRenderingContext2D | undefined;

/**
 * Pixels of a frame as it is shown, turned and scaled as its stream says. The frame is closed.
 *
 * @throws ExecutorchError InvalidImage where frames cannot be read.
 */
export function readFrame(frame: VideoFrame): Pixels {
  const { displayWidth: width, displayHeight: height } = frame;
  try {
    context ??= new OffscreenCanvas(1, 1).getContext('2d', {
      alpha: false,
      willReadFrequently: true,
    })!;
    const { canvas } = context;
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [width, height];
    }
    context.drawImage(frame, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { data: new Uint8Array(data.buffer), width, height, channels: 4 };
  } catch (cause) {
    throw unreadable(cause);
  } finally {
    frame.close();
  }
}
