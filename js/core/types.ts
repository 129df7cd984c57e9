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
  /** Type of the elements: a number of {@link ScalarType}. */
  scalarType: number;
  /** Name of the type, such as 'f32'. */
  type: string;
  /** The shape; the upper bounds of dimensions that are dynamic. */
  sizes: number[];
  /** True when some dimensions may be smaller than `sizes`. */
  dynamic: boolean;
  /** Dimensions of an input that the caller may choose, where `sizes` has those for which the model is prepared at present. */
  freeDims?: number[];
  /** As the file names it; not there when it does not. */
  name?: string;
  /** Of 8-bit tensors that stand for reals: real = scale * (value - zeroPoint). */
  scale?: number;
  /** The 8-bit value that stands for 0. */
  zeroPoint?: number;
}

/** A file that a `.tflite` carries or names. */
export interface AssociatedFile {
  /** Its name in the archive. */
  name: string;
  /** The author's words. */
  description?: string;
  /** What it holds: names of classes or of values, a calibration, anything else. */
  kind: 'axisLabels' | 'valueLabels' | 'scoreCalibration' | 'other';
  /** Language of labels, such as 'en'. */
  locale?: string;
  /** Lines of labels and calibrations; not there when the file is missing. */
  lines?: string[];
}

/** What a `.tflite` says about one of its inputs or outputs. */
export interface TensorMetadata {
  /** The tensor's name. */
  name: string;
  /** The author's words. */
  description?: string;
  /** What the numbers are. */
  content?: 'feature' | 'image' | 'boundingBox' | 'audio';
  /** Colours of a picture. */
  colorSpace?: 'rgb' | 'grayscale';
  /** Normalisation of a picture's pixels, 0..255: (pixel - mean) / std; one value, or one per channel. */
  mean?: number[];
  /** The deviation of that normalisation. */
  std?: number[];
  /** Least values, one or one per channel. */
  min?: (number | null)[];
  /** Greatest values, likewise. */
  max?: (number | null)[];
  /** Least score that counts, 0..1. */
  scoreThreshold?: number | null;
  /** How scores become calibrated ones: the parameters are in a file. */
  scoreCalibration?: {
    /** What is done to a score before the sigmoid. */
    transformation: 'identity' | 'log' | 'inverseLogistic';
    /** Score of classes without parameters. */
    defaultScore: number | null;
  };
  /** Files of this tensor: labels, calibrations. */
  files?: AssociatedFile[];
}

/** What a `.tflite` says about itself. */
export interface ModelMetadata {
  /** The model's name. */
  name: string;
  /** The author's words. */
  description?: string;
  /** The model's version. */
  version?: string;
  /** Who made it. */
  author?: string;
  /** Under which licence. */
  license?: string;
  /** Oldest reader of metadata that understands all of this. */
  minParserVersion?: string;
  /** Files of the whole model. */
  files?: AssociatedFile[];
  /** What it says about each input. */
  inputs?: TensorMetadata[];
  /** What it says about each output. */
  outputs?: TensorMetadata[];
  /** What turns a segmenter's output into probabilities (MediaPipe). */
  activation?: 'none' | 'sigmoid' | 'softmax';
}

/** What a loaded model is made of. */
export interface ModelInfo {
  /** File format: 'pte' or 'tflite'. */
  format: string;
  /** Bytes of the file; null while nobody knows. */
  fileBytes: number | null;
  /** All methods of the file. */
  methods: string[];
  /** The loaded one. */
  method: string;
  /** What the loaded method takes. */
  inputs: TensorInfo[];
  /** What it gives. */
  outputs: TensorInfo[];
  /** True where the picture, and maps with it, have their channels last: [1, height, width, 3]. */
  channelsLast?: boolean;
  /** Portable operators by name, with their number of uses. */
  kernels: Record<string, number>;
  /** XNNPACK nodes by name, with their number of uses. */
  nodes: Record<string, number>;
  /** Parts that run as one XNNPACK runtime each. */
  segments: number;
  /** Instructions of the loaded method; each segment is one. */
  steps: number;
  /** Where its memory goes, in bytes. */
  memory: {
    /** Weights and other constants in the file. */
    constantBytes: number;
    /** Those that are kept as they are in the file. */
    residentBytes: number;
    /** Those that XNNPACK keeps, packed for its kernels. */
    packedBytes: number;
    /** Working memory for values between the steps. */
    plannedBytes: number;
    /** The graph itself. */
    metadataBytes: number;
  };
  /** Of `.tflite` files only. */
  metadata?: ModelMetadata;
  /** Who made the file, as far as it says. */
  converter?: string;
  /** Oldest TensorFlow Lite that can run the file, as far as it says. */
  minRuntimeVersion?: string;
  /** What is wrong with the metadata; the model runs all the same. */
  warnings?: string[];
}

/** Time of one operator in the last run of a model that was loaded with `profile: true`. */
export interface OperatorTime {
  /** As XNNPACK or the portable kernel calls it. */
  name: string;
  /** Segment that it is part of; null for portable kernels. */
  segment: number | null;
  /** Time in microseconds. */
  microseconds: number;
}

/** Milliseconds per stage of the last image task. */
export interface Timings {
  /** Fetching and decoding the picture. */
  decode: number;
  /** Resizing and normalising. */
  prepare: number;
  /** The model itself. */
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
