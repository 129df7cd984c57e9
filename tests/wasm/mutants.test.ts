// Mutated fixtures through the WebAssembly build: a bounded share of what tests/fuzz/mutants.mjs does.
import { describe, expect, jest, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import create from 'ew-wasm/simd';
import { DESCRIBED } from '../fixtures/tflite/described.mjs';
import {
  colourSegmenter,
  quantisedClassifier,
  sizelessConvolution,
  sizelessWindow,
} from '../fixtures/tflite/tasks.mjs';
import { SLOW, tryMutants } from '../fuzz/mutants.mjs';

jest.setTimeout(300_000);

const FOLDER = 'tests/fixtures/pte';
const COUNT = 250;
/** Memory may grow by one large mutant, not with their number. */
const GROWTH = 64 * 2 ** 20;

const wasmBinary = readFileSync('build/wasm/simd/ew.wasm');
const instance = () => create({ wasmBinary, print: () => undefined, printErr: () => undefined });

interface Total {
  load: number;
  run: number;
  ran: number;
  slowest: number;
  growth: number;
}

/** COUNT mutants of each model; none may trap, hang, or let memory grow by more than `growth` bytes. */
async function tryAll(
  models: [name: string, bytes: Uint8Array][],
  growth = GROWTH,
): Promise<Total> {
  const total = { load: 0, run: 0, ran: 0, slowest: 0, growth: 0 };
  for (const [i, [name, bytes]] of models.entries()) {
    const findings: string[] = [];
    const row = await tryMutants({
      create: instance,
      bytes,
      count: COUNT,
      seed: i + 1,
      mostInput: 2 ** 22,
      onFinding: (kind, _mutant, index) => findings.push(`${name}: mutant ${index}: ${kind}`),
    });
    expect(findings).toEqual([]);
    expect([name, row.growth <= growth]).toEqual([name, true]);
    total.load += row.load;
    total.run += row.run;
    total.ran += row.ran;
    total.slowest = Math.max(total.slowest, row.slowest);
    total.growth = Math.max(total.growth, row.growth);
  }
  console.log(
    `${models.length * COUNT} mutants: ${total.load} refused at load, ${total.run} at run, ` +
      `${total.ran} ran; slowest ${total.slowest.toFixed(0)} ms, limit ${SLOW} ms; ` +
      `largest growth of memory ${total.growth / 2 ** 20} MiB`,
  );
  return total;
}

describe('mutated models', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.pte'));
  const tflite: [string, Uint8Array][] = [
    ...DESCRIBED.map(([name, make]): [string, Uint8Array] => [name, make()]),
    ['u8', quantisedClassifier('u8')],
    ['i8', quantisedClassifier('i8')],
    ['ARG_MAX', colourSegmenter({ chosen: true })],
    ['sizes at run time', sizelessConvolution()],
    ['windows that need some size', sizelessWindow('conv')],
  ];

  // Mutations that all end at the first check would test nothing: some run.
  test(`${files.length} .pte fixtures, ${COUNT} mutants each: no trap, no hang, no growth`, async () => {
    const total = await tryAll(
      files.map((name) => [name, new Uint8Array(readFileSync(`${FOLDER}/${name}`))]),
    );
    expect(total.ran).toBeGreaterThan(files.length);
  });

  test(`${tflite.length} .tflite models: no trap, no hang`, async () => {
    // Every size is a number of the file: one mutant may need as much memory as a model may.
    const total = await tryAll(tflite, Infinity);
    expect(total.ran).toBeGreaterThan(tflite.length);
  });
});
