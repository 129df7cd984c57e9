// Runs exported files in the built library and compares with the outputs that PyTorch gave for them. A case is
// a folder's NAME.json with NAME.pte, NAME.in0 …, NAME.out0 … beside it (networks.py, operators.py).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BFLOAT16, ExecutorchModule, ScalarType } from '../../dist/core.js';

const TYPES = {
  uint8: ScalarType.BYTE,
  int8: ScalarType.CHAR,
  int16: ScalarType.SHORT,
  int32: ScalarType.INT,
  int64: ScalarType.LONG,
  float16: ScalarType.HALF,
  float32: ScalarType.FLOAT,
  float64: ScalarType.DOUBLE,
  bool: ScalarType.BOOL,
  bfloat16: BFLOAT16,
};

const bytesOf = async (path) => {
  const data = await readFile(path);
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
};

/** Half precision (or bfloat16) bits as numbers. */
function widen(bits, isBrain) {
  return Float64Array.from(bits, (x) => {
    if (isBrain) return new Float32Array(new Uint32Array([x << 16]).buffer)[0];
    const [sign, exponent, fraction] = [x >> 15 ? -1 : 1, (x >> 10) & 31, x & 1023];
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24);
  });
}

function numbers(buffer, dtype) {
  const arrays = {
    uint8: Uint8Array,
    int8: Int8Array,
    int16: Int16Array,
    int32: Int32Array,
    int64: BigInt64Array,
    float16: Uint16Array,
    float32: Float32Array,
    float64: Float64Array,
    bool: Uint8Array,
    bfloat16: Uint16Array,
  };
  const raw = new arrays[dtype](buffer);
  if (dtype === 'float16' || dtype === 'bfloat16') return widen(raw, dtype === 'bfloat16');
  return dtype === 'int64' ? Float64Array.from(raw, Number) : raw;
}

/** The largest |found - wanted| and that divided by the range of the finite values wanted; infinite where NaN or an infinity differs. */
export function difference(found, wanted) {
  if (found.length !== wanted.length) return { absolute: Infinity, ofRange: Infinity };
  let absolute = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [found[i], wanted[i]];
    if (Number.isFinite(b)) {
      low = Math.min(low, b);
      high = Math.max(high, b);
    }
    if (Object.is(a, b) || a === b) continue;
    const gap = Math.abs(a - b);
    absolute = Math.max(absolute, Number.isNaN(gap) ? Infinity : gap);
  }
  return { absolute, ofRange: absolute === 0 ? 0 : absolute / (high - low || 1) };
}

/**
 * Runs a case. `errors`: one difference per output; `shapes`: whether all shapes and types are right; `fails`: the
 * refusal; `milliseconds`: the median of `repeats` runs after the first.
 */
export async function runCase(folder, name, side, repeats = 0) {
  const inputs = await Promise.all(
    side.inputs.map(async ({ dtype, sizes }, i) => ({
      dataPtr: await bytesOf(join(folder, `${name}.in${i}`)),
      sizes,
      scalarType: TYPES[dtype],
    })),
  );
  const module = new ExecutorchModule();
  try {
    await module.load(join(folder, `${name}.pte`));
    const outputs = await module.forward(inputs);
    const times = [];
    for (let k = 0; k < repeats; k++) {
      const start = performance.now();
      await module.forward(inputs);
      times.push(performance.now() - start);
    }
    const wanted = await Promise.all(
      side.outputs.map(async ({ dtype }, i) =>
        numbers(await bytesOf(join(folder, `${name}.out${i}`)), dtype),
      ),
    );
    const shapes =
      outputs.length === wanted.length &&
      outputs.every(
        ({ sizes, scalarType }, i) =>
          scalarType === TYPES[side.outputs[i].dtype] &&
          sizes.join() === side.outputs[i].sizes.join(),
      );
    const errors = shapes
      ? wanted.map((w, i) => difference(numbers(outputs[i].dataPtr, side.outputs[i].dtype), w))
      : [];
    const milliseconds = times.sort((a, b) => a - b)[times.length >> 1];
    return { shapes, errors, milliseconds, outputs };
  } catch (error) {
    return { fails: `${error.message}` };
  } finally {
    module.delete();
  }
}
