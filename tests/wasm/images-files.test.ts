// Whole collections of picture files: each decodes to the expected pixels or is refused with a reason.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ErrorCode, isExecutorchError } from '../../js/errors/index.js';
import type { Engine } from '../../js/engine/engine.js';
import { createEngine } from '../lib/engine.js';
import { differences, referencePixels } from '../lib/pictures.mjs';
import { SHARED, hasShared, readShared } from '../lib/shared.mjs';

jest.setTimeout(60_000);
const withShared = hasShared ? describe : describe.skip;

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

function filesOf(folder: string): string[] {
  return readdirSync(join(SHARED, folder)).sort();
}

interface Decoded {
  width: number;
  height: number;
  rgb: Uint8Array;
}

function decode(bytes: Uint8Array): Decoded {
  const image = engine.decode({ bytes });
  const { width, height } = image;
  const rgb = engine.pixels(image);
  engine.freeImage(image);
  return { width, height, rgb };
}

/** What decoding throws; undefined when it succeeds. */
function refusal(bytes: Uint8Array): { code: number; message: string } | undefined {
  try {
    decode(bytes);
    return undefined;
  } catch (error) {
    if (!isExecutorchError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

withShared('PngSuite', () => {
  const files = hasShared ? filesOf('data/images/pngsuite').filter((f) => f.endsWith('.png')) : [];
  const good = files.filter((file) => !file.startsWith('x'));
  const bad = files.filter((file) => file.startsWith('x'));

  test('every valid file decodes to the expected pixels', async () => {
    const wrong: string[] = [];
    let bytes = 0;
    for (const file of good) {
      const encoded = readShared(`data/images/pngsuite/${file}`);
      const ours = decode(encoded);
      const { rgb } = await referencePixels(encoded);
      const { different, largest } = differences(ours.rgb, rgb);
      bytes += rgb.length;
      if (different > 0) wrong.push(`${file}: ${different} of ${rgb.length}, up to ${largest}`);
    }
    console.log(`${good.length} valid files, ${bytes} bytes, wrong: ${wrong.join('; ') || 'none'}`);
    expect(good.length).toBeGreaterThan(150);
    expect(wrong).toEqual([]);
  });

  test('every damaged file is refused', () => {
    const rows = bad.map((file) => [file, refusal(readShared(`data/images/pngsuite/${file}`))]);
    console.log(
      rows.map(([file, error]) => `${String(file)}  ${JSON.stringify(error)}`).join('\n'),
    );
    expect(bad).toHaveLength(14);
    for (const [file, error] of rows) {
      expect([file, error]).toEqual([
        file,
        { code: ErrorCode.InvalidImage, message: expect.any(String) },
      ]);
    }
  });
});

withShared('the torture collection', () => {
  test('table', () => {
    const rows = filesOf('data/images/torture').map((file) => {
      const bytes = readShared(`data/images/torture/${file}`);
      const start = performance.now();
      const error = refusal(bytes);
      const time = performance.now() - start;
      const ok = error ? undefined : decode(bytes);
      return `${file.padEnd(48)} ${time.toFixed(0).padStart(5)} ms  ${error ? `${error.code} ${error.message}` : `${ok!.width} x ${ok!.height}`}`;
    });
    console.log(rows.join('\n'));
  });
});
