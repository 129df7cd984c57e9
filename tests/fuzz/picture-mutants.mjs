// Mutated and hostile pictures through the WebAssembly build: no trap, no hang, no memory beyond the picture's own.
//
//   node tests/fuzz/picture-mutants.mjs [--count 10000] [--variant simd] [--seed 1] [FILE|FOLDER...]
//
// Needs `npm run build`. The odd pictures of tests/pictures are always among the seeds. What traps, takes too long or
// too much memory is written to build/mutants/. Prints one line per format and one per bomb.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deflateSync } from 'node:zlib';
import { gif, png, pngChunk, segment } from '../pictures/encoders.mjs';
import { oddPictures } from '../pictures/odd.mjs';
import { ROOT } from '../lib/shared.mjs';
import { random } from './mutants.mjs';
import { OPTIONS, coreOf, stopwatch } from './tool.mjs';

/** A picture may take so long, in ms of the processor: other programs' work is no fault of it. */
export const SLOW = 2000;
/** Bytes that decoding may take beyond width * height * 4. */
export const GROWTH = 64 * 2 ** 20;
/** A heap that has grown by so much hides what later pictures take: a new one is begun. */
const STALE = 4 * 2 ** 20;
const MAX_PIXELS = 64 * 2 ** 20;

/* --- parts of files ------------------------------------------------------------------------------- */

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function formatOf(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'jpeg';
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return 'png';
  if (bytes[0] === 0x47 && bytes[1] === 0x49) return 'gif';
  return bytes[0] === 0x42 && bytes[1] === 0x4d ? 'bmp' : undefined;
}

/** [from, to) of the segments of a JPEG up to the data of its first scan, or of all chunks of a PNG. */
function partsOf(bytes) {
  const view = viewOf(bytes);
  const parts = [];
  const isPng = formatOf(bytes) === 'png';
  for (let at = isPng ? 8 : 2; at + 12 <= bytes.length && parts.length < 200;) {
    if (!isPng && (bytes[at] !== 0xff || bytes[at + 1] < 0xc0)) break;
    const end = isPng ? at + 12 + view.getUint32(at) : at + 2 + view.getUint16(at + 2);
    if (end > bytes.length || end <= at) break;
    parts.push([at, end]);
    at = end;
  }
  return parts;
}

/** Width and height that the file claims; [0, 0] where it claims none. */
export function declaredSize(bytes) {
  const view = viewOf(bytes);
  const format = formatOf(bytes);
  if (bytes.length < 26) return [0, 0];
  if (format === 'png') {
    const at = view.getUint32(12) === 0x43674249 && bytes.length > 40 ? 32 : 16;
    return [view.getUint32(at), view.getUint32(at + 4)];
  }
  if (format === 'bmp')
    return [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))];
  if (format === 'gif') return gifSize(bytes, view);
  const frame = partsOf(bytes).find(([at]) => /^c[0-2]$/.test(bytes[at + 1].toString(16)));
  return frame ? [view.getUint16(frame[0] + 7), view.getUint16(frame[0] + 5)] : [0, 0];
}

/** A frame may be larger than the screen. */
function gifSize(bytes, view) {
  let [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  let at = 13 + (bytes[10] & 0x80 ? 6 << (bytes[10] & 7) : 0);
  while (bytes[at] === 0x21) {
    at += 2;
    while (bytes[at] > 0) at += 1 + bytes[at];
    at++;
  }
  if (bytes[at] === 0x2c && at + 9 < bytes.length) {
    const u16 = (offset) => view.getUint16(at + offset, true);
    width = Math.max(width, u16(1) + u16(5));
    height = Math.max(height, u16(3) + u16(7));
  }
  return [width, height];
}

/* --- mutation ------------------------------------------------------------------------------------- */

const NUMBERS = [0, 1, 2, 7, 8, 9, 63, 127, 255, 256, 1000, 4096, 8192, 16384, 32767, 65535];

function flipBytes(bytes, pick) {
  const copy = bytes.slice();
  // Most of what is checked stands at the beginning.
  const reach = pick(2) ? bytes.length : Math.min(bytes.length, 1024);
  for (let n = 1 + pick(6); n > 0; n--) copy[pick(reach)] ^= 1 << pick(8);
  return copy;
}

const cut = (bytes, pick) => bytes.slice(0, pick(bytes.length));

function repeatPart(bytes, pick) {
  const parts = partsOf(bytes);
  const [from, to] = parts.length ? parts[pick(parts.length)] : [0, pick(bytes.length)];
  // The data of a JPEG's scans count as a part, so that there are many scans and frames.
  const end = parts.length && pick(3) === 0 ? bytes.length - 2 : to;
  const times = Math.min(1 + pick(60), Math.ceil(2 ** 20 / (end - from + 1)));
  const part = bytes.subarray(from, end);
  return new Uint8Array(
    Buffer.concat([bytes.subarray(0, end), ...Array(times).fill(part), bytes.subarray(end)]),
  );
}

function changeLength(bytes, pick) {
  const copy = bytes.slice();
  const parts = partsOf(bytes);
  if (parts.length === 0) return flipBytes(bytes, pick);
  const [at] = parts[pick(parts.length)];
  const value = NUMBERS[pick(NUMBERS.length)];
  if (formatOf(bytes) === 'png') viewOf(copy).setUint32(at, value);
  else viewOf(copy).setUint16(at + 2, value);
  return copy;
}

function mendChecksum(bytes, [from, to]) {
  const data = bytes.subarray(from + 8, to - 4);
  bytes.set(pngChunk(String.fromCharCode(...bytes.subarray(from + 4, from + 8)), data), from);
}

/** Other sizes in the header, with the right checksum. */
function resize(bytes, pick) {
  const copy = bytes.slice();
  const view = viewOf(copy);
  const sizes = [0, 1].map(() => NUMBERS[pick(NUMBERS.length)]);
  const format = formatOf(bytes);
  const parts = partsOf(bytes);
  if (format === 'png' && bytes.length > 33 && parts.length) {
    sizes.forEach((size, i) => view.setUint32(16 + 4 * i, size));
    if (pick(2)) copy.set([pick(2) ? 16 : 8, [0, 2, 3, 4, 6][pick(5)], 0, 0, pick(2)], 24);
    mendChecksum(copy, parts[0]);
  } else if (format === 'jpeg') {
    const frame = parts.find(([at]) => bytes[at + 1] >= 0xc0 && bytes[at + 1] <= 0xc2);
    if (!frame) return flipBytes(bytes, pick);
    sizes.forEach((size, i) => view.setUint16(frame[0] + 5 + 2 * i, size));
    if (pick(3) === 0) copy[frame[0] + 1] ^= 2; // baseline, progressive
    if (pick(3) === 0) copy[frame[0] + 11] = [0x11, 0x21, 0x22, 0x44][pick(4)];
  } else if (bytes.length > 26) {
    const isBmp = format === 'bmp';
    sizes.forEach((size, i) =>
      isBmp ? view.setInt32(18 + 4 * i, size, true) : view.setUint16(6 + 2 * i, size, true),
    );
  }
  return copy;
}

/** Noise inside the data of one chunk, whose checksum is right again. */
function changeChunk(bytes, pick) {
  const parts = formatOf(bytes) === 'png' ? partsOf(bytes).filter(([a, b]) => b - a > 12) : [];
  if (parts.length === 0) return flipBytes(bytes, pick);
  const copy = bytes.slice();
  const part = parts[pick(parts.length)];
  const size = part[1] - part[0] - 12;
  for (let n = 1 + pick(4); n > 0; n--) copy[part[0] + 8 + pick(size)] ^= 1 << pick(8);
  mendChecksum(copy, part);
  return copy;
}

const KINDS = [flipBytes, flipBytes, cut, repeatPart, changeLength, resize, resize, changeChunk];

export const mutatePicture = (bytes, pick) => KINDS[pick(KINDS.length)](bytes, pick);

/* --- bombs ---------------------------------------------------------------------------------------- */

/** A PNG whose rows are all of one filter and zeros. */
function largePng(width, height, { colour, depth, filter, interlaced = false }) {
  const channels = { 0: 1, 2: 3, 3: 1, 6: 4 }[colour];
  const row = Buffer.alloc(1 + Math.ceil((width * channels * depth) / 8));
  row[0] = filter;
  // Passes of Adam7 hold 1, 1, 2, 4, 8, 16, 32 of 64 pixels in 15 rows per 8, each with a filter's number.
  const rows = interlaced
    ? Buffer.alloc((width * height * channels * depth) / 8 + (height / 8) * 15)
    : Buffer.concat(Array(height).fill(row));
  const compress = () => deflateSync(rows, { level: 1 });
  const palette = colour === 3 ? [1, 2, 3] : undefined;
  return png({ width, height, colour, depth, interlaced, raw: [], compress, palette });
}

/** A GIF of one colour: strings grow until the table is full, then its longest one is repeated. */
function largeGif(width, height) {
  const codes = [
    [256, 9],
    [0, 9],
  ];
  for (let next = 258; next < 4096; next++) codes.push([next, Math.min(12, 32 - Math.clz32(next))]);
  for (let n = 0; n < (width * height) / 3839; n++) codes.push([4095, 12]);
  const bytes = [];
  let [bits, count] = [0, 0];
  for (const [code, length] of [...codes, [0, 12]]) {
    bits |= code << count;
    for (count += length; count >= 8; count -= 8, bits >>>= 8) bytes.push(bits & 255);
  }
  const data = [];
  for (let at = 0; at < bytes.length; at += 255)
    data.push(Math.min(255, bytes.length - at), ...bytes.slice(at, at + 255));
  return gif([
    {
      width,
      height,
      minimum: 8,
      indices: [],
      palette: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      data: [...data, 0],
    },
  ]);
}

/** A JPEG of `scans` over zeros: all of them say as little as the format allows. */
function largeJpeg(width, height, { sof = 0xc0, sampling = 0x11, scans, filler = 0 }) {
  const u16 = (n) => [n >> 8, n & 255];
  // Two symbols of one bit each; of AC: 0 ends the block, 0xe0 the next 16384 blocks and more.
  const table = (kind, symbols) =>
    segment(0xc4, [kind, symbols.length, ...Array(15).fill(0), ...symbols]);
  const frame = [8, ...u16(height), ...u16(width), 3, 1, sampling, 0, 2, 0x11, 0, 3, 0x11, 0];
  const parts = [
    [0xff, 0xd8],
    segment(0xdb, [0, ...Array(64).fill(1)]),
    segment(sof, frame),
    table(0, [0]),
    table(0x10, [0]),
    table(0x11, [1]), // each coefficient is 1 or -1
  ].map((part) => Buffer.from(part));
  for (const { of, from, to, high = 0, codes = 0, size = filler } of scans) {
    const header = [of.length, ...of.flatMap((c) => [c, codes]), from, to, high];
    parts.push(Buffer.from(segment(0xda, header)));
    parts.push(Buffer.alloc(size));
  }
  parts.push(Buffer.from([0xff, 0xd9]));
  return new Uint8Array(Buffer.concat(parts));
}

const BASELINE = [{ of: [1, 2, 3], from: 0, to: 63 }];
const DC = { of: [1, 2, 3], from: 0, to: 0 };
const ac = (count) =>
  Array.from({ length: count }, (_, i) => ({
    of: [1 + (i % 3)],
    from: 1,
    to: 63,
    high: i < 3 ? 0x0d : 0,
  }));
const refine = (count, codes, size) =>
  Array.from({ length: count }, (_, i) => {
    const scan = { of: [1 + (i % 3)], from: 1, to: 63 };
    return i < 3 ? { ...scan, high: 0x01, codes, size } : { ...scan, high: 0x10 };
  });

/** Name → () → bytes: small files that ask for much. */
export const BOMBS = {
  'png-zlib-100-mb': () =>
    png({ width: 16, height: 16, raw: [], compress: () => deflateSync(Buffer.alloc(1e8)) }),
  'png-64-megapixels-rgba16-paeth': () => largePng(8192, 8192, { colour: 6, depth: 16, filter: 4 }),
  'png-64-megapixels-rgba16-average': () =>
    largePng(8192, 8192, { colour: 6, depth: 16, filter: 3 }),
  'png-64-megapixels-interlaced': () =>
    largePng(8192, 8192, { colour: 2, depth: 8, filter: 0, interlaced: true }),
  'png-64-megapixels-1-bit': () => largePng(8192, 8192, { colour: 3, depth: 1, filter: 4 }),
  'png-64-megapixels-without-rows': () => png({ width: 8192, height: 8192, raw: [0] }),
  'png-empty-chunks': () =>
    png({ width: 8, height: 8, raw: [0], before: Array(50_000).fill(pngChunk('teXt')) }),
  'gif-64-megapixels': () => largeGif(65535, 1024),
  'jpeg-64-megapixels-no-data': () => largeJpeg(8192, 8192, { scans: BASELINE }),
  'jpeg-64-megapixels': () => largeJpeg(8192, 8192, { scans: BASELINE, filler: 800_000 }),
  'jpeg-64-megapixels-4x4': () =>
    largeJpeg(8192, 8192, { scans: BASELINE, sampling: 0x44, filler: 400_000 }),
  'jpeg-progressive-64-megapixels-no-data': () =>
    largeJpeg(8192, 8192, { sof: 0xc2, scans: [DC, ...ac(3)] }),
  'jpeg-progressive-64-megapixels': () =>
    largeJpeg(8192, 8192, { sof: 0xc2, scans: [DC, ...ac(3)], filler: 400_000 }),
  'jpeg-progressive-most-scans': () =>
    largeJpeg(8192, 8192, { sof: 0xc2, scans: [DC, ...refine(22)], filler: 400_000 }),
  'jpeg-progressive-2-megapixels-most-scans': () =>
    largeJpeg(1448, 1448, { sof: 0xc2, scans: [DC, ...refine(75)], filler: 15_000 }),
  'jpeg-progressive-5-megapixels-all-bits': () =>
    largeJpeg(2360, 2360, { sof: 0xc2, scans: [DC, ...refine(39, 1, 1_400_000)], filler: 11_003 }),
  'jpeg-progressive-8-pixels-many-scans': () =>
    largeJpeg(8, 8, { sof: 0xc2, scans: [DC, ...refine(200_000)], filler: 1 }),
};

/* --- decoding ------------------------------------------------------------------------------------- */

function decode(raw, bytes) {
  const ptr = raw.alloc(bytes.length);
  raw.HEAPU8.set(bytes, ptr);
  const { code, value, message } = raw.imageDecode(ptr, bytes.length, MAX_PIXELS);
  raw.free(ptr);
  if (code === 0) raw.imageFree(value.handle);
  return { code, message, size: code === 0 ? [value.width, value.height] : undefined };
}

/** A decoder that measures: (bytes) → {outcome, code, message, time in ms, growth beyond the pixels in bytes}. */
export async function createMeter(create) {
  let raw = await create();
  let base = raw.heapBytes();
  const renew = async () => {
    raw = await create();
    base = raw.heapBytes();
  };
  return async (bytes) => {
    if (raw.heapBytes() - base > STALE) await renew();
    const taken = stopwatch();
    let result;
    try {
      result = decode(raw, bytes);
    } catch (error) {
      await renew();
      return {
        outcome: 'trap',
        message: String(error),
        time: taken(),
        growth: 0,
      };
    }
    const time = taken();
    const [width, height] = result.size ?? declaredSize(bytes);
    // What is refused for its size has no pixels of its own.
    const pixels = width * height <= MAX_PIXELS ? width * height : 0;
    const growth = Math.max(0, raw.heapBytes() - base - 4 * pixels);
    return { outcome: result.code === 0 ? 'decoded' : 'refused', ...result, time, growth };
  };
}

/** What is wrong with a measured picture; undefined when nothing is. */
export function complaint({ outcome, time, growth }) {
  if (outcome === 'trap') return 'trap';
  if (time > SLOW) return 'slow';
  return growth > GROWTH ? 'memory' : undefined;
}

/** `count` mutants of `seeds` [{name, bytes}], drawn at random so that a short run meets every format. Resolves to one row per format. */
export async function tryPictures({ create, seeds, count, seed = 1, onFinding }) {
  const pick = random(seed);
  const measure = await createMeter(create);
  const rows = {};
  for (let i = 0; i < count; i++) {
    const { name, bytes } = seeds[pick(seeds.length)];
    const mutant = mutatePicture(bytes, pick);
    const measured = await measure(mutant);
    const row = (rows[formatOf(bytes)] ??= {
      decoded: 0,
      refused: 0,
      trap: 0,
      slowest: 0,
      growth: 0,
    });
    row[measured.outcome]++;
    row.slowest = Math.max(row.slowest, measured.time);
    row.growth = Math.max(row.growth, measured.growth);
    const kind = complaint(measured);
    if (kind) onFinding?.(kind, mutant, `${name}-${i}`, measured);
  }
  return rows;
}

/* --- command line --------------------------------------------------------------------------------- */

const filesOf = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true })
        .map((name) => join(path, name))
        .filter((file) => statSync(file).isFile())
    : [path];

/** The odd pictures and those of `paths`, as far as the core decodes their formats. */
export function seedsOf(paths) {
  const files = paths.flatMap(filesOf).map((file) => [file, new Uint8Array(readFileSync(file))]);
  return [...Object.entries(oddPictures()), ...files]
    .map(([name, bytes]) => ({ name, bytes }))
    .filter(({ bytes }) => bytes.length > 8 && formatOf(bytes));
}

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const create = await coreOf(values.variant);
  const folder = join(ROOT, 'build/mutants');
  let failed = 0;
  const onFinding = (kind, bytes, name, { time, growth, message }) => {
    failed++;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name.replaceAll(/[^\w.-]/g, '_').slice(-80)}.${kind}`), bytes);
    console.error(`${kind}: ${name}: ${time.toFixed(0)} ms, ${mebibytes(growth)}, ${message}`);
  };
  for (const [name, make] of Object.entries(BOMBS)) {
    const bytes = make();
    const measured = await (await createMeter(create))(bytes);
    const kind = complaint(measured);
    if (kind) onFinding(kind, bytes, name, measured);
    const { outcome, code, time, growth } = measured;
    const end = `${outcome} (${code}), ${time.toFixed(0)} ms, ${mebibytes(growth)} beyond its pixels`;
    console.log(`${name.padEnd(42)} ${String(bytes.length).padStart(8)} bytes: ${end}`);
  }
  const [seeds, count] = [seedsOf(positionals), Number(values.count)];
  const rows = await tryPictures({ create, seeds, count, seed: Number(values.seed), onFinding });
  for (const [format, row] of Object.entries(rows)) {
    console.log(
      `${format.padEnd(5)} ${row.decoded} decoded, ${row.refused} refused, ${row.trap} traps, slowest ` +
        `${row.slowest.toFixed(0)} ms, at most ${mebibytes(row.growth)} beyond the pixels`,
    );
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
