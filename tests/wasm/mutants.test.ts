// Mutated fixtures through the WebAssembly build: a bounded share of what tests/fuzz/mutants.mjs does.
import { describe, expect, jest, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import create from 'ew-wasm/simd';
import { SLOW, tryMutants } from '../fuzz/mutants.mjs';

jest.setTimeout(300_000);

const FOLDER = 'tests/fixtures/pte';
const COUNT = 250;
/** Memory may grow by one large mutant, not with their number. */
const GROWTH = 64 * 2 ** 20;

const wasmBinary = readFileSync('build/wasm/simd/ew.wasm');
const instance = () => create({ wasmBinary, print: () => undefined, printErr: () => undefined });

describe('mutated models', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.pte'));

  test(`${files.length} fixtures, ${COUNT} mutants each: no trap, no hang, no growth`, async () => {
    const total = { load: 0, run: 0, ran: 0, slowest: 0, growth: 0 };
    for (const [i, file] of files.entries()) {
      const findings: string[] = [];
      const row = await tryMutants({
        create: instance,
        bytes: new Uint8Array(readFileSync(`${FOLDER}/${file}`)),
        count: COUNT,
        seed: i + 1,
        onFinding: (kind, _mutant, index) => findings.push(`${file}: mutant ${index}: ${kind}`),
      });
      expect(findings).toEqual([]);
      expect([file, row.growth <= GROWTH]).toEqual([file, true]);
      total.load += row.load;
      total.run += row.run;
      total.ran += row.ran;
      total.slowest = Math.max(total.slowest, row.slowest);
      total.growth = Math.max(total.growth, row.growth);
    }
    console.log(
      `${files.length * COUNT} mutants: ${total.load} refused at load, ${total.run} at run, ` +
        `${total.ran} ran; slowest ${total.slowest.toFixed(0)} ms, limit ${SLOW} ms; ` +
        `largest growth of memory ${total.growth / 2 ** 20} MiB`,
    );
    // Mutations that all end at the first check would test nothing.
    expect(total.ran).toBeGreaterThan(files.length);
  });
});
