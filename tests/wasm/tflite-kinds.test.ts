// Operators of .tflite models where TensorFlow Lite's reading is not the obvious one, and what it runs beside the common ones.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  compare,
  elementwise,
  halfConstant,
  halfSum,
  runningSum,
  scaledConvolution,
  unsignedConvolution,
  unsignedFullyConnected,
  wideSum,
} from '../fixtures/tflite/kinds.mjs';
import { api, useVariant } from '../lib/product.mjs';

beforeAll(() => useVariant('simd'));

type Numbers = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array | Uint16Array;

async function run(model: Uint8Array, inputs: Numbers[], to: (bytes: ArrayBuffer) => Numbers) {
  const module = new api.ExecutorchModule();
  await module.load(model);
  const tensors = module.info!.inputs.map(({ sizes, scalarType }, i) => ({
    sizes,
    scalarType,
    dataPtr: inputs[i]!,
  }));
  const [output] = await module.forward(tensors);
  module.delete();
  return [...to(output!.dataPtr as ArrayBuffer)];
}
const f32 = (bytes: ArrayBuffer) => new Float32Array(bytes);
const i8 = (bytes: ArrayBuffer) => new Int8Array(bytes);
const u8 = (bytes: ArrayBuffer) => new Uint8Array(bytes);
const i32 = (bytes: ArrayBuffer) => new Int32Array(bytes);

describe('u8 filters of f32 products hold signed weights', () => {
  const x = Float32Array.of(1, 0.5, -1, 0.25);
  const expected = [(1 - 1 - 3 - 1) * 0.5, (-127 + 32 + 127 / 4) * 0.5];
  const check = (found: ArrayLike<number | bigint>, wanted: number[]) => {
    // One step of inputs quantised while the model runs is 2 / 255; times the sum of the weights.
    wanted.forEach((value, i) => expect(Math.abs(Number(found[i]) - value)).toBeLessThan(0.7));
  };

  test.each([0, 128, 255])('FULLY_CONNECTED, zero point %d', async (zeroPoint) => {
    check(await run(unsignedFullyConnected(zeroPoint), [x], f32), expected);
  });

  test.each([1, 2])('CONV_2D, %d pictures', async (batch) => {
    const inputs = Float32Array.from({ length: 4 * batch }, (_, i) => x[i % 4]!);
    const found = await run(unsignedConvolution({ batch }), [inputs], f32);
    check(found, batch === 1 ? expected : [...expected, ...expected]);
  });

  test('the zero point of an i8 filter means nothing either', async () => {
    check(await run(unsignedFullyConnected(5, 'i8'), [x], f32), expected);
  });

  test('DEPTHWISE_CONV_2D is refused, as there', async () => {
    await expect(
      new api.ExecutorchModule().load(unsignedConvolution({ depthwise: true })),
    ).rejects.toMatchObject({
      code: api.ErrorCode.NotSupported,
      message: expect.stringContaining('the filter is u8, the input f32'),
    });
  });
});

// Real values: x * weight + bias, in steps of 1.
test.each([
  ['a ratio of 300', [1, 300], 0, [-10, -11], [0, 0, -1, -128]],
  ['a ratio beyond 2^32', [1, 2 ** -40], 0, [-3, 5], [7, 0, 15, 0]],
  ['a dead channel', [1, 0], 0, [-3, 5], [7, 0, 15, 0]],
  ['one ratio of 256', [256], 0, [-10, -11], [0, 0, -128, -128]],
  ['a zero point', [1], 1, [-3, 5], [10, 17, 10, 25]],
])('8-bit convolution with %s', async (_, scale, zeroPoint, input, expected) => {
  const found = await run(scaledConvolution(scale, zeroPoint), [Int8Array.from(input)], i8);
  expect(found).toEqual(expected);
});

describe('8-bit comparisons are of units of 1/256', () => {
  test.each([
    // 128 / 256 and 128 * 0.00391 = 0.50048 are both 128 units; 129 * 0.00391 is 129.
    ['LESS', 'u8', [1 / 256, 0.00391], [128, 128, 127, 0], [128, 129, 128, 0], [0, 1, 1, 0]],
    ['EQUAL', 'u8', [1 / 256, 0.00391], [128, 128, 127, 0], [128, 129, 127, 0], [1, 0, 1, 1]],
    ['GREATER', 'i8', [1 / 256, 0.00391], [-128, 100, -1, 5], [-128, 99, 0, 6], [0, 1, 0, 0]],
    // Steps of 0.001 are a quarter of a unit.
    ['EQUAL', 'u8', [0.001, 0.001], [1, 2, 4, 9], [0, 0, 5, 7], [1, 0, 1, 1]],
    ['LESS', 'i8', [0.5, 0.5], [-128, 3, 4, 5], [-127, 3, 3, 6], [1, 0, 0, 1]],
  ] as const)('%s of %s at %j', async (name, type, scales, a, b, expected) => {
    const array = type === 'u8' ? Uint8Array : Int8Array;
    const model = compare(name, type, [...scales]);
    expect(await run(model, [array.from(a), array.from(b)], u8)).toEqual([...expected]);
  });
});

describe('operators', () => {
  test('ADD_N', async () => {
    const three = [Float32Array.of(1, 2), Float32Array.of(10, 20), Float32Array.of(100, -2)];
    expect(await run(elementwise('ADD_N', 'f32', [2], 3), three, f32)).toEqual([111, 20]);
    const two = [Int32Array.of(1, 2), Int32Array.of(-5, 2 ** 30)];
    expect(await run(elementwise('ADD_N', 'i32', [2], 2), two, i32)).toEqual([-4, 2 ** 30 + 2]);
  });

  test.each([
    [false, false, [1, 3, 7, -1, 0, 10]],
    [true, false, [0, 1, 3, 0, -1, 0]],
    [false, true, [7, 6, 4, 10, 11, 10]],
    [true, true, [6, 4, 0, 11, 10, 0]],
  ])('CUMSUM, exclusive %j, reverse %j', async (exclusive, reverse, expected) => {
    const values = [1, 2, 4, -1, 1, 10];
    const options = { exclusive, reverse };
    const floats = runningSum({ ...options, type: 'f32' });
    expect(await run(floats, [Float32Array.from(values)], f32)).toEqual(expected);
    const integers = runningSum({ ...options, type: 'i32' });
    expect(await run(integers, [Int32Array.from(values)], i32)).toEqual(expected);
  });

  test('BITWISE_XOR and RIGHT_SHIFT', async () => {
    const pair = [Int32Array.of(12, -1, 7), Int32Array.of(10, 1, 2)];
    expect(await run(elementwise('BITWISE_XOR', 'i32', [3], 2), pair, i32)).toEqual([6, -2, 5]);
    expect(await run(elementwise('RIGHT_SHIFT', 'i32', [3], 2), pair, i32)).toEqual([0, -1, 1]);
  });

  test('f16 as input and output', async () => {
    const [one, two, three] = [0x3c00, 0xc000, 0x4200];
    const found = await run(
      halfSum(),
      [Uint16Array.of(one, two, three)],
      (b) => new Uint16Array(b),
    );
    expect(found).toEqual([0x4100, 0xb800, 0x4480]); // 2.5, -0.5, 4.5
  });

  test('constants stored as f16', async () => {
    expect(await run(halfConstant(), [Float32Array.of(1, 3, -4)], f32)).toEqual([3, -12, -2]);
  });

  test('types that there are not are named', async () => {
    await expect(new api.ExecutorchModule().load(wideSum())).rejects.toMatchObject({
      code: api.ErrorCode.NotSupported,
      message: expect.stringContaining('(t0) is i16 (16-bit activations), which is not supported'),
    });
  });
});
