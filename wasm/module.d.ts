/**
 * The raw module that wasm/bindings.cpp exports (the contract between C++ and js/core).
 *
 * Rules: handles are positive integers owned by the caller until the matching free; nothing throws; every
 * call that can fail returns {@link Outcome} with code 0 for success. Pointers are byte offsets into
 * HEAPU8 and stay valid until the next call that may allocate, unless said otherwise. After any call the
 * memory may have grown: take a fresh view of HEAPU8 before each access.
 */

/** Result of a fallible call: code is a number of src/base/status.def, message is '' on success. */
export interface Outcome<T = undefined> {
  code: number;
  message: string;
  value: T;
}

/** The bytes the loader wants next: copy file bytes [offset, offset+size) to ptr, in pieces if need be. */
export interface Want {
  /** Byte offset in the model file. */
  offset: number;
  /** Bytes that are still missing of this range; 0 = nothing more is wanted, call loadFinish. */
  size: number;
  /** Where byte `offset` goes. */
  ptr: number;
}

/** A tensor slot: numbers of ScalarType, logical shape, and where its bytes are (row-major). */
export interface TensorSlot {
  scalarType: number;
  sizes: number[];
  ptr: number;
  byteLength: number;
}

export interface ImageSlot {
  /** Image handle; free it with imageFree. */
  handle: number;
  /** Pixels after orientation. */
  width: number;
  height: number;
}

export interface LoadOptions {
  /** Method to load. Default 'forward', or the only one in the file. */
  method?: string;
  /** Size of the file in bytes; -1 when unknown (then truncation shows only when bytes run out). */
  fileSize: number;
  /** Bytes of a data file (`.ptd`), whose byte 0 is wanted as byte `fileSize`, which must be known. Default 0: none. */
  dataSize?: number;
  /** Sizes of all inputs, one after another, where the file leaves some free. Default: the file's. */
  inputSizes?: number[];
  /** Height and width that pictures will have, tried first where the file leaves sizes free. Default: unknown. */
  pictureSize?: number[];
  /** Run the graph passes (default true). Off only for tests. */
  optimize?: boolean;
  /** Threads to use (default 1; more only in the threads builds). */
  threads?: number;
  /** Keep time per operator (default false). */
  profile?: boolean;
  /** Bytes of all outputs of a run; at least 1. */
  maxOutputBytes?: number;
}

export interface RawModule {
  HEAPU8: Uint8Array;

  /** Version of the core, equal to package.json's; JS refuses another. */
  version(): string;
  /** Plain memory for bytes that JS hands in (encoded images, pixels). 0 when out of memory. */
  alloc(size: number): number;
  free(ptr: number): void;
  /** Bytes of wasm memory at present. */
  heapBytes(): number;

  loadBegin(options: LoadOptions): Outcome<number>;
  loadWant(load: number): Want;
  /** n more bytes of the current want have been copied to its ptr. May pack weights (a few ms). */
  loadAdvance(load: number, n: number): Outcome;
  /** All wants are satisfied: plans memory, returns the model handle. The load handle is consumed. */
  loadFinish(load: number): Outcome<number>;
  /** Abandons a load. */
  loadFree(load: number): void;

  /** JSON text: ModelInfo of js/core (methods, inputs, outputs, operators, segments, memory). */
  modelInfo(model: number): string;
  /** Text form of the graph, for bug reports. */
  modelDump(model: number): string;
  modelFree(model: number): void;

  /**
   * Announces input i of the next run; sizes must be those of the model (dynamic models: up to them).
   * Write the row-major bytes to ptr of the returned slot before run.
   */
  setInput(model: number, index: number, scalarType: number, sizes: number[]): Outcome<TensorSlot>;
  /**
   * Resizes an image to the model's input i ([1,3,H,W]) and writes (px - 255 mean) / (255 std): three
   * numbers each, or none for px / 255.
   */
  setInputImage(
    model: number,
    index: number,
    image: number,
    mean: number[],
    std: number[],
  ): Outcome;
  /** Runs the model; inputs must have been set since the previous run. */
  run(model: number): Outcome;
  /** How many of their threads models use from now on, at most; results do not depend on it. Builds with threads only. */
  limitThreads?(count: number): void;
  /** Output i of the last run; the bytes live until the next run or modelFree. */
  output(model: number, index: number): Outcome<TensorSlot>;
  /** JSON text: [{name, segment, microseconds}] of the last run; [] without profile. */
  profile(model: number): string;

  /**
   * Result of a task (src/task/tasks.def) from output 0 of the last run: slots, valid until the next call.
   * width and height are those of the picture, numbers the task's arguments (src/task/tasks.h).
   */
  task(
    model: number,
    name: string,
    width: number,
    height: number,
    numbers: number[],
  ): Outcome<TensorSlot[]>;

  /** Decodes an encoded image at ptr (orientation applied, 8 bits per channel). Does not free ptr. */
  imageDecode(ptr: number, size: number, maxPixels: number): Outcome<ImageSlot>;
  /**
   * From raw pixels: 1 (grey), 3 (RGB) or 4 (RGBA, alpha dropped) channels, rows of stride bytes. On success
   * the image owns ptr, which came from alloc.
   */
  imageFromPixels(
    ptr: number,
    width: number,
    height: number,
    channels: number,
    stride: number,
    maxPixels: number,
  ): Outcome<ImageSlot>;
  /** EXIF orientation 1..8 of an encoded JPEG, PNG or WebP; 1 when there is none. */
  imageOrientation(ptr: number, size: number): number;
  /** Turns the stored pixels of the image upright, in place. */
  imageOrient(image: number, orientation: number): ImageSlot;
  /** Narrows the image to a region (pixels) and turns it clockwise, in place. */
  imageCrop(
    image: number,
    x: number,
    y: number,
    width: number,
    height: number,
    quarterTurns: number,
  ): Outcome<ImageSlot>;
  /** The stretch that setInputImage makes, as a new image (tests, previews). */
  imageResize(image: number, width: number, height: number): Outcome<ImageSlot>;
  /** A copy of the pixels, HWC RGB (tests, previews): free ptr, which is 0 when out of memory. */
  imagePixels(image: number): { ptr: number; byteLength: number };
  imageFree(image: number): void;
}

declare const createModule: (options?: object) => Promise<RawModule>;
export default createModule;
