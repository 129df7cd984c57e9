/** What crosses the border between the modules and an engine. Everything here can be cloned. */

import type { PictureSize } from '../images/types.js';

/** A tensor: row-major elements, their type, and the shape. */
export interface TensorData {
  scalarType: number;
  sizes: number[];
  data: ArrayBuffer;
}

/** Type and shape of an input or output; for dynamic ones the shape is the upper bound. */
export interface TensorInfo {
  scalarType: number;
  /** Name of the type, such as 'f32'. */
  type: string;
  sizes: number[];
  dynamic: boolean;
  /** Dimensions of an input that the caller may choose, where `sizes` has those for which the model is prepared at present. */
  freeDims?: number[];
  /** As the file names it; not there when it does not. */
  name?: string;
  /** Of 8-bit tensors that stand for reals: real = scale * (value - zeroPoint). */
  scale?: number;
  zeroPoint?: number;
}

/** A file that a `.tflite` carries or names. */
export interface AssociatedFile {
  name: string;
  description?: string;
  kind: 'axisLabels' | 'valueLabels' | 'scoreCalibration' | 'other';
  /** Language of labels, such as 'en'. */
  locale?: string;
  /** Lines of labels and calibrations; not there when the file is missing. */
  lines?: string[];
}

/** What a `.tflite` says about one of its inputs or outputs. */
export interface TensorMetadata {
  name: string;
  description?: string;
  content?: 'feature' | 'image' | 'boundingBox' | 'audio';
  colorSpace?: 'rgb' | 'grayscale';
  /** Normalisation of a picture's pixels, 0..255: (pixel - mean) / std; one value, or one per channel. */
  mean?: number[];
  std?: number[];
  min?: (number | null)[];
  max?: (number | null)[];
  scoreThreshold?: number | null;
  scoreCalibration?: {
    transformation: 'identity' | 'log' | 'inverseLogistic';
    defaultScore: number | null;
  };
  files?: AssociatedFile[];
}

/** What a `.tflite` says about itself. */
export interface ModelMetadata {
  name: string;
  description?: string;
  version?: string;
  author?: string;
  license?: string;
  minParserVersion?: string;
  files?: AssociatedFile[];
  inputs?: TensorMetadata[];
  outputs?: TensorMetadata[];
  /** What turns a segmenter's output into probabilities (MediaPipe). */
  activation?: 'none' | 'sigmoid' | 'softmax';
}

/** What a loaded model is made of. */
export interface ModelInfo {
  /** File format: 'pte' or 'tflite'. */
  format: string;
  fileBytes: number | null;
  /** All methods of the file. */
  methods: string[];
  /** The loaded one. */
  method: string;
  inputs: TensorInfo[];
  outputs: TensorInfo[];
  /** True where the picture, and maps with it, have their channels last: [1, height, width, 3]. */
  channelsLast?: boolean;
  /** Portable operators by name, with their number of uses. */
  kernels: Record<string, number>;
  /** XNNPACK nodes by name, with their number of uses. */
  nodes: Record<string, number>;
  /** Parts that run as one XNNPACK runtime each. */
  segments: number;
  steps: number;
  memory: {
    constantBytes: number;
    residentBytes: number;
    packedBytes: number;
    plannedBytes: number;
    metadataBytes: number;
  };
  /** Of `.tflite` files only. */
  metadata?: ModelMetadata;
  /** Who made the file, as far as it says. */
  converter?: string;
  minRuntimeVersion?: string;
  /** What is wrong with the metadata; the model runs all the same. */
  warnings?: string[];
}

/** Time of one operator in the last run of a model that was loaded with `profile: true`. */
export interface OperatorTime {
  name: string;
  /** Segment that it is part of; null for portable kernels. */
  segment: number | null;
  microseconds: number;
}

/** Milliseconds per stage of the last image task. */
export interface Timings {
  /** Fetching and decoding the picture. */
  decode: number;
  /** Resizing and normalising. */
  prepare: number;
  run: number;
  /** Softmax, maps, copying the result out. */
  task: number;
}

export interface EngineLoadOptions {
  /** Method to load. Default 'forward', or the only one of the file. */
  method?: string;
  /** Threads to use. Default 1; more need a threads build. */
  threads?: number;
  /** Keep time per operator. Default false. */
  profile?: boolean;
  /**
   * Most bytes that the outputs of one run may take together: a small file can name a large value many times. Models
   * with more are refused with OutOfResources. Default 268 435 456 (256 MiB).
   */
  maxOutputBytes?: number;
  /** Rewrite the graph where that saves time and keeps its values. Default true. */
  optimize?: boolean;
  /** Size that pictures will have where the file leaves it free: sizes that do not fit a network cannot be guessed. */
  inputSize?: PictureSize;
}
