/** 0.10's primitives. What is synchronous there gives promises here: models run in a worker. */
import { type TensorPtr, ExecutorchModule } from '../../modules/ExecutorchModule.js';
import { asBytes, isList } from '../../base/platform.js';
import { ScalarType } from '../../base/scalar-type.js';
import type { ModelInfo } from '../../core/types.js';
import { textOf } from '../../base/errors.js';
import { RnExecuTorchError, withV10Errors, withV10ErrorsNow } from './errors.js';

/** Types of tensor elements. */
export type DType = 'float32' | 'uint8' | 'int32' | 'int64' | 'bool';

const SCALARS = {
  float32: ScalarType.FLOAT,
  uint8: ScalarType.BYTE,
  int32: ScalarType.INT,
  int64: ScalarType.LONG,
  bool: ScalarType.BOOL,
} as const;

const ARRAYS = {
  float32: Float32Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

type Data = Float32Array | Uint8Array | Int32Array | BigInt64Array;

/** Elements in rows, in JavaScript's memory. */
export class Tensor {
  /** Number of elements. */
  readonly numel: number;
  private data: Data | undefined;

  constructor(
    /** Type of the elements. */
    readonly dtype: DType,
    /** Sizes of the dimensions, the outermost first. */
    readonly shape: readonly number[],
  ) {
    this.numel = shape.reduce((product, size) => product * size, 1);
    this.data = new ARRAYS[dtype](this.numel);
  }

  /** @throws RnExecuTorchError INVALID_ARGUMENT (another length or kind of array), RESOURCE_DISPOSED. */
  setData(source: Data): this {
    return withV10ErrorsNow(() => {
      this.fitting(source).set(source as never);
      return this;
    });
  }

  /** The same from the bytes of a result. @throws RnExecuTorchError INVALID_ARGUMENT for another number of bytes. */
  setBytes(bytes: Uint8Array): this {
    return withV10ErrorsNow(() => {
      const Elements = ARRAYS[this.dtype];
      return this.setData(new Elements(bytes.slice().buffer));
    });
  }

  /** Copies the elements to `target` and returns it. @throws as setData. */
  getData<T extends Data>(target: T): T {
    return withV10ErrorsNow(() => {
      target.set(this.fitting(target) as never);
      return target;
    });
  }

  /** Copies elements to another tensor of the same type. @throws as setData. */
  copyTo(target: Tensor, options: { offset?: number; length?: number } = {}): Tensor {
    return withV10ErrorsNow(() => {
      const { offset = 0, length = this.numel } = options;
      const isPart = [offset, length].every((one) => Number.isInteger(one) && one >= 0);
      if (!isPart || offset + length > this.numel) {
        throw RnExecuTorchError(
          'INVALID_ARGUMENT',
          `copyTo(): offset and length are whole numbers inside of ${this.numel} elements.`,
        );
      }
      return target.setData(this.elements().subarray(offset, offset + length));
    });
  }

  /** `fn` of this tensor and the arguments. */
  through<R, Args extends unknown[]>(fn: (t: this, ...args: Args) => R, ...args: Args): R {
    return fn(this, ...args);
  }

  /** The same if the condition holds, else this tensor. */
  throughIf<Args extends unknown[]>(
    condition: boolean,
    fn: (t: Tensor, ...args: Args) => Tensor,
    ...args: Args
  ): Tensor {
    return condition ? fn(this, ...args) : this;
  }

  /** Lets go of the elements. */
  dispose(): void {
    this.data = undefined;
  }

  /** For a run of a model. */
  toPointer(): TensorPtr {
    const sizes = [...this.shape];
    return { dataPtr: this.elements(), sizes, scalarType: SCALARS[this.dtype] };
  }

  private elements(): Data {
    if (this.data) return this.data;
    throw RnExecuTorchError('RESOURCE_DISPOSED', 'This tensor has been disposed of.');
  }

  private fitting(other: Data): Data {
    const data = this.elements();
    if (other.constructor === data.constructor && other.length === data.length) return data;
    throw RnExecuTorchError(
      'INVALID_ARGUMENT',
      `A ${this.dtype} tensor of ${this.numel} elements takes a ${data.constructor.name} of as many, ` +
        `not a ${other.constructor.name} of ${other.length}.`,
    );
  }
}

/**
 * Makes a tensor, of zeros or with the elements of `source`.
 *
 * @throws RnExecuTorchError INVALID_ARGUMENT.
 *
 * @example
 * ```ts
 * const zeros = tensor('float32', [1, 3, 224, 224]);
 * ```
 */
export function tensor(dtype: DType, shape: number[], source?: Data): Tensor {
  return withV10ErrorsNow(() => made(dtype, shape, source));
}

function made(dtype: DType, shape: number[], source?: Data): Tensor {
  const isShape =
    isList(shape) && Array.from(shape).every((size) => Number.isInteger(size) && size >= 0);
  if (typeof dtype !== 'string' || !Object.hasOwn(ARRAYS, dtype) || !isShape) {
    throw RnExecuTorchError(
      'INVALID_ARGUMENT',
      `tensor(dtype, shape): dtype is one of ${Object.keys(ARRAYS).join(', ')}, shape a list of sizes.`,
    );
  }
  const zeros = new Tensor(dtype, [...shape]);
  return source === undefined ? zeros : zeros.setData(source);
}

/** A loaded model file. */
export interface Model {
  /** Where it was loaded from. */
  readonly path: string;
  /** Inputs and outputs of the loaded method. */
  readonly schema: ModelInfo;
  /** What runs parts of each method beside the portable kernels. */
  readonly backends: Record<string, readonly string[]>;
  /** Runs `forward`; copies the outputs into `outputTensors` and resolves to them. */
  execute(methodName: string, inputs: Tensor[], outputTensors: Tensor[]): Promise<Tensor[]>;
  /** Frees the model. */
  dispose(): void;
}

/**
 * Loads a model file.
 *
 * @throws RnExecuTorchError LOAD_FAILED, DOWNLOAD_FAILED.
 *
 * @example
 * ```ts
 * const model = await loadModel('/models/add.pte');
 * const sum = tensor('float32', [1]);
 * const one = tensor('float32', [1], Float32Array.of(1));
 * await model.execute('forward', [one, one], [sum]);
 * model.dispose();
 * ```
 */
export async function loadModel(modelPath: string): Promise<Model> {
  const module = new ExecutorchModule();
  await withV10Errors(() => module.load(modelPath), 'LOAD_FAILED');
  const schema = module.info as ModelInfo;
  return {
    path: modelPath,
    schema,
    backends: { [schema.method]: schema.segments > 0 ? ['XnnpackBackend'] : [] },
    dispose: () => module.delete(),
    execute: (methodName, inputs, outputTensors) =>
      withV10Errors(() => run(module, methodName, inputs, outputTensors), 'EXECUTION_FAILED'),
  };
}

async function run(
  module: ExecutorchModule,
  method: string,
  inputs: Tensor[],
  outputs: Tensor[],
): Promise<Tensor[]> {
  if (module.info && method !== module.info.method) {
    throw RnExecuTorchError(
      'INVALID_ARGUMENT',
      `Method '${textOf(method)}' is not loaded; '${module.info.method}' is.`,
    );
  }
  const results = await module.forward(inputs.map((one) => one.toPointer()));
  results.forEach(({ dataPtr }, i) => outputs[i]?.setBytes(asBytes(dataPtr) ?? new Uint8Array()));
  return outputs;
}

/** An asynchronous version of any function. The web has no worklet runtime: the function runs here. */
export function wrapAsync<Args extends unknown[], R>(
  fn: (...args: Args) => R,
  _runtime?: unknown,
): (...args: Args) => Promise<Awaited<R>> {
  if (typeof fn !== 'function') {
    throw RnExecuTorchError('INVALID_ARGUMENT', `wrapAsync() takes a function, got ${typeof fn}.`);
  }
  const call = async (...args: Args) => fn(...args);
  return call as (...args: Args) => Promise<Awaited<R>>;
}

/** Stands for the worklet runtime that the web does not have. */
export const defaultWorkletRuntime = /* @__PURE__ */ Object.freeze({ name: 'web' });

/** Keeps things that must be disposed of together. */
export function createResourceScope() {
  const held: { dispose(): void }[] = [];
  return {
    track<T extends { dispose(): void }>(resource: T): T {
      const isDisposable = withV10ErrorsNow(() => typeof resource?.dispose === 'function');
      if (!isDisposable) {
        throw RnExecuTorchError('INVALID_ARGUMENT', 'track() takes what has a function dispose().');
      }
      held.push(resource);
      return resource;
    },
    dispose(): void {
      for (const resource of held.splice(0).reverse()) resource.dispose();
    },
  };
}

/** Backends that model files may be exported for. */
export function getRegisteredBackends(): readonly string[] {
  return ['XnnpackBackend'];
}

/**
 * Inputs and outputs of a model file.
 *
 * @throws as loadModel.
 *
 * @example
 * ```ts
 * const { inputs, outputs } = (await inspectModel('/models/add.pte')).schema;
 * ```
 */
export async function inspectModel(source: string) {
  const model = await loadModel(source);
  model.dispose();
  return { source, schema: model.schema, backends: model.backends };
}

/** Nothing is ever reported to anybody. */
export function setTelemetryEnabled(_isEnabled: boolean): void {
  // There is nothing to switch.
}
