// Odd but mostly lawful pictures, made on the spot: name → bytes. The right pixels are what browsers show.
import { deflateSync, constants } from 'node:zlib';
import { bmp, bmpRows, gif, jpeg, png, pngChunk, pngRows, segment } from './encoders.mjs';

const PALETTE = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [200, 100, 50],
];
const cycle = (width, height, colours = 4) =>
  Array.from({ length: width * height }, (_, i) => (i + Math.floor(i / width)) % colours);
const frame = (width = 4, height = 4, more = {}) => ({
  width,
  height,
  indices: cycle(width, height),
  ...more,
});
const ascii = (text) => [...text].map((c) => c.charCodeAt(0));
const many = Array.from({ length: 256 }, (_, i) => [i, (i * 7) & 255, (i * 13) & 255]);

function gifs() {
  const out = {};
  const add = (name, frames, options = {}) =>
    (out[`gif-${name}`] = gif([frames].flat(), { palette: PALETTE, ...options }));
  add('plain', frame());
  add('87a', frame(), { version: '87a' });
  for (const background of [0, 1, 3])
    add(`part-background-${background}`, frame(4, 2, { left: 2, top: 1 }), {
      width: 8,
      height: 4,
      background,
    });
  for (const disposal of [0, 1, 2, 3, 4, 7]) {
    add(`part-disposal-${disposal}`, frame(4, 2, { left: 1, top: 1, disposal }), {
      width: 8,
      height: 4,
      background: 3,
    });
    add(
      `two-frames-disposal-${disposal}`,
      [frame(4, 4, { disposal, delay: 5 }), frame(2, 2, { delay: 5 })],
      { loop: true },
    );
  }
  add('part-transparent', frame(4, 2, { left: 2, top: 1, transparent: 1 }), {
    width: 8,
    height: 4,
    background: 1,
  });
  add('transparent', frame(4, 4, { transparent: 0 }));
  add('transparent-beyond-palette', frame(4, 4, { transparent: 200 }));
  for (const [w, h] of [
    [0, 0],
    [0, 4],
    [4, 0],
  ])
    add(`screen-${w}x${h}`, frame(), { width: w, height: h });
  add('screen-0-frame-offset', frame(4, 4, { left: 2, top: 3 }), { width: 0, height: 0 });
  add('frame-larger', frame(6, 5), { width: 4, height: 4 });
  add('frame-beyond', frame(4, 4, { left: 2, top: 2 }), { width: 4, height: 4 });
  add('frame-outside', frame(4, 4, { left: 10, top: 10 }), { width: 4, height: 4 });
  add('second-frame-larger', [frame(4, 4, { delay: 5 }), frame(8, 8, { delay: 5 })], {
    width: 4,
    height: 4,
  });
  add('frame-0x0', frame(0, 0, { indices: [] }), { width: 4, height: 4 });
  add('frame-0-then-real', [frame(0, 4, { indices: [] }), frame()], { width: 4, height: 4 });
  add('trailing-missing', frame(), { trailer: [] });
  add('trailing-missing-data-end', frame(4, 4, { lzw: { end: false } }), { trailer: [] });
  add('garbage-behind', frame(), { trailer: [0x3b, 1, 2, 3, 4] });
  add('garbage-before-trailer', frame(), { trailer: [0, 0, 7, 0x3b] });
  add('garbage-before-frame', frame(4, 4, { before: [0, 0] }));
  add('unknown-block-before-frame', frame(4, 4, { before: [0x77] }));
  add('no-first-clear', frame(4, 4, { lzw: { clear: false } }));
  add('no-end-code', frame(4, 4, { lzw: { end: false } }));
  add('raw-codes', frame(16, 16, { lzw: { raw: true } }));
  add(
    'large',
    frame(300, 200, { indices: cycle(300, 200).map((v, i) => (v + ((i * i) % 7)) & 3) }),
  );
  add(
    'deferred-clear',
    frame(200, 200, {
      minimum: 8,
      indices: Array.from({ length: 40000 }, (_, i) => (i * i * 31 + (i >> 3)) & 255),
    }),
    { palette: many },
  );
  for (const minimum of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const count = 2 ** minimum;
    add(`minimum-${minimum}`, frame(17, 9, { minimum, indices: cycle(17, 9, count) }), {
      palette: many.slice(0, Math.max(2, count)),
    });
  }
  for (const minimum of [0, 9, 11, 12])
    add(`minimum-${minimum}`, frame(4, 4, { minimum, data: [4, 0, 0, 0, 0, 0] }));
  add('index-beyond-palette', frame(4, 4, { minimum: 4, indices: cycle(4, 4, 16) }));
  add('no-palette', frame(), { palette: undefined });
  add('local-palette', frame(4, 4, { palette: many.slice(4, 8) }), { palette: undefined });
  add('both-palettes', frame(4, 4, { palette: many.slice(4, 8) }));
  for (const h of [1, 2, 3, 5, 8, 9, 17]) add(`interlaced-${h}`, frame(5, h, { interlaced: true }));
  add('interlaced-part', frame(5, 9, { left: 1, top: 2, interlaced: true }), {
    width: 10,
    height: 12,
  });
  add('too-few-pixels', frame(4, 4, { indices: cycle(4, 2) }));
  add('too-many-pixels', frame(4, 4, { indices: cycle(4, 6) }));
  add('empty-data', frame(4, 4, { data: [0] }));
  add('code-beyond-table', frame(4, 4, { data: [2, 0x7c, 0x05, 0] }));
  add('comment', frame(4, 4, { before: [0x21, 0xfe, 5, ...ascii('hello'), 0] }));
  add('plain-text', frame(4, 4, { before: [0x21, 0x01, 12, ...Array(12).fill(1), 2, 65, 66, 0] }));
  add('unknown-extension', frame(4, 4, { before: [0x21, 0x99, 2, 1, 2, 0] }));
  add('control-long', frame(4, 4, { before: [0x21, 0xf9, 5, 1, 0, 0, 2, 9, 0] }));
  add('control-short', frame(4, 4, { before: [0x21, 0xf9, 3, 1, 0, 0, 0] }));
  add(
    'two-controls',
    frame(4, 4, { before: [0x21, 0xf9, 4, 1, 0, 0, 0, 0, 0x21, 0xf9, 4, 1, 0, 0, 2, 0] }),
  );
  add(
    'xmp',
    frame(4, 4, {
      before: [
        0x21,
        0xff,
        11,
        ...ascii('XMP DataXMP'),
        ...ascii('<x/>').slice(0, 3),
        ...Array(257 - 3).fill(0),
      ]
        .slice(0, 30)
        .concat([0]),
    }),
  );
  add('1x1', frame(1, 1));
  add('1x300', frame(1, 300));
  add('no-frames', frame(), {});
  out['gif-no-frames'] = gif([frame()], { palette: PALETTE }).subarray(0, 25);
  return out;
}

function pngs() {
  const out = {};
  const at = (x, y, c, depth) =>
    ((x * 37 + y * 101 + c * 61 + x * y * 7) * (depth > 8 ? 257 : 1)) & (2 ** depth - 1);
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
  const paletteOf = (depth) =>
    Array.from({ length: 2 ** Math.min(depth, 8) * 3 }, (_, i) => (i * 53) & 255);
  const base = (colour, depth, width = 9, height = 7) => ({
    width,
    height,
    colour,
    depth,
    samples: (x, y) => Array.from({ length: channels[colour] }, (_, c) => at(x, y, c, depth)),
    ...(colour === 3 && { palette: paletteOf(depth) }),
  });
  const add = (name, options) => (out[`png-${name}`] = png(options));
  for (const [colour, depths] of [
    [0, [1, 2, 4, 8, 16]],
    [2, [8, 16]],
    [3, [1, 2, 4, 8]],
    [4, [8, 16]],
    [6, [8, 16]],
  ]) {
    for (const depth of depths) {
      for (const filter of [0, 1, 2, 3, 4])
        add(`${colour}-${depth}-filter-${filter}`, { ...base(colour, depth), filter });
      add(`${colour}-${depth}-mixed`, { ...base(colour, depth, 33, 21), filter: (y) => y % 5 });
      for (const [w, h] of [
        [1, 1],
        [2, 1],
        [1, 2],
        [3, 5],
        [5, 3],
        [8, 8],
        [17, 9],
      ]) {
        add(`${colour}-${depth}-interlaced-${w}x${h}`, {
          ...base(colour, depth, w, h),
          interlaced: true,
          filter: (y) => y % 5,
        });
      }
    }
  }
  add('trns-grey', { ...base(0, 8), transparency: [0, 37] });
  add('trns-grey-1', { ...base(0, 1), transparency: [0, 1] });
  add('trns-grey-16', { ...base(0, 16), transparency: [1, 1] });
  add('trns-rgb', { ...base(2, 8), transparency: [0, 0, 0, 61, 0, 122] });
  add('trns-rgb-16', { ...base(2, 16), transparency: [0, 0, 0, 61, 0, 122] });
  add('trns-palette', { ...base(3, 8), transparency: [0, 128, 255] });
  add('trns-palette-too-long', { ...base(3, 1), transparency: [0, 1, 2, 3, 4, 5] });
  add('trns-with-alpha', { ...base(6, 8), transparency: [0, 0, 0, 0, 0, 0] });
  add('trns-wrong-length', { ...base(2, 8), transparency: [0, 0] });
  add('trns-after-idat', { ...base(2, 8), after: [pngChunk('tRNS', [0, 0, 0, 0, 0, 0])] });
  add('palette-short', { ...base(3, 8), palette: paletteOf(2) });
  add('palette-long', { ...base(3, 2), palette: paletteOf(4) });
  add('palette-not-of-3', { ...base(3, 8), palette: paletteOf(8).slice(0, 100) });
  add('palette-missing', { ...base(3, 8), palette: undefined });
  add('palette-twice', { ...base(3, 8), before: [pngChunk('PLTE', paletteOf(8).reverse())] });
  add('palette-on-rgb', { ...base(2, 8), palette: paletteOf(4) });
  add('palette-on-grey', { ...base(0, 8), palette: paletteOf(4) });
  add('palette-bad-on-rgb', { ...base(2, 8), palette: [1, 2] });
  add('palette-after-idat', {
    ...base(3, 8),
    palette: undefined,
    after: [pngChunk('PLTE', paletteOf(8))],
  });
  add('idat-pieces-1', { ...base(2, 8), pieces: 1 });
  add('idat-pieces-7', { ...base(6, 8, 20, 20), pieces: 7 });
  add('idat-empty-between', {
    ...base(2, 8),
    before: [pngChunk('IDAT')],
    after: [pngChunk('IDAT')],
  });
  add('idat-interrupted', interrupted(base(2, 8)));
  add('rows-excess-1', { ...base(2, 8), raw: [...pngRows(base(2, 8)), 0] });
  add('rows-excess-row', { ...base(2, 8), raw: [...pngRows(base(2, 8)), ...Array(28).fill(0)] });
  add('rows-excess-50k', { ...base(2, 8), raw: [...pngRows(base(2, 8)), ...Array(50000).fill(0)] });
  add('rows-missing', { ...base(2, 8), raw: pngRows(base(2, 8)).slice(0, 100) });
  add('rows-missing-1', { ...base(2, 8), raw: pngRows(base(2, 8)).slice(0, -1) });
  add('filter-5', {
    ...base(2, 8),
    filter: 0,
    raw: pngRows(base(2, 8)).map((v, i) => (i === 28 ? 5 : v)),
  });
  for (const level of [0, 1, 9])
    add(`level-${level}`, {
      ...base(2, 8, 50, 50),
      compress: (rows) => deflateSync(rows, { level }),
    });
  add('fixed-huffman', {
    ...base(2, 8, 50, 50),
    compress: (rows) => deflateSync(rows, { strategy: constants.Z_FIXED }),
  });
  add('huffman-only', {
    ...base(2, 8, 50, 50),
    compress: (rows) => deflateSync(rows, { strategy: constants.Z_HUFFMAN_ONLY }),
  });
  for (const windowBits of [9, 12])
    add(`window-${windowBits}`, {
      ...base(2, 8, 50, 50),
      compress: (rows) => deflateSync(rows, { windowBits }),
    });
  const changed = (edit) => (rows) => edit(deflateSync(rows));
  add('adler-wrong', { ...base(2, 8), compress: changed((b) => ((b[b.length - 1] ^= 1), b)) });
  add('adler-missing', { ...base(2, 8), compress: changed((b) => b.subarray(0, -4)) });
  add('adler-half', { ...base(2, 8), compress: changed((b) => b.subarray(0, -2)) });
  add('zlib-header-bad', { ...base(2, 8), compress: changed((b) => ((b[1] ^= 1), b)) });
  add('zlib-method-bad', { ...base(2, 8), compress: changed((b) => ((b[0] = 0x79), b)) });
  add('zlib-dictionary', {
    ...base(2, 8),
    compress: changed((b) => ((b[0] = 0x78), (b[1] = 0xbb), b)),
  });
  add('zlib-tail', {
    ...base(2, 8),
    compress: changed((b) => Buffer.concat([b, Buffer.alloc(20, 7)])),
  });
  add('window-too-small', {
    ...base(2, 8, 50, 50),
    compress: changed((b) => ((b[0] = 0x08), (b[1] = 0x1d), b)),
  });
  add('iend-missing', { ...base(2, 8), end: false });
  add('iend-bad-crc', { ...base(2, 8), end: false, after: [pngChunk('IEND', [], 5)] });
  add('tail', { ...base(2, 8), tail: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] });
  add('unknown-critical', { ...base(2, 8), before: [pngChunk('QQQQ', [1, 2])] });
  add('unknown-critical-after', { ...base(2, 8), after: [pngChunk('QQQQ', [1, 2])] });
  add('unknown-ancillary', { ...base(2, 8), before: [pngChunk('qqQq', [1, 2])] });
  add('ancillary-bad-crc', { ...base(2, 8), before: [pngChunk('tEXt', ascii('a\0b'), 1)] });
  add('trns-bad-crc', { ...base(2, 8), before: [pngChunk('tRNS', [0, 0, 0, 0, 0, 0], 1)] });
  add('chunk-name-odd', { ...base(2, 8), before: [pngChunk('a1Bc', [1])] });
  const tiff = [
    ...ascii('MM'),
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    6,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  add('exif-before', { ...base(2, 8), before: [pngChunk('eXIf', tiff)] });
  add('exif-after', { ...base(2, 8), after: [pngChunk('eXIf', tiff)] });
  add('exif-bad-crc', { ...base(2, 8), before: [pngChunk('eXIf', tiff, 1)] });
  add('exif-with-prefix', {
    ...base(2, 8),
    before: [pngChunk('eXIf', [...ascii('Exif'), 0, 0, ...tiff])],
  });
  add('gama', { ...base(2, 8), before: [pngChunk('gAMA', [0, 0, 0x27, 0x10])] });
  add('sbit', { ...base(2, 8), before: [pngChunk('sBIT', [5, 6, 5])] });
  add('bkgd', { ...base(6, 8), before: [pngChunk('bKGD', [0, 255, 0, 0, 0, 0])] });
  add('apple-rgb', { ...base(2, 8), apple: true });
  add('apple-rgba', { ...base(6, 8), apple: true });
  add('apple-grey', { ...base(0, 8), apple: true });
  add('apple-palette', { ...base(3, 8), apple: true });
  add('ihdr-twice', {
    ...base(2, 8),
    before: [pngChunk('IHDR', [0, 0, 0, 9, 0, 0, 0, 7, 8, 2, 0, 0, 0])],
  });
  const fctl = (sequence, w, h, x, y) =>
    [sequence, w, h, x, y].flatMap((n) => [0, 0, 0, n]).concat([0, 1, 0, 10, 0, 0]);
  const still = deflateSync(Buffer.from(pngRows({ ...base(2, 8), samples: () => [9, 9, 9] })));
  const second = pngChunk('fdAT', [0, 0, 0, 2, ...still]);
  add('animated', {
    ...base(2, 8),
    before: [pngChunk('acTL', [0, 0, 0, 2, 0, 0, 0, 0]), pngChunk('fcTL', fctl(0, 9, 7, 0, 0))],
    after: [pngChunk('fcTL', fctl(1, 9, 7, 0, 0)), second],
  });
  add('animated-default-hidden', {
    ...base(2, 8),
    before: [pngChunk('acTL', [0, 0, 0, 1, 0, 0, 0, 0])],
    after: [pngChunk('fcTL', fctl(0, 9, 7, 0, 0)), pngChunk('fdAT', [0, 0, 0, 1, ...still])],
  });
  return out;
}

/** IDAT, another chunk, IDAT: forbidden, but the data are whole. */
function interrupted(base) {
  const data = deflateSync(Buffer.from(pngRows(base)));
  return {
    ...base,
    compress: () => data.subarray(50),
    before: [pngChunk('IDAT', data.subarray(0, 50)), pngChunk('tEXt', ascii('a\0b'))],
  };
}

function bmps() {
  const out = {};
  const [width, height] = [9, 5];
  const add = (name, options) => (out[`bmp-${name}`] = bmp({ width, height, ...options }));
  const colour = (x, y) => (((x * 29) & 255) << 16) | (((y * 51) & 255) << 8) | ((x * y * 7) & 255);
  const palette = (count) =>
    Array.from({ length: count }, (_, i) => [
      (i * 40) & 255,
      (i * 90) & 255,
      (i * 130) & 255,
      0,
    ]).flat();
  for (const bits of [1, 2, 4, 8]) {
    const rows = bmpRows(width, height, bits, (x, y) => (x + y * 3) % 2 ** bits);
    add(`${bits}`, { bits, palette: palette(2 ** bits), rows });
    add(`${bits}-used`, { bits, palette: palette(2), used: 2, rows });
    add(`${bits}-used-0`, { bits, palette: palette(2 ** bits), used: 0, rows });
    add(`${bits}-used-many`, { bits, palette: palette(2 ** bits), used: 1000, rows });
    add(`${bits}-top-down`, { bits, palette: palette(2 ** bits), height: -height, rows });
  }
  const rows24 = bmpRows(width, height, 24, colour);
  const rows32 = bmpRows(width, height, 32, (x, y) => 0x80000000 + colour(x, y));
  add('24', { bits: 24, rows: rows24 });
  add('24-top-down', { bits: 24, height: -height, rows: bmpRows(width, height, 24, colour, true) });
  add('24-with-palette', { bits: 24, palette: palette(16), rows: rows24 });
  add('24-offset-beyond', { bits: 24, rows: rows24, offset: 70 });
  add('24-offset-0', { bits: 24, rows: rows24, offset: 0 });
  add('24-truncated-padding', { bits: 24, rows: rows24.slice(0, -1) });
  add('24-truncated', { bits: 24, rows: rows24.slice(0, -20) });
  add('24-tail', { bits: 24, rows: rows24, tail: [1, 2, 3] });
  add('32', { bits: 32, rows: rows32 });
  add('32-alpha-0', { bits: 32, rows: bmpRows(width, height, 32, colour) });
  add('32-v4', {
    bits: 32,
    headerSize: 108,
    compression: 3,
    masks: [0xff0000, 0xff00, 0xff, 0xff000000],
    rows: rows32,
  });
  add('32-v5', {
    bits: 32,
    headerSize: 124,
    compression: 3,
    masks: [0xff0000, 0xff00, 0xff, 0xff000000],
    rows: rows32,
  });
  add('32-v3', {
    bits: 32,
    headerSize: 56,
    compression: 3,
    masks: [0xff0000, 0xff00, 0xff, 0xff000000],
    rows: rows32,
  });
  add('32-v2', {
    bits: 32,
    headerSize: 52,
    compression: 3,
    masks: [0xff0000, 0xff00, 0xff],
    rows: rows32,
  });
  add('32-fields-rgb-swapped', {
    bits: 32,
    compression: 3,
    masks: [0xff, 0xff00, 0xff0000],
    rows: rows32,
  });
  add('32-fields-10', {
    bits: 32,
    compression: 3,
    masks: [0x3ff00000, 0xffc00, 0x3ff],
    rows: rows32,
  });
  add('32-fields-1-bit', {
    bits: 32,
    compression: 3,
    masks: [0x800000, 0x8000, 0x80],
    rows: rows32,
  });
  add('32-fields-zero', { bits: 32, compression: 3, masks: [0, 0xff00, 0xff], rows: rows32 });
  add('32-fields-holes', {
    bits: 32,
    compression: 3,
    masks: [0xf0f000, 0xf00, 0xff],
    rows: rows32,
  });
  add('32-alpha-fields', {
    bits: 32,
    compression: 6,
    masks: [0xff0000, 0xff00, 0xff, 0xff000000],
    rows: rows32,
  });
  const rows16 = bmpRows(width, height, 16, (x, y) => (x * 3571 + y * 7919) & 0xffff);
  add('16', { bits: 16, rows: rows16 });
  add('16-565', { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], rows: rows16 });
  add('16-4444', { bits: 16, compression: 3, masks: [0xf00, 0xf0, 0xf], rows: rows16 });
  add('os2-24', { bits: 24, headerSize: 12, rows: rows24 });
  const small = (count) =>
    Array.from({ length: count }, (_, i) => [
      (i * 40) & 255,
      (i * 90) & 255,
      (i * 130) & 255,
    ]).flat();
  for (const bits of [1, 4, 8]) {
    add(`os2-${bits}`, {
      bits,
      headerSize: 12,
      palette: small(2 ** bits),
      rows: bmpRows(width, height, bits, (x, y) => (x + y) % 2 ** bits),
    });
  }
  add('os2-v2', { bits: 24, headerSize: 64, rows: rows24 });
  add('os2-v2-short', { bits: 24, headerSize: 16, rows: rows24 });
  const rle8 = [
    5, 1, 4, 2, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 4, 6, 0, 0, 0, 2, 2, 1, 3, 7, 0, 0, 9, 3, 0, 0, 9, 1,
    0, 1,
  ];
  add('rle8', { bits: 8, compression: 1, palette: palette(256), rows: rle8 });
  add('rle8-no-end', { bits: 8, compression: 1, palette: palette(256), rows: rle8.slice(0, -2) });
  add('rle8-early-end', {
    bits: 8,
    compression: 1,
    palette: palette(256),
    rows: [9, 1, 0, 0, 3, 2, 0, 1],
  });
  add('rle8-beyond', {
    bits: 8,
    compression: 1,
    palette: palette(256),
    rows: [200, 1, 0, 0, 9, 2, 0, 0, 9, 3, 0, 0, 9, 4, 0, 0, 9, 5, 0, 0, 9, 6, 0, 1],
  });
  add('rle8-top-down', {
    bits: 8,
    height: -height,
    compression: 1,
    palette: palette(256),
    rows: rle8,
  });
  add('rle4', {
    bits: 4,
    compression: 2,
    palette: palette(16),
    rows: [
      9, 0x12, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 4, 0x77, 0, 0, 9, 0x55, 0, 0, 0, 2, 3, 1, 2, 0x66,
      0, 1,
    ],
  });
  add('rle24', {
    bits: 24,
    headerSize: 64,
    compression: 4,
    rows: [9, 1, 2, 3, 0, 0, 9, 4, 5, 6, 0, 1],
  });
  add('compression-7', { bits: 24, compression: 7, rows: rows24 });
  add('bits-3', { bits: 3, rows: rows24 });
  add('bits-64', { bits: 64, rows: [...rows32, ...rows32] });
  add('zero-height', { bits: 24, height: 0, rows: rows24 });
  add('zero-width', { bits: 24, width: 0, rows: rows24 });
  add('negative-width', { bits: 24, width: -9, rows: rows24 });
  add('index-beyond-palette', {
    bits: 8,
    palette: palette(4),
    rows: bmpRows(width, height, 8, (x) => x),
  });
  return out;
}

function jpegs() {
  const out = {};
  const [width, height] = [37, 29];
  const wave = (scale, phase) => (x, y) =>
    128 + 100 * Math.sin((x * scale) / 7 + phase) * Math.cos((y * scale) / 9 + phase);
  const component = (id, h = 1, v = 1, hMax = h, vMax = v) => ({
    id,
    h,
    v,
    plane: (x, y) => wave(1, id)((x * hMax) / h, (y * vMax) / v),
  });
  const sampled = (list, ids = [1, 2, 3, 4]) => {
    const [hMax, vMax] = [Math.max(...list.map(([h]) => h)), Math.max(...list.map(([, v]) => v))];
    return list.map(([h, v], i) => component(ids[i], h, v, hMax, vMax));
  };
  const full = [
    [1, 1],
    [1, 1],
    [1, 1],
  ];
  const add = (name, options) =>
    (out[`jpeg-${name}`] = jpeg({ width, height, components: sampled(full), ...options }));
  const JFIF = segment(0xe0, [...ascii('JFIF'), 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
  const adobe = (transform) => segment(0xee, [...ascii('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
  const SAMPLINGS = {
    444: full,
    422: [
      [2, 1],
      [1, 1],
      [1, 1],
    ],
    420: [
      [2, 2],
      [1, 1],
      [1, 1],
    ],
    440: [
      [1, 2],
      [1, 1],
      [1, 1],
    ],
    411: [
      [4, 1],
      [1, 1],
      [1, 1],
    ],
    410: [
      [4, 2],
      [1, 1],
      [1, 1],
    ],
    441: [
      [1, 4],
      [1, 1],
      [1, 1],
    ],
    mixed: [
      [2, 2],
      [2, 1],
      [1, 2],
    ],
    'chroma-larger': [
      [1, 1],
      [2, 2],
      [2, 2],
    ],
    'all-2': [
      [2, 2],
      [2, 2],
      [2, 2],
    ],
    thirds: [
      [3, 1],
      [1, 1],
      [1, 1],
    ],
    fraction: [
      [3, 1],
      [2, 1],
      [1, 1],
    ],
    '4x4': [
      [4, 2],
      [2, 2],
      [1, 1],
    ],
  };
  for (const [name, list] of Object.entries(SAMPLINGS)) {
    add(`sampling-${name}`, { components: sampled(list) });
    add(`sampling-${name}-progressive`, { components: sampled(list), sof: 0xc2 });
    add(`sampling-${name}-separate-scans`, {
      components: sampled(list),
      scans: [{ of: [0] }, { of: [1] }, { of: [2] }],
    });
    add(`sampling-${name}-restart`, { components: sampled(list), restart: 3 });
  }
  for (const [h, v] of [
    [1, 1],
    [2, 2],
    [2, 1],
    [3, 4],
  ]) {
    for (const sof of [0xc0, 0xc2])
      add(`grey-${h}x${v}-${sof.toString(16)}`, { components: sampled([[h, v]]), sof });
  }
  for (const size of [
    [1, 1],
    [8, 8],
    [7, 9],
    [16, 16],
    [17, 1],
    [1, 33],
  ])
    add(`size-${size.join('x')}`, {
      width: size[0],
      height: size[1],
      components: sampled(SAMPLINGS[420]),
    });
  for (const transform of [0, 1, 2, 3]) {
    add(`adobe-${transform}`, { before: adobe(transform) });
    add(`adobe-${transform}-jfif`, { before: [...JFIF, ...adobe(transform)] });
    add(`adobe-${transform}-rgb-ids`, {
      before: adobe(transform),
      components: sampled(full, [82, 71, 66]),
    });
    add(`four-adobe-${transform}`, {
      before: adobe(transform),
      components: sampled([...full, [1, 1]]),
    });
    add(`four-adobe-${transform}-progressive`, {
      before: adobe(transform),
      components: sampled([...full, [1, 1]]),
      sof: 0xc2,
    });
  }
  add('four', { components: sampled([...full, [1, 1]]) });
  add('four-jfif', { components: sampled([...full, [1, 1]]), before: JFIF });
  add('four-sampled', {
    components: sampled([
      [2, 2],
      [1, 1],
      [1, 1],
      [2, 2],
    ]),
    before: adobe(2),
  });
  add('two', {
    components: sampled([
      [1, 1],
      [1, 1],
    ]),
  });
  add('rgb-ids', { components: sampled(full, [82, 71, 66]) });
  add('rgb-ids-jfif', { components: sampled(full, [82, 71, 66]), before: JFIF });
  add('ids-0', { components: sampled(full, [0, 1, 2]) });
  add('ids-odd', { components: sampled(full, [7, 99, 200]) });
  add('ids-same', { components: sampled(full, [1, 1, 1]) });
  add('adobe-short', { before: segment(0xee, [...ascii('Adobe'), 0, 100]) });
  add('jfif-late', { before: [...adobe(0), ...JFIF] });
  add('jfif-in-middle', { before: adobe(0), middle: JFIF });
  add('jfif-short', { before: [...adobe(0), ...segment(0xe0, [...ascii('JFIF'), 0, 1, 1])] });
  for (const sof of [0xc1, 0xc3, 0xc5, 0xc9, 0xca]) add(`sof-${sof.toString(16)}`, { sof });
  add('twelve-bit', { sof: 0xc1, precision: 12 });
  add('height-0', { headerHeight: 0 });
  add('restart-1', { restart: 1 });
  add('restart-from-1', { restart: 1, restartNumber: (n) => n + 1 });
  add('restart-twice-the-same', { restart: 1, restartNumber: (n) => (n > 3 ? n - 1 : n) });
  add('restart-backwards-progressive', { restart: 2, sof: 0xc2, restartNumber: (n) => 7 - n });
  add('restart-progressive', { restart: 2, sof: 0xc2 });
  add('end-missing', { end: [] });
  add('end-half', { end: [0xff] });
  add('tail', { end: [0xff, 0xd9, 1, 2, 3, 4, 5] });
  add('tail-marker', { end: [0xff, 0xd9, 0xff, 0xd8, 0xff] });
  add('filler-before-end', { filler: [0, 0, 0, 7, 9] });
  add('ff-before-end', { filler: [0xff, 0xff, 0xff] });
  add('filler-between-segments', { before: [0, 1, 2, 3] });
  add('ff-between-segments', { before: [0xff, 0xff, 0xff] });
  add('comment', { before: segment(0xfe, ascii('hello')) });
  add('comment-empty', { before: segment(0xfe, []) });
  add('app-length-1', { before: [0xff, 0xe5, 0, 1] });
  add('unknown-marker', { before: segment(0xf0, [1, 2]) });
  add('marker-02', { before: segment(0x02, [1, 2]) });
  add('marker-tem', { before: [0xff, 0x01] });
  add('marker-restart-before', { before: [0xff, 0xd0] });
  add('soi-twice', { before: [0xff, 0xd8] });
  add('dnl', { end: [0xff, 0xdc, 0, 4, 0, height, 0xff, 0xd9] });
  add('dnl-other', { end: [0xff, 0xdc, 0, 4, 0, 5, 0xff, 0xd9] });
  for (const repeat of [2, 10]) add(`scans-repeated-${repeat}`, { sof: 0xc2, repeat });
  const tiff = (value, type = 3, count = 1) => [
    ...ascii('MM'),
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    1,
    0x12,
    0,
    type,
    0,
    0,
    0,
    count,
    ...(type === 4 ? [0, 0, 0, value] : [0, value, 0, 0]),
    0,
    0,
    0,
    0,
  ];
  const exif = (value, ...rest) => segment(0xe1, [...ascii('Exif'), 0, 0, ...tiff(value, ...rest)]);
  for (let o = 0; o <= 9; o++) add(`exif-${o}`, { before: exif(o) });
  add('exif-little', {
    before: segment(0xe1, [
      ...ascii('Exif'),
      0,
      0,
      ...ascii('II'),
      42,
      0,
      8,
      0,
      0,
      0,
      1,
      0,
      0x12,
      1,
      3,
      0,
      1,
      0,
      0,
      0,
      6,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]),
  });
  add('exif-long', { before: exif(6, 4) });
  add('exif-byte', {
    before: segment(0xe1, [
      ...ascii('Exif'),
      0,
      0,
      ...ascii('MM'),
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      0x12,
      0,
      1,
      0,
      0,
      0,
      1,
      6,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]),
  });
  add('exif-count-2', { before: exif(6, 3, 2) });
  add('exif-count-0', { before: exif(6, 3, 0) });
  add('exif-after-jfif', { before: [...JFIF, ...exif(6)] });
  add('exif-before-jfif', { before: [...exif(6), ...JFIF] });
  add('exif-after-comment', { before: [...segment(0xfe, ascii('x')), ...exif(6)] });
  add('exif-after-filler', { before: [...segment(0xfe, ascii('x')), 0, 0, 0, ...exif(6)] });
  add('exif-after-ff', { before: [0xff, 0xff, ...exif(6)] });
  add('exif-twice', { before: [...exif(6), ...exif(3)] });
  add('exif-twice-first-broken', {
    before: [...segment(0xe1, [...ascii('Exif'), 0, 0, 1, 2, 3]), ...exif(3)],
  });
  add('exif-after-xmp', {
    before: [...segment(0xe1, ascii('http://ns.adobe.com/xap/1.0/\0<x/>')), ...exif(6)],
  });
  add('exif-middle', { middle: exif(6) });
  add('exif-behind-scan', { end: [...exif(6), 0xff, 0xd9] });
  add('exif-pad-byte-1', { before: segment(0xe1, [...ascii('Exif'), 0, 1, ...tiff(6)]) });
  add('exif-in-app2', { before: segment(0xe2, [...ascii('Exif'), 0, 0, ...tiff(6)]) });
  add('exif-magic-43', {
    before: segment(0xe1, [...ascii('Exif'), 0, 0, ...ascii('MM'), 0, 43, ...tiff(6).slice(4)]),
  });
  add('exif-truncated', {
    before: segment(0xe1, [...ascii('Exif'), 0, 0, ...tiff(6).slice(0, 20)]),
  });
  add('exif-two-tags', {
    before: segment(0xe1, [
      ...ascii('Exif'),
      0,
      0,
      ...ascii('MM'),
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      2,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      9,
      0,
      0,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      6,
      0,
      0,
      0,
      0,
      0,
      0,
    ]),
  });
  return out;
}

/** All of them. */
export const oddPictures = () => ({ ...gifs(), ...pngs(), ...bmps(), ...jpegs() });
