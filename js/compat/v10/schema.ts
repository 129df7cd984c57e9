/** 0.10's `schema`: what inputs and outputs a model must have, as data. Nothing here compares a model with it. */
import { isList } from '../../base/platform.js';
import { asV10Call } from '../absent-errors.js';
import { absentFunction } from '../stand-ins.js';
import type { DType } from './core.js';
import { RnExecuTorchError, withV10ErrorsNow } from './errors.js';

/** Sizes from `min` to `max` in steps. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** Which sizes a dimension may have. */
export type ConcreteDim =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'range'; readonly range: Range }
  | { readonly kind: 'enum'; readonly choices: readonly number[] };

/** The same, or a name for a size that the model fixes (static) or leaves open (dynamic). */
export type SymbolicDim =
  | ConcreteDim
  | { readonly kind: 'static'; readonly symbol: string }
  | { readonly kind: 'dynamic'; readonly symbol: string };

/** Sizes, names of sizes, or dimensions. */
export type SymbolicShape = readonly (number | string | SymbolicDim)[];

/** A tensor by type and shape. */
export interface TensorSpec<Dim extends SymbolicDim> {
  readonly kind: 'Tensor';
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/** A dimension of an input or output. */
export interface DimRef {
  readonly paramSide: 'input' | 'output';
  readonly tensorIdx: number;
  readonly dimIdx: number;
}

/** More dimensions, or sizes of one, than any model has. */
const MOST = 10_000;

/** @throws RnExecuTorchError INVALID_ARGUMENT. */
function expectSizes(call: string, sizes: readonly unknown[]): void {
  const isSize = (size: unknown) => Number.isInteger(size) && (size as number) > 0;
  if (isList(sizes) && sizes.length <= MOST && Array.from(sizes).every(isSize)) return;
  throw RnExecuTorchError('INVALID_ARGUMENT', `${call} takes whole numbers above 0.`);
}

/** A size that the model fixes. */
export function StaticDim(symbol: string): SymbolicDim {
  return { kind: 'static', symbol };
}

/** A size that the model leaves open. */
export function DynamicDim(symbol: string): SymbolicDim {
  return { kind: 'dynamic', symbol };
}

/** This size. @throws RnExecuTorchError INVALID_ARGUMENT. */
export function ConstantDim(value: number): ConcreteDim {
  expectSizes('ConstantDim()', [value]);
  return { kind: 'constant', value };
}

/** One of these sizes. @throws RnExecuTorchError INVALID_ARGUMENT. */
export function EnumDim(choices: readonly number[]): ConcreteDim {
  withV10ErrorsNow(() => expectSizes('EnumDim()', choices));
  return { kind: 'enum', choices };
}

/** Any size from `min` to `max`, in steps. @throws RnExecuTorchError INVALID_ARGUMENT. */
export function RangeDim(min: number, max: number, step = 1): ConcreteDim {
  expectSizes('RangeDim()', [min, max, step]);
  return { kind: 'range', range: { min, max, step } };
}

/** A tensor; texts in its shape are names of sizes that the model fixes. @throws RnExecuTorchError INVALID_ARGUMENT. */
export function SymbolicTensor(dtype: DType, shape: SymbolicShape): TensorSpec<SymbolicDim> {
  return withV10ErrorsNow(() => {
    if (!isList(shape) || shape.length > MOST) {
      throw RnExecuTorchError('INVALID_ARGUMENT', 'A shape is a list of sizes or their names.');
    }
    return { kind: 'Tensor', dtype, shape: Array.from(shape as SymbolicShape, dimOf) };
  });
}

function dimOf(dim: number | string | SymbolicDim): SymbolicDim {
  if (typeof dim === 'string') return StaticDim(dim);
  return typeof dim === 'number' ? ConstantDim(dim) : dim;
}

/** A float32 tensor. */
export const f32 = (...shape: SymbolicShape) => SymbolicTensor('float32', shape);
/** An int64 tensor. */
export const i64 = (...shape: SymbolicShape) => SymbolicTensor('int64', shape);
/** An int32 tensor. */
export const i32 = (...shape: SymbolicShape) => SymbolicTensor('int32', shape);
/** A uint8 tensor. */
export const ui8 = (...shape: SymbolicShape) => SymbolicTensor('uint8', shape);
/** A bool tensor. */
export const bool = (...shape: SymbolicShape) => SymbolicTensor('bool', shape);

/** Relations between dimensions that hold in every run. */
export const constraint = {
  /** All are equal. */
  equality: (...dims: DimRef[]) => ({ kind: 'equality', dims }) as const,
  /** `dimLhs = a * dimRhs + b`. */
  linear: (dimLhs: DimRef, dimRhs: DimRef, a: number, b = 0) =>
    ({ kind: 'linear', dimLhs, dimRhs, coefficients: [a, b] as [number, number] }) as const,
};

/** A method of a model by its inputs and outputs, under its name. @throws RnExecuTorchError INVALID_ARGUMENT. */
export function method<Param, Relation = never>(
  name: string,
  inputs: readonly Param[],
  outputs: readonly Param[],
  constraints: readonly Relation[] = [],
) {
  if (typeof name !== 'string') {
    throw RnExecuTorchError('INVALID_ARGUMENT', 'A method has a name, its inputs and its outputs.');
  }
  return { [name]: { inputs, outputs, runtimeConstraints: constraints } };
}

/** Throws: models are not compared with specifications here. */
export const validateSpec = /* @__PURE__ */ absentFunction('schema.validateSpec', asV10Call) as (
  ...given: unknown[]
) => never;

/** 0.10's namespace of all these. A list: bundlers keep the namespace objects of modules, even where nobody uses them. */
export const schema = /* @__PURE__ */ Object.freeze({
  bool,
  ConstantDim,
  constraint,
  DynamicDim,
  EnumDim,
  f32,
  i32,
  i64,
  method,
  RangeDim,
  StaticDim,
  SymbolicTensor,
  ui8,
  validateSpec,
});
