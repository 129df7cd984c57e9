import { ErrorCode, ExecutorchError, guarded } from '../base/errors.js';
import { wrongOptions, wrongSignal } from '../base/options.js';
import { asBytes, isList, tagOf } from '../base/platform.js';
import {
  arrayTypeOf,
  isScalarType,
  scalarTypeName,
  type ScalarType,
  type TypedArray,
} from '../base/scalar-type.js';
import type { TensorData } from '../core/types.js';
import type { ResourceSource } from '../base/types.js';
import {
  BaseModule,
  pick,
  type LoadOptions,
  type ModelFiles,
  type ProgressCallback,
} from './base-module.js';

/** Elements of a tensor: any typed array, or bytes. */
export type TensorBuffer = ArrayBuffer | TypedArray;

/** A tensor: row-major elements, shape and element type. */
export interface TensorPtr {
  /** The elements, row by row. */
  dataPtr: TensorBuffer;
  /** The shape. */
  sizes: number[];
  /** Type of the elements: a number of {@link ScalarType}. */
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
   * @param modelSource The file; or `{ modelSource, dataSource }` for one whose weights lie in a data file (`.ptd`).
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, InvalidProgram and other codes
   * of the loader, Aborted.
   */
  load(
    modelSource: ResourceSource | ModelFiles,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    return guarded(() => this.loadModel(filesOf(modelSource), onDownloadProgressCallback, options));
  }

  /**
   * Runs the model. Inputs stay as they are; outputs have an ArrayBuffer of their own.
   *
   * @throws ExecutorchError ModuleNotLoaded, UnexpectedNumInputs, InvalidType, WrongDimensions, Aborted.
   */
  forward(
    inputTensor: TensorPtr | readonly TensorPtr[],
    options?: { signal?: AbortSignal },
  ): Promise<TensorPtr[]> {
    return guarded(async () => {
      const { signal } = options ?? {};
      const wrong =
        wrongOptions('forward()', options, ['signal']) ?? wrongSignal('forward()', signal);
      if (wrong) throw await wrong;
      const { host } = this.loaded();
      const list = isList(inputTensor) ? (inputTensor as TensorPtr[]) : [inputTensor as TensorPtr];
      const outputs = await host.run(Array.from(list, toTensorData), pick({ signal }));
      return outputs.map(({ data, sizes, scalarType }) => ({ dataPtr: data, sizes, scalarType }));
    });
  }
}

function toTensorData(tensor: TensorPtr, index: number): TensorData {
  const { dataPtr, sizes, scalarType } = tensor ?? {};
  const bytes = asBytes(dataPtr);
  const hasSizes = isList(sizes) && sizes.every((size) => Number.isInteger(size) && size >= 0);
  if (!bytes || !hasSizes || !isScalarType(scalarType)) {
    throw new ExecutorchError(
      ErrorCode.InvalidArgument,
      `Input ${index} is not a tensor { dataPtr, sizes, scalarType }: dataPtr is a typed array or an ArrayBuffer, ` +
        'sizes a list of whole numbers, scalarType one of ScalarType.',
    );
  }
  if (!holds(dataPtr, scalarType)) {
    throw new ExecutorchError(
      ErrorCode.InvalidType,
      `Input ${index}: a ${tagOf(dataPtr)} holds no elements of type ${scalarTypeName(scalarType)}.`,
    );
  }
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  const data = isWhole ? bytes.buffer : bytes.slice().buffer;
  return { scalarType, sizes: [...sizes], data: data as ArrayBuffer };
}

/** Whether an array can hold elements of a type: as its own elements, signed or not, or as bytes. */
function holds(data: TensorBuffer, scalarType: ScalarType): boolean {
  const family = (name: string) => name.replace(/Uint/, 'Int').replace(/Clamped|Float16/, '');
  const tag = family(tagOf(data));
  if (!tag.endsWith('Array') || tag === 'Int8Array' || tag === 'Array') return true;
  return tag === family(arrayTypeOf(scalarType).name);
}

function filesOf(model: ResourceSource | ModelFiles): ModelFiles {
  const hasFiles = (model as Partial<ModelFiles> | null | undefined)?.modelSource !== undefined;
  return hasFiles ? (model as ModelFiles) : { modelSource: model };
}
