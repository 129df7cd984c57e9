/** Devices that give little memory: growing fails, and large shared memories are refused. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ErrorCode } from '../../js/base/errors.js';
import { sharedMemory } from '../../js/core/shared-memory.js';
import { createEngine, pieces } from '../lib/engine.js';

const MIB = 2 ** 20;
const photo = readFileSync('models/photo/efficientnet_lite0_int8.pte');
const drawn = readFileSync('models/builtin/classifier_fp32.pte');

afterEach(() => void jest.restoreAllMocks());

/** Memory of more than `most` bytes is refused, as browsers do it; returns what was asked for, in bytes. */
function limitMemory(most: number): number[] {
  const asked: number[] = [];
  const grow = WebAssembly.Memory.prototype.grow;
  jest.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(function (
    this: WebAssembly.Memory,
    pages: number,
  ) {
    const bytes = this.buffer.byteLength + pages * 65536;
    asked.push(bytes);
    if (bytes > most)
      throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
    return grow.call(this, pages);
  });
  return asked;
}

test.each([5, 6, 8])('%i MiB are too few for the photo model, and it says so', async (most) => {
  const engine = await createEngine();
  const asked = limitMemory(most * MIB);
  const error = await engine.load(pieces(photo)).then(
    () => undefined,
    (reason: unknown) => reason as { code: number; message: string },
  );
  if (!error) throw new Error('the model has been loaded');
  expect([ErrorCode.MemoryAllocationFailed, ErrorCode.DelegateMemoryAllocationFailed]).toContain(
    error.code,
  );
  expect(error.message).toMatch(/A file of 5 MiB needs about as much memory/);
  expect(error.message).toMatch(
    new RegExp(`The core has ${Math.ceil(engine.heapBytes / MIB)} MiB`),
  );
  expect(Math.max(...asked)).toBeGreaterThan(most * MIB);
  // What was tried is free again: a small model fits, and the large one when there is more.
  const { inputs } = await engine.load(pieces(drawn));
  expect(inputs).toHaveLength(1);
  jest.restoreAllMocks();
  await expect(engine.load(pieces(photo))).resolves.toBeDefined();
});

test('growing by less is tried when much is refused', async () => {
  const whole = await createEngine();
  await whole.load(pieces(photo));
  const engine = await createEngine();
  const asked = limitMemory(whole.heapBytes);
  await engine.load(pieces(photo));
  expect(engine.heapBytes).toBeLessThanOrEqual(whole.heapBytes);
  expect(asked.length).toBeGreaterThan(0);
});

test('shared memory is as large as the device allows', () => {
  const Memory = WebAssembly.Memory;
  const asked: number[] = [];
  const refuseAbove = (most: number) =>
    jest.spyOn(WebAssembly, 'Memory').mockImplementation(((
      description: WebAssembly.MemoryDescriptor,
    ) => {
      asked.push(description.maximum! / 16);
      if (description.maximum! / 16 > most) throw new RangeError('could not allocate memory');
      return new Memory(description);
    }) as never);
  refuseAbove(600);
  expect(sharedMemory().buffer.byteLength).toBe(4 * MIB);
  expect(asked).toEqual([2048, 1024, 512]);
  refuseAbove(100);
  expect(sharedMemory).toThrow(
    expect.objectContaining({
      code: ErrorCode.MemoryAllocationFailed,
      message: expect.stringMatching(/256 MiB.*threads: 1/),
    }),
  );
});
