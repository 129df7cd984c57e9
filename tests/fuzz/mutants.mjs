// Mutated models through the WebAssembly build: no trap, no hang, no growth of memory.
//
//   node tests/fuzz/mutants.mjs [--count 10000] [--variant simd] [--seed 1] [--only NAME] [--every 1] [--most 4194304] FILE|FOLDER...
//
// `--every n` runs every n-th mutant that loads, `--most n` only those whose inputs have at most n elements.
// Needs `npm run build`. A mutant that traps or takes too long is written to build/mutants/. Prints one
// line per model: how many mutants were refused at load, refused at run, ran; the slowest; growth of memory.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from '../lib/shared.mjs';
import { OPTIONS, coreOf, stopwatch } from './tool.mjs';

/** A mutant may take so long, in ms of the processor, or five times as long as the model. */
export const SLOW = 2000;

/* --- mutation ------------------------------------------------------------------------------------ */

/** mulberry32: the same mutants for the same seed, on every machine. */
export function random(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

const isAt = (bytes, at, text) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));

/** Ranges [from, to) of the file that hold metadata: the program, and the graphs of the payloads. */
export function metadataRegions(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasHeader = bytes.length >= 40 && isAt(bytes, 8, 'eh00');
  const end = hasHeader
    ? Math.min(Number(view.getBigUint64(16, true)), bytes.length)
    : bytes.length;
  const regions = [[0, end]];
  for (let at = end - (end % 16); at + 64 < bytes.length; at += 16) {
    if (!isAt(bytes, at + 4, 'XH00')) continue;
    const size = view.getUint32(at + 10, true) + view.getUint32(at + 14, true);
    regions.push([at, Math.min(at + size, bytes.length)]);
  }
  return regions;
}

const NUMBERS = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  16,
  63,
  64,
  127,
  255,
  256,
  4096,
  65535,
  0x7fffffff,
  0xffffffff,
  0x80000000,
  0x3f800000,
  0x7f800000,
  0x7fc00000,
  1 << 24,
  1 << 30,
];

function tweak(view, at, pick, region) {
  const old = view.getUint32(at, true);
  const [from, to] = region;
  const other = from + pick(Math.max(1, (to - from) >> 2)) * 4;
  const values = [
    () => NUMBERS[pick(NUMBERS.length)],
    () => old + 1,
    () => old - 1,
    () => old ^ (1 << pick(32)),
    () => old * 2,
    () => (other + 4 <= view.byteLength ? view.getUint32(other, true) : 0),
  ];
  view.setUint32(at, values[pick(values.length)]() >>> 0, true);
}

/** One mutant: a copy, changed in one to four places, sometimes cut. */
export function mutate(bytes, regions, pick) {
  const kind = pick(20);
  if (kind === 0) return bytes.slice(0, pick(bytes.length));
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let i = 0, changes = 1 + pick(4); i < changes; i++) {
    const region = kind === 1 ? [0, bytes.length] : regions[pick(regions.length)];
    const [from, to] = region;
    if (to - from < 8) continue;
    if (kind < 8) copy[from + pick(to - from)] ^= 1 << pick(8);
    else if (kind < 10)
      view.setUint16(from + pick((to - from) >> 1) * 2, pick(1 << pick(17)), true);
    else tweak(view, from + pick((to - from - 4) >> 2) * 4, pick, region);
  }
  return copy;
}

/* --- one model ----------------------------------------------------------------------------------- */

function feed(raw, load, bytes) {
  for (;;) {
    const { offset, size, ptr } = raw.loadWant(load);
    if (size === 0) return 0;
    if (offset + size > bytes.length) return -1;
    raw.HEAPU8.set(bytes.subarray(offset, offset + size), ptr);
    const { code } = raw.loadAdvance(load, size);
    if (code !== 0) return code;
  }
}

/** Code of the failure, or 0. Inputs with more elements than `mostInput` are refused, as a caller may. */
function run(raw, model, mostInput) {
  const { inputs } = JSON.parse(raw.modelInfo(model));
  const elements = ({ sizes }) => sizes.reduce((product, size) => product * size, 1);
  if (inputs.some((input) => elements(input) > mostInput)) return -1;
  for (const [i, { scalarType, sizes }] of inputs.entries()) {
    const { code, value } = raw.setInput(model, i, scalarType, sizes);
    if (code !== 0) return code;
    raw.HEAPU8.fill(0x3e, value.ptr, value.ptr + value.byteLength);
  }
  return raw.run(model).code;
}

/** Loads and, unless `runs` is false, runs; returns 'load' or 'run' (where it was refused) or 'ran'. */
function attempt(raw, bytes, runs, mostInput = Infinity) {
  const begun = raw.loadBegin({ fileSize: bytes.length });
  if (begun.code !== 0) return 'load';
  if (feed(raw, begun.value, bytes) !== 0) {
    raw.loadFree(begun.value);
    return 'load';
  }
  const { code, value: model } = raw.loadFinish(begun.value);
  if (code !== 0) return 'load';
  const result = runs ? run(raw, model, mostInput) : 0;
  raw.modelFree(model);
  return result === 0 ? 'ran' : 'run';
}

/**
 * `count` mutants of one model in one instance (a new one after a trap).
 * `everyRun`: runs every n-th mutant that loads; the others are only loaded.
 * `mostInput`: inputs with more elements are not run, as their size alone takes long.
 */
export async function tryMutants(options) {
  const { create, bytes, count, seed = 1, everyRun = 1, mostInput, onFinding } = options;
  const pick = random(seed);
  const regions = metadataRegions(bytes);
  let raw = await create();
  const row = { load: 0, run: 0, ran: 0, traps: 0, slow: 0, slowest: 0, growth: 0 };
  // What the model itself takes is no hang: machines differ.
  const taken = stopwatch();
  attempt(raw, bytes, true);
  const limit = Math.max(SLOW, 5 * taken());
  const before = raw.heapBytes();
  for (let i = 0; i < count; i++) {
    const mutant = mutate(bytes, regions, pick);
    const elapsed = stopwatch();
    try {
      row[attempt(raw, mutant, i % everyRun === 0, mostInput)]++;
    } catch (error) {
      row.traps++;
      onFinding?.('trap', mutant, i, error);
      raw = await create();
      attempt(raw, bytes, true);
    }
    const time = elapsed();
    row.slowest = Math.max(row.slowest, time);
    if (time > limit) {
      row.slow++;
      onFinding?.('slow', mutant, i);
    }
  }
  row.growth = raw.heapBytes() - before;
  return row;
}

/* --- command line -------------------------------------------------------------------------------- */

function filesOf(paths) {
  return paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => /\.(pte|tflite)$/.test(name))
          .map((name) => join(path, name))
      : [path],
  );
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...OPTIONS,
      only: { type: 'string', default: '' },
      every: { type: 'string', default: '1' },
      most: { type: 'string', default: String(2 ** 22) },
    },
  });
  const create = await coreOf(values.variant);
  const findings = join(ROOT, 'build/mutants');
  let failed = 0;
  for (const path of filesOf(positionals)) {
    const type = extname(path);
    const name = basename(path, type);
    if (!name.includes(values.only)) continue;
    const onFinding = (kind, mutant, index, error) => {
      mkdirSync(findings, { recursive: true });
      writeFileSync(join(findings, `${name}-${values.seed}-${index}-${kind}${type}`), mutant);
      console.error(`${name}: mutant ${index}: ${kind} ${error?.stack ?? ''}`);
    };
    const started = performance.now();
    const row = await tryMutants({
      create,
      bytes: new Uint8Array(readFileSync(path)),
      count: Number(values.count),
      seed: Number(values.seed),
      everyRun: Number(values.every),
      mostInput: Number(values.most),
      onFinding,
    });
    failed += row.traps + row.slow;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${name.padEnd(40)} ${values.count} mutants, ${row.load} refused at load, ${row.run} at run, ` +
        `${row.ran} ran, ${row.traps} traps, slowest ${row.slowest.toFixed(0)} ms, ` +
        `heap ${row.growth >= 0 ? '+' : ''}${(row.growth / 2 ** 20).toFixed(1)} MiB, ${seconds} s`,
    );
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
