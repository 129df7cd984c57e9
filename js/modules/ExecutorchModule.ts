import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { asBytes } from '../base/platform.js';
import { isScalarType, type ScalarType, type TypedArray } from '../base/scalar-type.js';
import type { TensorData } from '../core/types.js';
import type { ResourceSource } from '../base/types.js';
import { BaseModule, pick, type LoadOptions, type ProgressCallback } from './base-module.js';

/** Elements of a tensor: any typed array, or bytes. */
export type TensorBuffer = ArrayBuffer | TypedArray;

/** A tensor: row-major elements, shape and element type. */
export interface TensorPtr {
  dataPtr: TensorBuffer;
  sizes: number[];
  scalarType: ScalarType;
}

/**
 * Runs any model on raw tensors.
 *
 * @example
 * ```ts
 * const module = new ExecutorchModule();
 * await module.load('/models/mine.pte');
 * const dataPtr = new Float32Array(3 * 224 * 224);
 * const [output] = await module.forward([
 *   { dataPtr, sizes: [1, 3, 224, 224], scalarType: ScalarType.FLOAT },
 * ]);
 * module.delete();
 * ```
 */
export class ExecutorchModule extends BaseModule {
  /**
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, InvalidProgram and other codes
   * of the loader, Aborted.
   */
  load(
    modelSource: ResourceSource,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    return this.loadModel(modelSource, onDownloadProgressCallback, options);
  }

  /**
   * Runs the model. Inputs stay as they are; outputs have an ArrayBuffer of their own.
   *
   * @throws ExecutorchError ModuleNotLoaded, UnexpectedNumInputs, InvalidType, WrongDimensions, Aborted.
   */
  async forward(
    inputTensor: TensorPtr | readonly TensorPtr[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<TensorPtr[]> {
    const { host } = this.loaded();
    const list = Array.isArray(inputTensor) ? inputTensor : [inputTensor as TensorPtr];
    const outputs = await host.run(list.map(toTensorData), pick({ signal }));
    return outputs.map(({ data, sizes, scalarType }) => ({ dataPtr: data, sizes, scalarType }));
  }
}

function toTensorData({ dataPtr, sizes, scalarType }: TensorPtr, index: number): TensorData {
  const bytes = asBytes(dataPtr);
  if (!bytes || !Array.isArray(sizes) || !isScalarType(scalarType)) {
    throw new ExecutorchError(
      ErrorCode.InvalidArgument,
      `Input ${index} is not a tensor { dataPtr, sizes, scalarType }.`,
    );
  }
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  const data = isWhole ? bytes.buffer : bytes.slice().buffer;
  return { scalarType, sizes: [...sizes], data: data as ArrayBuffer };
}
