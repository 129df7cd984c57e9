// Hostile pictures through the WebAssembly build: a bounded share of what tests/fuzz/picture-mutants.mjs does.
import { describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import create from 'ew-wasm/simd';
import { BOMBS, complaint, createMeter, seedsOf, tryPictures } from '../fuzz/picture-mutants.mjs';

jest.setTimeout(120_000);

const COUNT = 300;
const wasmBinary = readFileSync('build/wasm/simd/ew.wasm');
const instance = () => create({ wasmBinary, print: () => undefined, printErr: () => undefined });

describe('hostile pictures', () => {
  // Whole ones of the most pixels take seconds to make: the tool tries those too.
  const quick = Object.keys(BOMBS).filter((name) => !/rgba16|interlaced|most-scans/.test(name));

  test.each(quick)('%s costs neither time nor memory', async (name) => {
    const measured = await (await createMeter(instance))(BOMBS[name]!());
    expect([complaint(measured), measured]).toEqual([undefined, measured]);
  });

  test.each([
    ['progressive', 4000, 3000, true],
    ['baseline', 6000, 4000, false],
  ])('a blank %s JPEG of %i x %i is no hostile one', async (_kind, width, height, progressive) => {
    const background = { r: 250, g: 240, b: 230 };
    const blank = sharp({ create: { width, height, channels: 3, background } });
    const bytes = await blank.jpeg({ progressive }).toBuffer();
    const measured = await (await createMeter(instance))(bytes);
    expect([measured.outcome, complaint(measured)]).toEqual(['decoded', undefined]);
  });

  test(`${COUNT} mutants: no trap, no hang, no memory beyond the pixels`, async () => {
    const findings: string[] = [];
    const rows = await tryPictures({
      create: instance,
      seeds: seedsOf(['tests/fixtures/images']),
      count: COUNT,
      onFinding: (kind, _mutant, name) => findings.push(`${kind}: ${name}`),
    });
    expect(findings).toEqual([]);
    // Mutations that all end at the first check would test nothing.
    const decoded = Object.values(rows).reduce((sum, row) => sum + row.decoded, 0);
    expect(decoded).toBeGreaterThan(COUNT / 20);
  });
});
