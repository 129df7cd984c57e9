/** Element types of tensors, with the numbers of PyTorch. */
import { ErrorCode, ExecutorchError } from './errors.js';

/** Element type of a tensor, by PyTorch's numbers. */
export enum ScalarType {
  BYTE = 0,
  CHAR = 1,
  SHORT = 2,
  INT = 3,
  LONG = 4,
  /** Half precision; elements are raw bits in 16-bit units. */
  HALF = 5,
  FLOAT = 6,
  DOUBLE = 7,
  BOOL = 11,
  QINT8 = 12,
  QUINT8 = 13,
  QINT32 = 14,
  QUINT4X2 = 16,
  QUINT2X4 = 17,
  BITS16 = 22,
  FLOAT8E5M2 = 23,
  FLOAT8E4M3FN = 24,
  FLOAT8E5M2FNUZ = 25,
  FLOAT8E4M3FNUZ = 26,
  UINT16 = 27,
  UINT32 = 28,
  UINT64 = 29,
}

/**
 * bfloat16, PyTorch's number 15: the upper half of a float; elements are raw bits in 16-bit units. Beside the
 * enumeration, because one with a member more than 0.6's would no longer be assignable to it.
 */
export const BFLOAT16 = 15 as ScalarType;

/** Typed arrays that hold tensor elements. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

type TypedArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TypedArray;
};

const ARRAYS: Partial<Record<ScalarType, TypedArrayConstructor>> = {
  [ScalarType.BYTE]: Uint8Array,
  [ScalarType.CHAR]: Int8Array,
  [ScalarType.SHORT]: Int16Array,
  [ScalarType.INT]: Int32Array,
  [ScalarType.LONG]: BigInt64Array,
  [ScalarType.HALF]: Uint16Array,
  [ScalarType.FLOAT]: Float32Array,
  [ScalarType.DOUBLE]: Float64Array,
  [ScalarType.BOOL]: Uint8Array,
  [ScalarType.QINT8]: Int8Array,
  [ScalarType.QUINT8]: Uint8Array,
  [ScalarType.QINT32]: Int32Array,
  // BFLOAT16: a name here would keep bundlers from leaving the table out where nobody needs it.
  [15 as ScalarType]: Uint16Array,
  [ScalarType.BITS16]: Uint16Array,
  [ScalarType.UINT16]: Uint16Array,
  [ScalarType.UINT32]: Uint32Array,
  [ScalarType.UINT64]: BigUint64Array,
};

/** The typed array for a scalar type; throws InvalidType for types that JavaScript cannot hold. */
export function arrayTypeOf(scalarType: ScalarType): TypedArrayConstructor {
  const found = ARRAYS[scalarType];
  if (found) return found;
  const name = scalarTypeName(scalarType);
  throw new ExecutorchError(ErrorCode.InvalidType, `Tensors of type ${name} are not supported.`);
}

/** 'FLOAT' for 6, and so on. */
export function scalarTypeName(scalarType: number): string {
  if (scalarType === BFLOAT16) return 'BFLOAT16';
  return ScalarType[scalarType] ?? `type ${scalarType}`;
}

/** Whether a number stands for an element type at all. */
export function isScalarType(value: unknown): value is ScalarType {
  return typeof value === 'number' && (value === BFLOAT16 || ScalarType[value] !== undefined);
}
