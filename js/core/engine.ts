/**
 * One model in one wasm instance: loads it piece by piece, runs it, copies results out once.
 *
 * Calls are synchronous and must not overlap; only load() waits, for bytes.
 */
import {
  ErrorCode,
  ExecutorchError,
  isExecutorchError,
  notLoaded,
  throwIfAborted,
} from '../base/errors.js';
import { counted, shownValue } from '../base/option-words.js';
import { openMemory } from '../sources/plain.js';
import type { ByteSource } from '../sources/source.js';
import { readWhole, withSize } from '../sources/whole.js';
import type { ImageSlot, Outcome, RawModule, TensorSlot } from '../../wasm/module.js';
import { Heap, outOfMemory } from './heap.js';
import { isSize, sameShapes, shapesFor } from './input-sizes.js';
import { inSingular } from './plurals.js';
import { ThreadTrial } from './thread-trial.js';
import type {
  EngineLoadOptions,
  ModelInfo,
  OperatorTime,
  TensorData,
  TensorInfo,
} from './types.js';
import type { Cut, ImageOptions, Picture, PictureSize, Region } from '../images/types.js';

/** Stands for the core's own limit of pixels. */
const OWN_LIMIT = 0;

/** Takes the value out of an outcome or throws its error. */
function take<T>({ code, message, value }: Outcome<T>): T {
  if (code !== 0) throw new ExecutorchError(code, inSingular(message));
  return value;
}

export class Engine {
  private readonly heap: Heap;
  private model = 0;
  /** What is known of the model; asking the core costs a text of all of it. */
  private inputs: readonly TensorInfo[] = [];
  private outputCount = 0;
  private trial = new ThreadTrial();
  /** Of models whose inputs may have other sizes: the file, to be loaded again with them. */
  private again: { bytes: Uint8Array; options: EngineLoadOptions } | undefined;

  constructor(private readonly raw: RawModule) {
    this.heap = new Heap(raw);
  }

  /** Bytes of wasm memory at present. */
  get heapBytes(): number {
    return this.raw.heapBytes();
  }

  /** Loads the model from `source`, which stays open. A model that was loaded before is freed. */
  async load(
    source: ByteSource,
    options: EngineLoadOptions = {},
    signal?: AbortSignal,
  ): Promise<ModelInfo> {
    this.unload();
    checkOutputLimit(options.maxOutputBytes);
    const sized = await withSize(source);
    const info = this.use(await this.build(sized, options, signal), options);
    if (info.inputs.some(({ freeDims }) => freeDims)) {
      this.again = { bytes: await readWhole(sized), options };
    }
    return info;
  }

  unload(): void {
    if (this.model !== 0) this.raw.modelFree(this.model);
    this.model = 0;
    this.again = undefined;
  }

  /**
   * Makes the model ready for inputs of these shapes, where its file leaves sizes free: it is loaded again, and stays
   * as it was when that fails. Shapes that cannot be are left to run(), which refuses them.
   */
  async fit(shapes: readonly (readonly number[])[], signal?: AbortSignal): Promise<void> {
    if (!this.again || sameShapes(this.inputs, shapes)) return;
    const { bytes, options } = this.again;
    const model = await this.build(openMemory(bytes, {}), options, signal, shapes.flat());
    this.raw.modelFree(this.model);
    this.use(model, options);
  }

  /** The same for a picture, which is as large as it is unless the caller wants another size of it. */
  async fitPicture(
    picture: PictureSize,
    wanted?: PictureSize,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.again || wanted) await this.fit(shapesFor(this.inputs, picture, wanted), signal);
  }

  info(): ModelInfo {
    return JSON.parse(this.raw.modelInfo(this.loaded())) as ModelInfo;
  }

  /** The graph as text, for bug reports. */
  dump(): string {
    return this.raw.modelDump(this.loaded());
  }

  profile(): OperatorTime[] {
    return JSON.parse(this.raw.profile(this.loaded())) as OperatorTime[];
  }

  /** Raw tensors in and out. */
  run(inputs: readonly TensorData[]): TensorData[] {
    const model = this.loaded();
    inputs.forEach(({ scalarType, sizes, data }, index) => {
      const slot = take(this.raw.setInput(model, index, scalarType, sizes));
      if (slot.byteLength !== data.byteLength) {
        throw new ExecutorchError(
          ErrorCode.WrongDimensions,
          `Input ${index} of shape [${sizes.join(', ')}] takes ${slot.byteLength} bytes, got ${data.byteLength}.`,
        );
      }
      this.heap.write(slot.ptr, new Uint8Array(data));
    });
    this.expectInputs(inputs.length);
    this.execute();
    return Array.from({ length: this.outputCount }, (_, index) => this.output(index));
  }

  /** Decodes a picture, applies region and rotation. Free the handle with freeImage. */
  decode(picture: Picture, { region, turns = 0, maxPixels = OWN_LIMIT }: Cut = {}): ImageSlot {
    const image = this.decodeWhole(picture, maxPixels);
    if (!region && turns === 0) return image;
    try {
      const { x, y, width, height } = regionWithin(image, region);
      return take(this.raw.imageCrop(image.handle, x, y, width, height, turns));
    } catch (error) {
      this.freeImage(image);
      throw error;
    }
  }

  /** EXIF orientation 1..8 of an encoded JPEG, PNG or WebP; 1 when there is none. */
  orientation(bytes: Uint8Array): number {
    return this.heap.with(bytes, (ptr) => this.raw.imageOrientation(ptr, bytes.byteLength));
  }

  freeImage({ handle }: ImageSlot): void {
    this.raw.imageFree(handle);
  }

  /** The stretch that setImage makes, as a new image. */
  resize({ handle }: ImageSlot, { width, height }: PictureSize): ImageSlot {
    return take(this.raw.imageResize(handle, width, height));
  }

  /** Pixels of an image, RGB rows without padding. */
  pixels({ handle }: ImageSlot): Uint8Array {
    const { ptr, byteLength } = this.raw.imagePixels(handle);
    if (ptr === 0) throw outOfMemory(byteLength);
    try {
      return new Uint8Array(this.heap.read(ptr, byteLength));
    } finally {
      this.raw.free(ptr);
    }
  }

  /** Makes the image the input of the next run. */
  setImage({ handle }: ImageSlot, { preprocessor }: ImageOptions = {}): void {
    this.expectInputs(1);
    const { normMean = [], normStd = [] } = preprocessor ?? {};
    take(this.raw.setInputImage(this.loaded(), 0, handle, [...normMean], [...normStd]));
  }

  /** Runs the model on the inputs that are set. */
  execute(): void {
    const model = this.loaded();
    this.trial.time(() => take(this.raw.run(model)));
  }

  output(index = 0): TensorData {
    return this.copyOut(take(this.raw.output(this.loaded(), index)));
  }

  /** Result of a task from the last run on a picture of this size; numbers are the task's arguments. */
  task(name: string, { width, height }: PictureSize, numbers: readonly number[]): TensorData[] {
    const slots = take(this.raw.task(this.loaded(), name, width, height, [...numbers]));
    return slots.map((slot) => this.copyOut(slot));
  }

  /** Loads a model, beside the one that is there. */
  private async build(
    source: ByteSource,
    options: EngineLoadOptions,
    signal?: AbortSignal,
    inputSizes?: number[],
  ): Promise<number> {
    const { size: fileSize = -1, dataSize = 0 } = source;
    const { inputSize, ...rest } = options;
    const sizes = {
      ...(inputSizes && { inputSizes }),
      ...(isSize(inputSize) && { pictureSize: [inputSize!.height, inputSize!.width] }),
    };
    const load = take(this.raw.loadBegin({ ...rest, ...sizes, fileSize, dataSize }));
    let open = true;
    try {
      await this.feed(load, source, signal);
      open = false;
      return take(this.raw.loadFinish(load));
    } catch (error) {
      throw withMemory(error, fileSize + dataSize, this.heapBytes);
    } finally {
      if (open) this.raw.loadFree(load);
    }
  }

  private use(model: number, { threads }: EngineLoadOptions): ModelInfo {
    this.model = model;
    this.trial = new ThreadTrial(threads, (count) => this.raw.limitThreads?.(count));
    const info = this.info();
    this.inputs = info.inputs;
    this.outputCount = info.outputs.length;
    return info;
  }

  /** Answers the loader's wants one after another. */
  private async feed(load: number, source: ByteSource, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const { offset, size } = this.raw.loadWant(load);
      if (size === 0) return;
      throwIfAborted(signal);
      const bytes = await source.read(offset, size);
      if (bytes.byteLength === 0) {
        throw new ExecutorchError(
          ErrorCode.InvalidProgram,
          `The model file is truncated: it ends before byte ${offset + size}.`,
        );
      }
      // Another call may have grown the memory while we waited; the address itself never changes.
      const { ptr } = this.raw.loadWant(load);
      this.heap.write(ptr, bytes);
      take(this.raw.loadAdvance(load, bytes.byteLength));
    }
  }

  private decodeWhole(picture: Picture, maxPixels: number): ImageSlot {
    if ('bytes' in picture) {
      const { bytes } = picture;
      return this.heap.with(bytes, (ptr) =>
        take(this.raw.imageDecode(ptr, bytes.byteLength, maxPixels)),
      );
    }
    const { data, width, height, channels, orientation = 1 } = picture;
    const ptr = this.heap.copyIn(data);
    const stride = width * channels;
    const made = this.raw.imageFromPixels(ptr, width, height, channels, stride, maxPixels);
    if (made.code !== 0) this.raw.free(ptr);
    const image = take(made);
    return orientation === 1 ? image : this.raw.imageOrient(image.handle, orientation);
  }

  private expectInputs(count: number): void {
    this.loaded();
    const wanted = this.inputs.length;
    if (wanted === count) return;
    throw new ExecutorchError(
      ErrorCode.UnexpectedNumInputs,
      `The model takes ${counted(wanted, 'input')}, got ${count}.`,
    );
  }

  private loaded(): number {
    if (this.model === 0) throw notLoaded();
    return this.model;
  }

  private copyOut({ scalarType, sizes, ptr, byteLength }: TensorSlot): TensorData {
    return { scalarType, sizes: [...sizes], data: this.heap.read(ptr, byteLength) };
  }
}

const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** An error of memory says what was needed and what there was; others stay. */
function withMemory(error: unknown, fileSize: number, heapBytes: number): unknown {
  const { MemoryAllocationFailed, DelegateMemoryAllocationFailed } = ErrorCode;
  const isOfMemory = [MemoryAllocationFailed, DelegateMemoryAllocationFailed].some((code) =>
    isExecutorchError(error, code),
  );
  if (!isOfMemory) return error;
  const { code, message } = error as ExecutorchError;
  const needed = fileSize > 0 ? `A file of ${mib(fileSize)} needs about as much memory. ` : '';
  return new ExecutorchError(
    code,
    `${message.replace(/\.$/, '')}. ${needed}The core has ${mib(heapBytes)}, and the browser gives it no more: delete() ` +
      'models that are not used, close other pages, or take a smaller or quantised model.',
    { cause: error },
  );
}

function checkOutputLimit(bytes: number | undefined): void {
  if (bytes === undefined || (Number.isInteger(bytes) && bytes > 0 && bytes < 2 ** 32)) return;
  throw new ExecutorchError(
    ErrorCode.InvalidArgument,
    `maxOutputBytes is a number of bytes, 1 to ${2 ** 32 - 1}; got ${shownValue(bytes)}.`,
  );
}

function regionWithin(image: PictureSize, region: Region | undefined): Region {
  const { x, y, width, height } = region ?? { x: 0, y: 0, ...image };
  if (width > 0 && height > 0 && x + width <= image.width && y + height <= image.height) {
    return { x, y, width, height };
  }
  throw new ExecutorchError(
    ErrorCode.InvalidArgument,
    `The region ${width}x${height} at (${x}, ${y}) is not inside the picture of ${image.width}x${image.height}.`,
  );
}
