// Every reference model in Node: equal to its golden, or refused with a code and a reason.
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { compare, floats, runEntry, table, type Entry, type Row } from '../lib/goldens.mjs';
import { api, useVariant } from '../lib/product.mjs';
import { hasShared, manifest, readShared, realEntries, thirdPartyFiles } from '../lib/shared.mjs';

jest.setTimeout(600_000);

const TOLERANCE = 1e-4;
const BYTES: Record<string, number> = {
  f32: 4,
  f64: 8,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
};

async function rowsOf(entries: Entry[]): Promise<Row[]> {
  const rows = [];
  for (const entry of entries) {
    rows.push(await runEntry(api, entry, (path: string) => Promise.resolve(readShared(path))));
  }
  return rows;
}

/** Of the output's range, for models that quantise while they run: the scales follow the last bit of floats. */
const DYNAMIC_TOLERANCE = 0.02;
const isDynamic = (file: string) => /int8_dynamic|clip_.*int8/.test(file);

/** MiB of wasm memory after load and run: packed weights, 25 MiB and the workspace. */
const HEAP_LIMITS: [RegExp, number][] = [
  [/clip_.*fp32/, 365],
  [/deeplabv3_resnet50/, 205],
  [/efficientnet_v2_s_fp32/, 120],
];

/** Quantised models are compared with native XNNPACK: equal but for relaxed SIMD's rounding. */
function expectEqual(rows: Row[], quantised: number): void {
  console.log(table(rows));
  for (const row of rows) {
    expect(row).not.toHaveProperty('error');
    const exact = isDynamic(row.file) ? Math.max(DYNAMIC_TOLERANCE, quantised) : quantised;
    const limit = row.reference === 'PyTorch' ? TOLERANCE : exact;
    expect([row.file, row.relative <= limit, row.relative]).toEqual([row.file, true, row.relative]);
    expect([row.file, row.sameArgmax]).toEqual([row.file, true]);
    const heap = HEAP_LIMITS.find(([name]) => name.test(row.file));
    if (heap) expect(row.heapBytes! / 2 ** 20).toBeLessThanOrEqual(heap[1]);
  }
}

describe.each([
  ['simd', 0],
  ['relaxed', 0.05],
] as const)('reference models, %s', (variant, quantised) => {
  beforeAll(() => useVariant(variant));
  const maybe = hasShared ? test : test.skip;

  maybe('tiny models', async () => expectEqual(await rowsOf(manifest('tiny')), quantised));
  maybe('pretrained models', async () => expectEqual(await rowsOf(realEntries()), quantised));
  maybe('full-size models', async () => {
    for (const entry of manifest('full')) expectEqual(await rowsOf([entry]), quantised);
  });
});

(hasShared ? describe : describe.skip)("other people's files", () => {
  beforeAll(() => useVariant('simd'));

  test('each runs or is refused with a reason', async () => {
    const rows: string[] = [];
    for (const file of thirdPartyFiles()) {
      const row = await tryFile(file);
      rows.push(row);
      expect(row).not.toMatch(/UnknownError|Internal/);
    }
    console.log(rows.join('\n'));
  });

  test('yolox_nano finds what onnxruntime finds', async () => {
    const module = new api.ExecutorchModule();
    await module.load(readShared('data/pte/yolox_nano_xnnpack.pte'));
    const [output] = await module.forward([
      {
        dataPtr: floats(readShared('data/golden/yolox_nano_dog_input_f32_1x3x416x416.bin')),
        sizes: [1, 3, 416, 416],
        scalarType: 6,
      },
    ]);
    module.delete();
    const golden = floats(readShared('data/golden/yolox_nano_dog_ort_output_f32_1x3549x85.bin'));
    const found = compare(new Float32Array(output!.dataPtr as ArrayBuffer), golden);
    console.log(
      `yolox_nano: ${found.relative.toExponential(1)} of the range of onnxruntime's output`,
    );
    expect(output!.sizes).toEqual([1, 3549, 85]);
    expect(found.relative).toBeLessThanOrEqual(TOLERANCE);
    expect(found.sameArgmax).toBe(true);
  });

  async function tryFile(file: string): Promise<string> {
    const module = new api.ExecutorchModule();
    try {
      await module.load(readShared(file));
      const inputs = module.info!.inputs.map(({ sizes, scalarType, type }) => {
        const count = sizes.reduce((product, size) => product * size, 1);
        const dataPtr = new ArrayBuffer(count * BYTES[type]!);
        return { dataPtr, sizes, scalarType };
      });
      const outputs = await module.forward(inputs);
      return `${file}  ran, ${outputs.map(({ sizes }) => `[${sizes.join(', ')}]`).join(' ')}`;
    } catch (error) {
      const { code, message } = error as { code: number; message: string };
      expect(typeof code).toBe('number');
      return `${file}  refused, ${api.errorCodeName(code)}: ${message}`;
    } finally {
      module.delete();
    }
  }
});
