/** Tensors for commands that need no particular ones. */
import { arrayTypeOf } from '../base/scalar-type.js';
import type { TensorInfo } from '../core/types.js';
import type { TensorPtr } from '../modules/ExecutorchModule.js';

const isBig = (data: object) => data instanceof BigInt64Array || data instanceof BigUint64Array;

/** A tensor of the input's type with one value everywhere; `sizes` instead of the input's own where it is dynamic. */
export function filled(
  { scalarType, sizes: own }: TensorInfo,
  value: 0 | 1,
  sizes: number[] = own,
): TensorPtr {
  const array = arrayTypeOf(scalarType);
  const count = sizes.reduce((product, size) => product * size, 1);
  const data = new array(new ArrayBuffer(count * array.BYTES_PER_ELEMENT));
  if (value === 1) for (let i = 0; i < data.length; i++) data[i] = isBig(data) ? 1n : 1;
  return { dataPtr: data, sizes, scalarType };
}
