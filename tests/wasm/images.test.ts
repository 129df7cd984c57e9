// Every kind of picture in Node, on small files of our own: exact pixels, exact errors.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { ErrorCode, errorCodeName } from '../../js/base/errors.js';
import type { Engine } from '../../js/core/engine.js';
import { ScalarType } from '../../js/base/scalar-type.js';
import type { ImageSource } from '../../js/images/types.js';
import { pixelsOf, refusal } from '../lib/decode.js';
import { createEngine } from '../lib/engine.js';
import { differences, referencePixels } from '../lib/pictures.mjs';

jest.setTimeout(60_000);

const FOLDER = join(process.cwd(), 'tests/fixtures/images');
const [WIDTH, HEIGHT] = [48, 32];
const file = (name: string) => new Uint8Array(readFileSync(join(FOLDER, name)));

let engine: Engine;
let server: Server;
let url = '';
/** RGB of scene.png, decoded by libvips. */
let scene: Uint8Array;

beforeAll(async () => {
  engine = await createEngine();
  scene = (await referencePixels(file('scene.png'))).rgb;
  server = createServer((request, response) => {
    const name = request.url!.slice(1);
    if (!readdirSync(FOLDER).includes(name)) response.writeHead(404).end('no such file');
    else response.end(readFileSync(join(FOLDER, name)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const pixels = (source: ImageSource) => pixelsOf(engine, source);
const error = (source: unknown, options = {}) =>
  refusal(() => pixelsOf(engine, source as ImageSource, options));

describe('sources in Node', () => {
  const png = file('scene.png');
  const base64 = Buffer.from(png).toString('base64');
  const percent = Array.from(png, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const padded = new Uint8Array(png.length + 7);
  padded.set(png, 3);

  const sources: Record<string, () => ImageSource> = {
    'a path': () => join(FOLDER, 'scene.png'),
    'a path from here': () => 'tests/fixtures/images/scene.png',
    'a file: address': () => pathToFileURL(join(FOLDER, 'scene.png')).href,
    'a URL object': () => pathToFileURL(join(FOLDER, 'scene.png')),
    'an http: address': () => `${url}/scene.png`,
    'a data: address with base64': () => `data:image/png;base64,${base64}`,
    'a data: address with URL-safe base64': () =>
      `data:image/png;base64,${base64.replaceAll('+', '-').replaceAll('/', '_')}`,
    'a data: address with percent escapes': () => `data:image/png,${percent}`,
    'a data: address without a type': () => `data:;base64,${base64}`,
    'bare base64': () => base64,
    'bare base64 in lines': () => base64.replace(/.{76}/g, '$&\n'),
    'a blob: address': () => URL.createObjectURL(new Blob([png])),
    'a Blob': () => new Blob([png], { type: 'image/png' }),
    'a File': () => new File([png], 'scene.png'),
    'a Uint8Array': () => png,
    'a view inside of a buffer': () => padded.subarray(3, 3 + png.length),
    'a DataView': () => new DataView(padded.buffer, 3, png.length),
    'an ArrayBuffer': () => png.slice().buffer,
    'a SharedArrayBuffer': () => {
      const shared = new SharedArrayBuffer(png.length);
      new Uint8Array(shared).set(png);
      return shared;
    },
    'RGB pixels': () => ({ data: scene, width: WIDTH, height: HEIGHT }),
    'RGBA pixels': () => ({ data: withAlpha(scene), width: WIDTH, height: HEIGHT, channels: 4 }),
    'clamped RGBA pixels, as ImageData has them': () => ({
      data: new Uint8ClampedArray(withAlpha(scene)),
      width: WIDTH,
      height: HEIGHT,
    }),
    'PixelData of react-native-executorch 0.8': () => ({
      dataPtr: scene,
      sizes: [HEIGHT, WIDTH, 3],
      scalarType: ScalarType.BYTE,
    }),
  };

  test.each(Object.entries(sources))('%s', async (_, make) => {
    const source = make();
    for (let run = 0; run < 2; run++) {
      // Twice: what was handed in stays usable.
      const found = await pixels(source);
      expect([found.width, found.height]).toEqual([WIDTH, HEIGHT]);
      expect(differences(found.rgb, scene).different).toBe(0);
    }
  });

  function withAlpha(rgb: Uint8Array): Uint8Array {
    const alpha = (i: number) => (i * 37) & 255;
    return Uint8Array.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
      i % 4 === 3 ? alpha(i) : rgb[Math.floor(i / 4) * 3 + (i % 4)]!,
    );
  }
});

describe('formats', () => {
  const same = [
    'scene.png',
    'palette.png',
    'sixteen.png',
    'scene.bmp',
    'top-down.bmp',
    'scene.gif',
    'animated.gif',
  ];
  test.each([...same, 'alpha.png'])('%s gives exactly the scene', async (name) => {
    expect(differences((await pixels(file(name))).rgb, scene).different).toBe(0);
  });

  test('grey pixels are tripled', async () => {
    const { rgb } = await pixels(file('grey.png'));
    expect(differences(rgb, (await referencePixels(file('grey.png'))).rgb).different).toBe(0);
    const grey = rgb.filter((_, i) => i % 3 === 0);
    const raw = await pixels({ data: grey, width: WIDTH, height: HEIGHT, channels: 1 });
    expect(differences(raw.rgb, rgb).different).toBe(0);
  });

  test('baseline and progressive JPEG are equal, and libjpeg-turbo is 2 away at most', async () => {
    const [baseline, progressive] = [
      await pixels(file('scene.jpg')),
      await pixels(file('progressive.jpg')),
    ];
    const found = differences(baseline.rgb, (await referencePixels(file('scene.jpg'))).rgb);
    console.log(`JPEG 4:4:4 against libjpeg-turbo: ${JSON.stringify(found)}`);
    expect(differences(progressive.rgb, baseline.rgb).different).toBe(0);
    expect(found.largest).toBeLessThanOrEqual(2);
  });

  test('CMYK is colour times black', async () => {
    const { rgb } = await pixels(file('cmyk.jpg'));
    const raw = await sharp(file('cmyk.jpg'))
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(raw.info.channels).toBe(4);
    const ink = (i: number, c: number) => 255 - raw.data[4 * i + c]!;
    const expected = Uint8Array.from(rgb, (_, i) =>
      Math.round((ink(Math.floor(i / 3), i % 3) * ink(Math.floor(i / 3), 3)) / 255),
    );
    const found = differences(rgb, expected);
    console.log(`CMYK against the product of libjpeg-turbo's inks: ${JSON.stringify(found)}`);
    expect(found.largest).toBeLessThanOrEqual(3);
  });

  test.each(['png', 'jpg'])('all orientations of %s are upright', async (extension) => {
    const upright = await pixels(file(`orientation-1.${extension}`));
    for (let o = 1; o <= 8; o++) {
      const found = await pixels(file(`orientation-${o}.${extension}`));
      expect([o, found.width, found.height]).toEqual([o, WIDTH, HEIGHT]);
      // A turned JPEG has other blocks; its pixels are close, a wrong turn is not.
      const { largest } = differences(found.rgb, upright.rgb);
      expect([o, largest <= (extension === 'png' ? 0 : 40)]).toEqual([o, true]);
    }
  });
});

describe('region and rotation', () => {
  const at = (x: number, y: number) => [
    ...scene.subarray((y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 3),
  ];

  test('a region is cut out of the upright picture, then turned clockwise', async () => {
    const region = { x: 10, y: 4, width: 30, height: 20 };
    for (const [rotation, turn] of [
      [0, (x: number, y: number) => [x, y]],
      [90, (x: number, y: number) => [y, 19 - x]],
      [180, (x: number, y: number) => [29 - x, 19 - y]],
      [-90, (x: number, y: number) => [29 - y, x]],
      [450, (x: number, y: number) => [y, 19 - x]],
    ] as const) {
      const found = await pixelsOf(engine, file('orientation-6.png'), { region, rotation });
      const isTurned = rotation % 180 !== 0;
      expect([found.width, found.height]).toEqual(isTurned ? [20, 30] : [30, 20]);
      for (let i = 0; i < 600; i++) {
        const [x = 0, y = 0] = turn(i % found.width, Math.floor(i / found.width));
        expect([rotation, i, ...found.rgb.subarray(3 * i, 3 * i + 3)]).toEqual([
          rotation,
          i,
          ...at(x + 10, y + 4),
        ]);
      }
    }
  });

  test.each([
    [
      { x: 40, y: 0, width: 9, height: 1 },
      'The region 9x1 at (40, 0) is not inside the picture of 48x32.',
    ],
    [
      { x: 0, y: 0, width: 0, height: 1 },
      'The region 0x1 at (0, 0) is not inside the picture of 48x32.',
    ],
    [
      { x: 0.5, y: 0, width: 2, height: 1 },
      'region is { x, y, width, height } in whole pixels of the picture.',
    ],
  ])('the region %j is refused', async (region, message) => {
    const code = ErrorCode.InvalidArgument;
    expect(await error(file('scene.png'), { region })).toEqual({ code, message });
  });

  test('a rotation of 45 degrees is refused', async () => {
    const message = 'rotation is a multiple of 90 degrees, got 45.';
    const code = ErrorCode.InvalidArgument;
    expect(await error(file('scene.png'), { rotation: 45 })).toEqual({ code, message });
  });
});

describe('what is no picture', () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const invalid = (message: string) => ({ code: ErrorCode.InvalidImage, message });
  const unsupported = (message: string) => ({ code: ErrorCode.UnsupportedImage, message });
  const cut = (name: string, length: number) => file(name).subarray(0, length);

  test.each<[string, () => Uint8Array, { code: number; message: string }]>([
    ['no bytes', () => new Uint8Array(0), invalid('the image has no bytes')],
    [
      'a web page',
      () => text('<!doctype html><p>Sorry'),
      invalid(
        'the 23 bytes are an HTML or XML document, not an image; does the address answer with a web page?',
      ),
    ],
    [
      'JSON',
      () => text('{"error": "no such image"}'),
      invalid(`the 26 bytes are text, not an image: '{"error": "no such image"}'`),
    ],
    [
      'a PDF',
      () => text('%PDF-1.7 \u0001'),
      invalid('the 10 bytes are a PDF document, not an image'),
    ],
    [
      'a model',
      () => text('\u0004\0\0\0ET12\0\0\0\0'),
      invalid('the 12 bytes are an ExecuTorch model, not an image'),
    ],
    [
      'noise',
      () => Uint8Array.of(1, 2, 3, 4),
      invalid('the 4 bytes are not an image of a known format (they begin with 01 02 03 04)'),
    ],
    [
      'WebP',
      () => file('scene.webp'),
      unsupported('WebP images cannot be decoded here; convert the image to JPEG or PNG'),
    ],
    [
      'AVIF',
      () => file('scene.avif'),
      unsupported('AVIF images cannot be decoded here; convert the image to JPEG or PNG'),
    ],
    [
      'TIFF',
      () => file('scene.tiff'),
      unsupported('TIFF images cannot be decoded here; convert the image to JPEG or PNG'),
    ],
    [
      'half a JPEG',
      () => cut('scene.jpg', 700),
      invalid('the JPEG image is truncated: its 700 bytes end before the marker of its end'),
    ],
    [
      'half a PNG',
      () => cut('scene.png', 200),
      invalid('the PNG image is truncated: its 200 bytes end before its last chunk'),
    ],
    [
      'half a GIF',
      () => cut('scene.gif', 200),
      invalid('the GIF image is truncated: its 200 bytes end before the end of its first frame'),
    ],
    [
      'half a BMP',
      () => cut('scene.bmp', 999),
      invalid('the BMP image is truncated: its 999 bytes end before its last row'),
    ],
    [
      'a flipped bit',
      () => file('scene.png').map((b, i) => (i === 80 ? b ^ 1 : b)),
      invalid('the PNG image is damaged: wrong checksum of the chunk at byte 54'),
    ],
    ['a PNG without width', () => widthOf(0), invalid('the PNG image is 0 x 32 pixels')],
  ])('%s', async (_, make, expected) => {
    expect(await error(make())).toEqual(expected);
  });

  /** scene.png with another width in its header; the checksum is looked at later. */
  function widthOf(width: number): Uint8Array {
    const bytes = file('scene.png');
    new DataView(bytes.buffer).setUint32(16, width);
    return bytes;
  }

  test('more pixels than allowed', async () => {
    const code = ErrorCode.ImageTooLarge;
    const message = (limit: number, size: string) =>
      `the PNG image has ${size} pixels, the limit is ${limit} pixels (maxPixels)`;
    expect(await error(file('scene.png'), { maxPixels: 1535 })).toEqual({
      code,
      message: message(1535, '48 x 32'),
    });
    expect(await error(file('scene.png'), { maxPixels: 1536 })).toBeUndefined();
    for (const maxPixels of [0, -1, 1.5, NaN, Infinity, 2 ** 31, '100' as never]) {
      expect(await error(file('scene.png'), { maxPixels })).toMatchObject({
        code: ErrorCode.InvalidArgument,
        message: expect.stringMatching(/^maxPixels is a number of pixels, 1 to 2147483647; got /),
      });
    }
    expect(await error(widthOf(60_000_00))).toMatchObject({ code });
    expect(
      await error({ data: scene, width: WIDTH, height: HEIGHT }, { maxPixels: 9 }),
    ).toMatchObject({ code });
  });

  test('an unreachable address', async () => {
    const code = ErrorCode.FileReadFailed;
    expect(await error(`${url}/cat.png`)).toEqual({
      code,
      message: `Cannot read ${url}/cat.png: HTTP status 404 Not Found.`,
    });
    expect(await error('http://127.0.0.1:9/cat.png')).toEqual({
      code,
      message:
        'Cannot read http://127.0.0.1:9/cat.png: the server cannot be reached, or does not let this page read it (CORS).',
    });
    const nowhere = join(tmpdir(), 'no-such-picture.png');
    expect(await error(nowhere)).toMatchObject({
      code,
      message: expect.stringContaining('ENOENT'),
    });
  });

  test.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      'A picture is an address, bytes, a Blob, an element, a frame or pixels; got undefined.',
    ],
    [
      'null',
      null,
      'A picture is an address, bytes, a Blob, an element, a frame or pixels; got null.',
    ],
    [
      'a number',
      7,
      'A picture is an address, bytes, a Blob, an element, a frame or pixels; got number.',
    ],
    [
      'a plain object',
      {},
      'A picture is an address, bytes, a Blob, an element, a frame or pixels; got Object.',
    ],
    ['an empty address', ' ', 'The address of the picture is empty.'],
    [
      'too few pixels',
      { data: new Uint8Array(5), width: 2, height: 1 },
      'Pixels of 2 x 1 with 1, 3 or 4 channels do not fit 5 bytes.',
    ],
    [
      'pixels without height',
      { data: new Uint8Array(0), width: 2, height: 0 },
      'Pixels of 2 x 0 with 1, 3 or 4 channels do not fit 0 bytes.',
    ],
    [
      'pixels of two channels',
      { data: new Uint8Array(4), width: 2, height: 1, channels: 2 },
      'Pixels of 2 x 1 with 2 channels do not fit 4 bytes.',
    ],
    [
      'PixelData of the wrong size',
      { dataPtr: new Uint8Array(4), sizes: [1, 2, 3], scalarType: 0 },
      'Pixels of 2 x 1 with 3 channels do not fit 4 bytes.',
    ],
    [
      'pixels as floats',
      { data: new Float32Array(3), width: 1, height: 1 },
      'A picture is an address, bytes, a Blob, an element, a frame or pixels; got Object.',
    ],
  ])('%s', async (_, source, message) => {
    expect(await error(source)).toEqual({ code: ErrorCode.InvalidUserInput, message });
  });

  test.each([
    ['data:image/png;base64', 'The data: address of the picture is malformed: it has no comma.'],
    ['data:image/png;base64,!!!', /^The data: address of the picture is malformed: /],
  ])('%s', async (source, message) => {
    const found = await error(source);
    expect(found?.code).toBe(ErrorCode.InvalidImage);
    expect(found?.message).toMatch(message);
  });
});

describe('random damage', () => {
  test('never crashes the decoder: pixels or a coded error', async () => {
    const names = readdirSync(FOLDER).filter((name) => /\.(png|jpg|gif|bmp|webp)$/.test(name));
    let state = 20_240_229;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % below;
    };
    const outcomes: Record<string, number> = {};
    for (let run = 0; run < 3000; run++) {
      const bytes = file(names[run % names.length]!);
      for (let k = 0; k <= random(6); k++) bytes[random(bytes.length)] = random(256);
      const damaged = random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      const found = await error(damaged, { maxPixels: 1 << 22 });
      const outcome = found ? errorCodeName(found.code) : 'decoded';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    console.log(`3000 damaged files: ${JSON.stringify(outcomes)}`);
    const expected = ['decoded', 'InvalidImage', 'UnsupportedImage', 'ImageTooLarge'];
    expect(Object.keys(outcomes).filter((name) => !expected.includes(name))).toEqual([]);
    expect((await pixels(file('scene.png'))).rgb).toEqual(scene);
  });
});

test('a 12-megapixel photo takes bounded memory', async () => {
  const path = join(tmpdir(), `executorch-web-${process.pid}.jpg`);
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  const create = { width: 4032, height: 3024, channels: 3, background: 'white', noise } as const;
  writeFileSync(
    path,
    await sharp({ create }).jpeg({ quality: 80 }).withMetadata({ orientation: 6 }).toBuffer(),
  );
  const fresh = await createEngine();
  const before = fresh.heapBytes;
  const bytes = new Uint8Array(readFileSync(path));
  const start = performance.now();
  const image = fresh.decode({ bytes });
  const decoded = performance.now();
  const small = fresh.resize(image, { width: 384, height: 384 });
  const resized = performance.now();
  expect([image.width, image.height]).toEqual([3024, 4032]);
  const grown = fresh.heapBytes - before;
  console.log(
    `${(bytes.length / 1e6).toFixed(1)} MB, 4032 x 3024, orientation 6: decode ${(decoded - start).toFixed(0)} ms, ` +
      `resize to 384 x 384 ${(resized - decoded).toFixed(1)} ms, memory ${(grown / 1e6).toFixed(0)} MB ` +
      `(${(grown / (4032 * 3024)).toFixed(2)} bytes per pixel)`,
  );
  fresh.freeImage(small);
  fresh.freeImage(image);
  // Four bytes a pixel for the picture, three for the decoder's planes, and the file.
  expect(grown).toBeLessThan(4032 * 3024 * 7 + 2 * bytes.length + (8 << 20));
});
