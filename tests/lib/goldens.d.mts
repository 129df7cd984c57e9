import type { ExecutorchModule, ResourceSource, TensorPtr } from '../../js/core.js';

export interface PatternInput {
  shape: number[];
  dtype: string;
  pattern: string;
  mod?: number;
}

export interface Entry {
  file: string;
  inputs: PatternInput[][];
  outputs: { pattern: string; run: number; file: string; native_file?: string; file_br?: string }[];
}

export interface Row {
  file: string;
  reference: string;
  relative: number;
  mean: number;
  sameArgmax: boolean;
  equalShare?: number;
  loadTime?: number;
  finishTime?: number;
  runTime?: number;
  heapBytes?: number;
  error?: { code: number; message: string };
}

export interface Comparison {
  difference: number;
  relative: number;
  mean: number;
  equalShare: number;
  sameArgmax: boolean;
}

export declare function patternTensor(input: PatternInput): TensorPtr;
export declare function compare(actual: ArrayLike<number>, expected: ArrayLike<number>): Comparison;
export declare function floats(bytes: Uint8Array): Float32Array;
export declare function runEntry(
  api: { ExecutorchModule: typeof ExecutorchModule },
  entry: Entry,
  read: (path: string) => Promise<Uint8Array>,
  options?: { source?: ResourceSource },
): Promise<Row>;
export declare function table(rows: Row[]): string;
