// Encoders that can write what no sane program writes: every field of the file is the caller's. They make the odd
// pictures of odd.mjs; none of them compresses well.
import { deflateRawSync, deflateSync } from 'node:zlib';

const u16le = (value) => [value & 255, (value >> 8) & 255];
const u16be = (value) => [(value >> 8) & 255, value & 255];
const u32le = (value) => [...u16le(value & 0xffff), ...u16le(value >>> 16)];
const u32be = (value) => u32le(value).reverse();
const ascii = (text) => [...text].map((c) => c.charCodeAt(0));

/** Writes numbers of `width` bits each, lowest bit first (GIF) or highest first (JPEG, PNG, BMP). */
class Bits {
  bytes = [];
  #value = 0;
  #count = 0;
  #lowFirst;

  constructor(lowFirst) {
    this.#lowFirst = lowFirst;
  }

  put(value, width) {
    for (let i = 0; i < width; i++) {
      const bit = (value >> (this.#lowFirst ? i : width - 1 - i)) & 1;
      this.#value |= bit << (this.#lowFirst ? this.#count : 7 - this.#count);
      if (++this.#count === 8) this.align();
    }
  }

  /** Fills the byte up, with ones where `ones` is set. */
  align(ones = false) {
    if (this.#count === 0) return;
    if (ones) this.#value |= 255 >> this.#count;
    this.bytes.push(this.#value);
    [this.#value, this.#count] = [0, 0];
  }
}

/* --- GIF ------------------------------------------------------------------------------------------ */

/** LZW of GIF in sub-blocks. Options: `clear` first (default true), `end` code (true), `raw`: only clear codes. */
function lzw(indices, minimum, { clear = true, end = true, raw = false, blocks = true } = {}) {
  const bits = new Bits(true);
  const CLEAR = 1 << minimum;
  let [table, next, width] = [new Map(), CLEAR + 2, minimum + 1];
  const reset = () => {
    [table, next] = [new Map(), CLEAR + 2];
    bits.put(CLEAR, width);
    width = minimum + 1;
  };
  if (clear) reset();
  let prefix = indices[0];
  for (let i = 1; i <= indices.length && prefix !== undefined; i++) {
    const key = `${prefix},${indices[i]}`;
    if (!raw && i < indices.length && table.has(key)) {
      prefix = table.get(key);
      continue;
    }
    bits.put(prefix, width);
    if (i < indices.length) {
      if (next < 4096) {
        table.set(key, next++);
        if (next > 1 << width && width < 12) width++;
      } else {
        reset();
      }
      if (raw && next >= CLEAR * 2 - 1) reset();
    }
    prefix = indices[i];
  }
  if (end) bits.put(CLEAR + 1, width);
  bits.align();
  if (!blocks) return bits.bytes;
  const out = [];
  for (let at = 0; at < bits.bytes.length; at += 255) {
    const block = bits.bytes.slice(at, at + 255);
    out.push(block.length, ...block);
  }
  return [...out, 0];
}

/** Colours as [r, g, b]; the table's size is a power of two. */
function gifTable(colours) {
  const bits = Math.max(1, Math.ceil(Math.log2(colours.length)));
  const padded = [...colours, ...Array(2 ** bits - colours.length).fill([0, 0, 0])];
  return { flags: 0x80 | (bits - 1), bytes: padded.flat() };
}

/**
 * @param frames [{left, top, width, height, indices, palette, interlaced, disposal, transparent, delay, minimum, data,
 *   lzw, before, control}]
 */
export function gif(frames, options = {}) {
  const { palette, background = 0, version = '89a', trailer = [0x3b], before = [] } = options;
  const first = frames[0];
  const { width = first.width, height = first.height, loop = false } = options;
  const global = palette ? gifTable(palette) : { flags: options.flags ?? 0, bytes: [] };
  const bytes = [...ascii(`GIF${version}`), ...u16le(width), ...u16le(height)];
  bytes.push(global.flags, background, 0, ...global.bytes, ...before);
  if (loop) bytes.push(0x21, 0xff, 11, ...ascii('NETSCAPE2.0'), 3, 1, 0, 0, 0);
  for (const frame of frames) bytes.push(...gifFrame(frame));
  return Uint8Array.from([...bytes, ...trailer]);
}

function gifFrame(frame) {
  const { left = 0, top = 0, width, height, indices, interlaced = false, palette } = frame;
  const bytes = [...(frame.before ?? [])];
  const { disposal = 0, transparent, delay = 0 } = frame;
  if (frame.control !== false && (disposal || transparent !== undefined || delay)) {
    const flags = (disposal << 2) | (transparent === undefined ? 0 : 1);
    bytes.push(0x21, 0xf9, 4, flags, ...u16le(delay), transparent ?? 0, 0);
  }
  const local = palette ? gifTable(palette) : { flags: 0, bytes: [] };
  bytes.push(0x2c, ...u16le(left), ...u16le(top), ...u16le(width), ...u16le(height));
  bytes.push(local.flags | (interlaced ? 0x40 : 0), ...local.bytes);
  const minimum = frame.minimum ?? 2;
  const rows = interlaced ? interlacedRows(indices, width, height) : indices;
  bytes.push(minimum, ...(frame.data ?? lzw(rows, minimum, frame.lzw)));
  return bytes;
}

function interlacedRows(indices, width, height) {
  const rows = [];
  for (const [start, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ]) {
    for (let y = start; y < height; y += step)
      rows.push(...indices.slice(y * width, (y + 1) * width));
  }
  return rows;
}

/* --- PNG ------------------------------------------------------------------------------------------ */

const CRCS = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRCS[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** A chunk; `crc` replaces its checksum. */
export function pngChunk(type, data = [], crc = undefined) {
  const body = Buffer.from([...ascii(type), ...data]);
  return Buffer.concat([
    Buffer.from(u32be(data.length)),
    body,
    Buffer.from(u32be(crc ?? crc32(body))),
  ]);
}

const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];
const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Filtered rows of samples(x, y) → one number per channel, of all passes. */
export function pngRows({ width, height, colour, depth, interlaced, samples, filter = 0 }) {
  const rows = [];
  const unit = Math.max(1, (CHANNELS[colour] * depth) / 8);
  for (const [x0, y0, dx, dy] of interlaced ? PASSES : [[0, 0, 1, 1]]) {
    let above;
    for (let y = y0; y < height && x0 < width; y += dy) {
      const bits = new Bits(false);
      for (let x = x0; x < width; x += dx)
        for (const value of samples(x, y)) bits.put(value, depth);
      bits.align();
      const kind = typeof filter === 'function' ? filter(y) : filter;
      rows.push(kind, ...filtered(bits.bytes, above, kind, unit));
      above = bits.bytes;
    }
  }
  return rows;
}

function filtered(row, above, kind, unit) {
  return row.map((value, i) => {
    const a = row[i - unit] ?? 0;
    const b = above?.[i] ?? 0;
    const c = i >= unit ? (above?.[i - unit] ?? 0) : 0;
    const p = a + b - c;
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    return (value - [0, a, b, (a + b) >> 1, paeth][kind]) & 255;
  });
}

/**
 * @param options width, height, colour type, depth, interlaced, samples(x, y), filter, palette (bytes), transparency
 *   (bytes of tRNS), before and after IDAT (chunks), pieces of IDAT, raw (in place of the rows), compress, end
 */
export function png(options) {
  const { width, height, colour = 2, depth = 8, interlaced = false } = options;
  const rows = Buffer.from(options.raw ?? pngRows(options));
  const compress = options.compress ?? (options.apple ? deflateRawSync : deflateSync);
  const data = compress(rows);
  const parts = [Buffer.from([0x89, ...ascii('PNG\r\n'), 0x1a, 10])];
  if (options.apple) parts.push(pngChunk('CgBI', [0x50, 0, 0x20, 2]));
  parts.push(
    pngChunk('IHDR', [...u32be(width), ...u32be(height), depth, colour, 0, 0, interlaced ? 1 : 0]),
  );
  if (options.palette) parts.push(pngChunk('PLTE', options.palette));
  if (options.transparency) parts.push(pngChunk('tRNS', options.transparency));
  parts.push(...(options.before ?? []));
  const piece = options.pieces ?? data.length;
  for (let at = 0; at < data.length; at += piece)
    parts.push(pngChunk('IDAT', data.subarray(at, at + piece)));
  parts.push(...(options.after ?? []));
  if (options.end !== false) parts.push(pngChunk('IEND'));
  if (options.tail) parts.push(Buffer.from(options.tail));
  return new Uint8Array(Buffer.concat(parts));
}

/* --- BMP ------------------------------------------------------------------------------------------ */

/** `header` bytes from its size on, then `extra` (masks, palette), then rows. */
export function bmp({
  width,
  height,
  bits,
  compression = 0,
  palette = [],
  masks = [],
  rows,
  ...rest
}) {
  const { headerSize = 40, used = palette.length / 4, offset, tail = [], colourSize = 0 } = rest;
  const old = headerSize === 12;
  const header = old
    ? [...u32le(12), ...u16le(width), ...u16le(height), ...u16le(1), ...u16le(bits)]
    : [...u32le(headerSize), ...u32le(width), ...u32le(height), ...u16le(1), ...u16le(bits)];
  if (!old)
    header.push(
      ...u32le(compression),
      ...u32le(colourSize),
      ...u32le(2835),
      ...u32le(2835),
      ...u32le(used),
      ...u32le(0),
    );
  const masked = masks.flatMap(u32le);
  // Headers of version 2 and later hold the masks themselves.
  if (headerSize > 40)
    header.push(...masked, ...Array(headerSize - header.length - masked.length).fill(0));
  const extra = headerSize > 40 || old ? palette : [...masked, ...palette];
  const start = offset ?? 14 + header.length + extra.length;
  const body = [...header, ...extra];
  const gap = Math.max(0, start - 14 - body.length);
  const size = 14 + body.length + gap + rows.length;
  return Uint8Array.from([
    ...ascii('BM'),
    ...u32le(size),
    0,
    0,
    0,
    0,
    ...u32le(start),
    ...body,
    ...Array(gap).fill(0),
    ...rows,
    ...tail,
  ]);
}

/** Rows of value(x, y) with `bits` each, bottom row first unless `topDown`, padded to four bytes. */
export function bmpRows(width, height, bits, value, topDown = false) {
  const out = [];
  for (let i = 0; i < height; i++) {
    const y = topDown ? i : height - 1 - i;
    const row = [];
    const packed = new Bits(false);
    for (let x = 0; x < width; x++) {
      if (bits < 8) packed.put(value(x, y), bits);
      else for (let b = 0; b < bits; b += 8) row.push(Math.floor(value(x, y) / 2 ** b) & 255);
    }
    packed.align();
    row.push(...packed.bytes);
    while (row.length % 4) row.push(0);
    out.push(...row);
  }
  return out;
}

/* --- JPEG ----------------------------------------------------------------------------------------- */

const ZIGZAG = [];
for (let sum = 0; sum < 15; sum++) {
  for (let i = 0; i <= sum; i++) {
    const [u, v] = sum % 2 ? [sum - i, i] : [i, sum - i];
    if (u < 8 && v < 8) ZIGZAG.push(v * 8 + u);
  }
}
// Huffman tables in which all codes are equally long: 12 symbols of 4 bits, 176 of 8.
const DC_SYMBOLS = Array.from({ length: 12 }, (_, i) => i);
const AC_SYMBOLS = Array.from({ length: 16 }, (_, run) =>
  Array.from({ length: 11 }, (_, size) => (run << 4) | size),
).flat();
const COSINES = Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (
    (u ? Math.SQRT1_2 * Math.SQRT2 : Math.SQRT1_2) *
    0.5 *
    Math.cos(((2 * x + 1) * u * Math.PI) / 16)
  );
});

/** Quantised coefficients of the block at (bx, by) of a plane, in zigzag order. */
function block(plane, bx, by, step) {
  const half = new Float64Array(64);
  for (let y = 0; y < 8; y++) {
    for (let u = 0; u < 8; u++) {
      for (let x = 0; x < 8; x++)
        half[y * 8 + u] += COSINES[u * 8 + x] * (plane(bx * 8 + x, by * 8 + y) - 128);
    }
  }
  return ZIGZAG.map((at) => {
    const [v, u] = [at >> 3, at & 7];
    let sum = 0;
    for (let y = 0; y < 8; y++) sum += COSINES[v * 8 + y] * half[y * 8 + u];
    return Math.round(sum / step);
  });
}

class Entropy extends Bits {
  constructor() {
    super(false);
  }
  #number(value, size) {
    if (size > 0) this.put(value < 0 ? value + 2 ** size - 1 : value, size);
  }
  dc(difference) {
    const size = 32 - Math.clz32(Math.abs(difference));
    this.put(size, 4);
    this.#number(difference, size);
  }
  ac(coefficients, from, to) {
    let run = 0;
    for (let k = from; k <= to; k++) {
      if (coefficients[k] === 0) {
        run++;
        continue;
      }
      for (; run > 15; run -= 16) this.put(AC_SYMBOLS.indexOf(0xf0), 8);
      const size = 32 - Math.clz32(Math.abs(coefficients[k]));
      this.put(AC_SYMBOLS.indexOf((run << 4) | size), 8);
      this.#number(coefficients[k], size);
      run = 0;
    }
    if (run > 0) this.put(AC_SYMBOLS.indexOf(0), 8);
  }
  /** The bytes, with zeros stuffed behind every 255. */
  stuffed() {
    this.align(true);
    return this.bytes.flatMap((byte) => (byte === 255 ? [255, 0] : [byte]));
  }
}

export const segment = (marker, data) => [0xff, marker, ...u16be(data.length + 2), ...data];

/**
 * A baseline (default) or progressive JPEG.
 *
 * @param components [{id, h, v, plane(x, y) → 0…255 at the component's own resolution}]
 * @param options width, height, sof, restart (MCUs), restartNumber (of the nth marker), scans (lists of component indices), before (segments behind SOI),
 *   middle (segments before each SOS), step of quantisation, end, filler (bytes behind each scan), repeat (how often the
 *   first scan of AC coefficients is written)
 */
export function jpeg({ width, height, components, ...options }) {
  const {
    sof = 0xc0,
    restart = 0,
    restartNumber = (n) => n,
    before = [],
    middle = [],
    step = 1,
    end = [0xff, 0xd9],
  } = options;
  const progressive = sof === 0xc2;
  const [hMax, vMax] = [
    Math.max(...components.map((c) => c.h)),
    Math.max(...components.map((c) => c.v)),
  ];
  const mcus = { x: Math.ceil(width / (8 * hMax)), y: Math.ceil(height / (8 * vMax)) };
  const shape = { width, height, hMax, vMax, mcus, restart, restartNumber, step };
  const out = [0xff, 0xd8, ...before];
  const table = Array(64).fill(step);
  out.push(...segment(0xdb, [0, ...table]));
  const frame = components.flatMap((c) => [c.id, (c.h << 4) | c.v, 0]);
  out.push(
    ...segment(sof, [
      options.precision ?? 8,
      ...u16be(options.headerHeight ?? height),
      ...u16be(width),
      components.length,
      ...frame,
    ]),
  );
  const counts = (length, at) => Array.from({ length: 16 }, (_, i) => (i + 1 === length ? at : 0));
  out.push(...segment(0xc4, [0, ...counts(4, 12), ...DC_SYMBOLS]));
  out.push(...segment(0xc4, [0x10, ...counts(8, AC_SYMBOLS.length), ...AC_SYMBOLS]));
  if (restart) out.push(...segment(0xdd, u16be(restart)));
  const all = components.map((_, i) => i);
  for (const scan of options.scans ??
    (progressive ? progressiveScans(all, options) : [{ of: all }])) {
    out.push(
      ...middle,
      ...scanBytes(components, scan, shape, progressive),
      ...(options.filler ?? []),
    );
  }
  return Uint8Array.from([...out, ...end]);
}

function progressiveScans(all, { repeat = 1 }) {
  const ac = all.flatMap((i) =>
    Array.from({ length: repeat }, () => ({ of: [i], from: 1, to: 63 })),
  );
  return [{ of: all, from: 0, to: 0 }, ...ac];
}

function scanBytes(components, { of, from = 0, to = 63 }, shape, progressive) {
  const header = of.flatMap((i) => [components[i].id, 0]);
  const out = segment(0xda, [of.length, ...header, from, to, 0]);
  const last = new Map();
  let entropy = new Entropy();
  let done = 0;
  const write = (i, bx, by) => {
    const coefficients = block(components[i].plane, bx, by, shape.step);
    if (from === 0) {
      entropy.dc(coefficients[0] - (last.get(i) ?? 0));
      last.set(i, coefficients[0]);
    }
    if (!progressive || from > 0) entropy.ac(coefficients, Math.max(1, from), to);
  };
  const units = [...mcusOf(components, of, shape)];
  for (const [n, unit] of units.entries()) {
    for (const [i, bx, by] of unit) write(i, bx, by);
    if (!shape.restart || (n + 1) % shape.restart || n + 1 === units.length) continue;
    out.push(...entropy.stuffed(), 0xff, 0xd0 + (shape.restartNumber(done++) & 7));
    entropy = new Entropy();
    last.clear();
  }
  return [...out, ...entropy.stuffed()];
}

/** Lists of [component, block x, block y]: whole MCUs, or single blocks where a scan has one component. */
function* mcusOf(components, of, { width, height, hMax, vMax, mcus }) {
  if (of.length === 1) {
    const { h, v } = components[of[0]];
    const across = Math.ceil(Math.ceil((width * h) / hMax) / 8);
    const down = Math.ceil(Math.ceil((height * v) / vMax) / 8);
    for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) yield [[of[0], x, y]];
    return;
  }
  for (let y = 0; y < mcus.y; y++) {
    for (let x = 0; x < mcus.x; x++) {
      const unit = [];
      for (const i of of) {
        const { h, v } = components[i];
        for (let b = 0; b < v; b++)
          for (let a = 0; a < h; a++) unit.push([i, x * h + a, y * v + b]);
      }
      yield unit;
    }
  }
}
