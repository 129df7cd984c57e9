/** What crosses the border between the modules and an engine. Everything here can be cloned. */

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
  /** Rewrite the graph where that saves time and keeps its values. Default true. */
  optimize?: boolean;
}
