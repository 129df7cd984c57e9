// Pictures that were once decoded wrongly, slowly or not at all: their right values, those of libjpeg, libpng and Chromium.
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ErrorCode } from '../../js/base/errors.js';
import type { Engine } from '../../js/core/engine.js';
import { pixelsOf, refusal } from '../lib/decode.js';
import { createEngine } from '../lib/engine.js';
import { differences } from '../lib/pictures.mjs';
import { hasShared, readShared } from '../lib/shared.mjs';
import { oddPictures } from '../pictures/odd.mjs';
import { byLibvips } from '../pictures/references.mjs';

jest.setTimeout(60_000);
const withShared = hasShared ? describe : describe.skip;

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

withShared('pictures of bug reports', () => {
  const read = (name: string) => readShared(`faults/pictures/${name}`);
  const first = async (name: string) => {
    const { width, height, rgb } = await pixelsOf(engine, read(name));
    return [width, height, ...rgb.subarray(0, 3)];
  };

  test.each([
    ['cgbi.png', [0, 0, 255]],
    ['cmyk_noadobe.jpg', [0, 0, 255]],
    ['exif6_after_com_junk.jpg', [5, 119, 189]],
    ['gif_part_bg3.gif', [0, 0, 0]],
    ['gif_trailing_missing.gif', [255, 0, 0]],
    ['gif_screen0.gif', [255, 0, 0]],
    ['no_first_clear.gif', [50, 188, 100]],
  ])('%s has the right first pixel', async (name, expected) => {
    const [, , ...pixel] = await first(name);
    const { largest } = differences(Uint8Array.from(pixel), Uint8Array.from(expected));
    expect([pixel, largest <= 2]).toEqual([pixel, true]);
  });

  test('the turned JPEG stands upright', async () => {
    expect((await first('exif6_after_com_junk.jpg')).slice(0, 2)).toEqual([16, 32]);
  });

  test.each(['bomb-16x16-inflates-to-100MB.png', 'jpeg-many-scans.jpg'])(
    '%s is refused at once',
    async (name) => {
      const bytes = read(name);
      const start = process.cpuUsage();
      const error = await refusal(() => pixelsOf(engine, bytes));
      expect(error).toMatchObject({ code: ErrorCode.ImageTooLarge });
      // The processor's time: another suite runs beside this one.
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1000).toBeLessThan(500);
    },
  );
});

describe('odd pictures', () => {
  // Where libvips is not what browsers show: no BMP, other tags of EXIF, colours of CMYK and beyond the palette.
  const OTHERS =
    /^bmp-|exif-(long|byte|count-2|pad-byte-1|two-tags)|^jpeg-four|palette-(short|not-of-3)|gif-(no-palette|control-short)|png-exif-bad-crc/;
  const tolerance = (name: string) => (name.startsWith('jpeg') ? 9 : 0);

  test('are those of libvips where it reads them', async () => {
    const wrong: string[] = [];
    let [compared, refused] = [0, 0];
    for (const [name, bytes] of Object.entries(oddPictures())) {
      const reference = await byLibvips(bytes);
      if (!reference.rgb || OTHERS.test(name)) continue;
      let pixels: Awaited<ReturnType<typeof pixelsOf>> | undefined;
      const error = await refusal(async () => {
        pixels = await pixelsOf(engine, bytes);
      });
      if (!pixels) {
        refused++;
        // What libvips fills up or guesses.
        expect([name, [ErrorCode.InvalidImage, ErrorCode.UnsupportedImage]]).toEqual([
          name,
          expect.arrayContaining([error!.code]),
        ]);
        continue;
      }
      compared++;
      const { largest } = differences(pixels.rgb, reference.rgb);
      if (largest > tolerance(name)) wrong.push(`${name}: ${largest}`);
    }
    console.log(
      `${compared} pictures compared, ${refused} refused by us alone: ${wrong.join('; ')}`,
    );
    expect(compared).toBeGreaterThan(400);
    expect(refused).toBeLessThan(15);
    expect(wrong).toEqual([]);
  });
});
