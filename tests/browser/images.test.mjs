// Every kind of picture that a page has in hand, through the worker. The built-in classifier tells
// pixels apart: equal pixels give equal probabilities to the bit.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { onePage } from '../lib/one-page.mjs';
import { compareMaps, largestDifference } from '../lib/maps.mjs';
import { ROOT, hasShared, readShared } from '../lib/shared.mjs';
import { floats } from '../lib/goldens.mjs';

const { labels } = JSON.parse(readFileSync(join(ROOT, 'models/builtin/classifier_fp32.json')));

const page = onePage(async (page) => {
  await page.addScriptTag({ type: 'module', url: '/tests/browser/images-page.mjs' });
  await page.waitForFunction(() => window.pictures);
  await page.evaluate((names) => window.pictures.load(names), labels);
});

const ask = (name, ...args) =>
  page().evaluate(([method, list]) => window.pictures[method](...list), [name, args]);

describe('kinds of pictures', () => {
  const exact = [
    'an address',
    'a relative address',
    'a URL object',
    'a data: address',
    'bare base64',
    'a blob: address',
    'a Blob',
    'a File',
    'an ArrayBuffer',
    'a Uint8Array',
    'a SharedArrayBuffer or its absence',
    'an <img>',
    'a <canvas>',
    'an OffscreenCanvas',
    'ImageData',
    'an ImageBitmap',
    'a VideoFrame',
    'RGB pixels',
    'RGBA pixels',
    'PixelData',
    'a PNG with transparency',
    'an <img> with transparency',
    'a WebP',
    'a WebP with transparency',
    'an <img> of an EXIF JPEG against its bytes, within 0.02',
    'a <video>, within 0.1',
    'an AVIF, within 0.1',
  ];
  for (const kind of exact) {
    test(kind, async (t) => {
      const reason = await ask('unfit', kind);
      if (reason) return t.skip(reason);
      const open = await ask('notYet', kind);
      if (open) return t.todo(open);
      const { delta, best, usable } = await ask('difference', kind);
      const limit = Number(/within ([\d.]+)/.exec(kind)?.[1] ?? 0);
      console.log(`${kind}: largest difference of probabilities ${delta}, best '${best}'`);
      assert.ok(delta <= limit, `${kind}: ${delta}`);
      assert.equal(usable, true, 'the source can be used again');
    });
  }

  test('all orientations of PNG and WebP are the same picture', async () => {
    for (const extension of ['png', 'webp']) {
      for (let o = 1; o <= 8; o++) {
        const { delta } = await ask('fileDifference', `orientation-${o}.${extension}`);
        assert.equal(delta, 0, `orientation-${o}.${extension}`);
      }
    }
  });

  const refused = [
    [
      'an <img> that has not loaded',
      'InvalidImage',
      'The HTMLImageElement is 0 x 0 pixels (has it loaded?).',
    ],
    ['a <canvas> without width', 'InvalidImage', 'The HTMLCanvasElement is 0 x 5 pixels.'],
    [
      "another origin's <img>",
      'InvalidImage',
      'The pixels of the picture cannot be read: it comes from another origin; load it with crossOrigin="anonymous".',
    ],
    [
      "another origin's address",
      'FileReadFailed',
      /^Cannot read http:\/\/127\.0\.0\.1:\d+\/blank: the server cannot be reached, or does not let this page read it \(CORS\)\.$/,
    ],
    [
      'an address that does not exist',
      'FileReadFailed',
      /^Cannot read http:\/\/localhost:\d+\/none\.png: HTTP status 404 Not Found\.$/,
    ],
    [
      'a file: address',
      'FileReadFailed',
      'Cannot read file:///cat.png: pages cannot read files; use a File or a Blob.',
    ],
    [
      'a web page',
      'InvalidImage',
      /are an HTML or XML document, not an image; does the address answer with a web page\?$/,
    ],
    [
      'a TIFF',
      'UnsupportedImage',
      'TIFF images cannot be decoded here; convert the image to JPEG or PNG',
    ],
    [
      'a <div>',
      'InvalidUserInput',
      'A picture is an address, bytes, a Blob, an element, a frame or pixels; got HTMLDivElement.',
    ],
    [
      'a WebP of too many pixels',
      'ImageTooLarge',
      'the raw image has 48 x 32 pixels, the limit is 100 pixels (maxPixels)',
    ],
  ];
  for (const [kind, code, message] of refused) {
    test(`refused: ${kind}`, async () => {
      const found = await ask('refusal', kind);
      assert.equal(found.code, code);
      if (message instanceof RegExp) assert.match(found.message, message);
      else assert.equal(found.message, message);
    });
  }
});

describe(
  'full-size models through the task modules',
  { skip: !hasShared && 'needs ../shared' },
  () => {
    test('DeepLabV3-ResNet50', { timeout: 300_000 }, async () => {
      const found = await ask(
        'segmentFull',
        '/shared-unpacked/models/full/deeplabv3_resnet50_fp32.pte',
      );
      const expected = readShared('models/full/deeplabv3_resnet50_fp32.A.out.argmax.u8');
      const { agreement } = compareMaps(found.map, expected);
      console.log(`DeepLabV3-ResNet50: agreement ${agreement}, ${JSON.stringify(found.timings)}`);
      assert.ok(agreement >= 0.9999);
      assert.deepEqual([found.width, found.height], [640, 480]);
    });

    test('CLIP ViT-B/32', { timeout: 300_000 }, async () => {
      const found = await ask(
        'embedFull',
        '/shared-unpacked/models/full/clip_vit_b32_image_fp32.pte',
      );
      const expected = floats(readShared('models/full/clip_vit_b32_image_fp32.A.out.f32'));
      const delta = largestDifference(found.embedding, expected);
      console.log(`CLIP: largest difference ${delta}, ${JSON.stringify(found.timings)}`);
      assert.ok(delta < 1e-4);
    });
  },
);
