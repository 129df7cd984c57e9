// Pictures decoded by libvips (sharp), independently of our own decoder.
import sharp from 'sharp';

/**
 * RGB bytes as the phone library keeps them: colour profiles ignored, alpha dropped, 16-bit samples cut to their
 * high byte, orientation applied when `upright`.
 */
export async function referencePixels(bytes, { upright = false } = {}) {
  const { depth, channels } = await sharp(bytes).metadata();
  const wide = depth === 'ushort';
  let image = sharp(bytes, { ignoreIcc: true });
  if (upright) image = image.rotate();
  if (wide) image = image.pipelineColourspace('rgb16').toColourspace('rgb16');
  else if (channels < 3) image = image.toColourspace('srgb');
  const raw = image.removeAlpha().raw({ depth: wide ? 'ushort' : 'uchar' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const copy = new Uint8Array(data);
  const rgb = wide ? Uint8Array.from(new Uint16Array(copy.buffer), (value) => value >> 8) : copy;
  return { rgb: info.channels === 1 ? tripled(rgb) : rgb, width: info.width, height: info.height };
}

function tripled(grey) {
  return Uint8Array.from({ length: grey.length * 3 }, (_, i) => grey[Math.floor(i / 3)]);
}

/** {different, largest}: bytes that differ, and by how much at most; Infinity for other lengths. */
export function differences(actual, expected) {
  if (actual.length !== expected.length) return { different: Infinity, largest: Infinity };
  let [different, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const delta = Math.abs(actual[i] - expected[i]);
    if (delta > 0) different++;
    largest = Math.max(largest, delta);
  }
  return { different, largest };
}
