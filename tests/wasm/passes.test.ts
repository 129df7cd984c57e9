// Graph passes keep values: every reference model with passes and without.
import { describe, expect, jest, test } from '@jest/globals';
import { sameBytes } from '../lib/elements.js';
import { createEngine, pieces } from '../lib/engine.js';
import { compare, patternTensor, type Entry } from '../lib/goldens.mjs';
import { hasShared, manifest, readShared, realEntries } from '../lib/shared.mjs';

jest.setTimeout(600_000);

/**
 * Largest share of the range by which outputs may differ. Dead taps of dilated convolutions change the order
 * of additions, Winograd's method the sums themselves, SiLU (and CLIP's GELU) as one operator rounds elsewhere;
 * everything else is the same to the bit.
 */
const tolerance = (file: string) =>
  /(deeplab|resnet|efficientnet|clip).*fp32/.test(file) ? 1e-5 : 0;

/** Outputs of all inputs of an entry. A heap does not shrink, so each load has its own. */
async function outputs(entry: Entry, bytes: Uint8Array, optimize: boolean): Promise<ArrayBuffer[]> {
  const engine = await createEngine('simd');
  await engine.load(pieces(bytes, 1 << 20), { optimize });
  return entry.inputs.flatMap((inputs) => {
    const tensors = inputs.map((input) => {
      const { dataPtr, sizes, scalarType } = patternTensor(input);
      return { sizes, scalarType, data: (dataPtr as Float32Array<ArrayBuffer>).buffer };
    });
    return engine.run(tensors).map(({ data }) => data);
  });
}

async function check(entries: Entry[]): Promise<void> {
  const rows = [];
  for (const entry of entries) {
    const bytes = readShared(`models/${entry.file}`);
    const plain = await outputs(entry, bytes, false);
    const rewritten = await outputs(entry, bytes, true);
    expect(rewritten.length).toBe(plain.length);
    const relative = plain.map((data, i) =>
      sameBytes(data, rewritten[i]!)
        ? 0
        : compare(new Float32Array(rewritten[i]!), new Float32Array(data)).relative,
    );
    const worst = Math.max(...relative);
    rows.push(`${entry.file}  ${worst === 0 ? 'equal' : worst.toExponential(1)}`);
    expect([entry.file, worst <= tolerance(entry.file), worst]).toEqual([entry.file, true, worst]);
  }
  console.log(rows.join('\n'));
}

(hasShared ? describe : describe.skip)('models with passes and without', () => {
  test('tiny', () => check(manifest('tiny')));
  test('pretrained', () => check(realEntries()));
  test('full-size', () => check(manifest('full')));
});
