/**
 * What react-native-executorch 0.6 declares for the names that this library shares with it, written down from
 * its documentation and behaviour. published.test.ts compares these facts with the package itself where it is at hand.
 */
export type ResourceSource = string | number | object;

export declare enum ScalarType {
  BYTE = 0,
  CHAR = 1,
  SHORT = 2,
  INT = 3,
  LONG = 4,
  HALF = 5,
  FLOAT = 6,
  DOUBLE = 7,
  BOOL = 11,
  QINT8 = 12,
  QUINT8 = 13,
  QINT32 = 14,
  QUINT4X2 = 16,
  QUINT2X4 = 17,
  BITS16 = 22,
  FLOAT8E5M2 = 23,
  FLOAT8E4M3FN = 24,
  FLOAT8E5M2FNUZ = 25,
  FLOAT8E4M3FNUZ = 26,
  UINT16 = 27,
  UINT32 = 28,
  UINT64 = 29,
}

export type TensorBuffer =
  | ArrayBuffer
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface TensorPtr {
  dataPtr: TensorBuffer;
  sizes: number[];
  scalarType: ScalarType;
}

export declare enum DeeplabLabel {
  BACKGROUND = 0,
  AEROPLANE = 1,
  BICYCLE = 2,
  BIRD = 3,
  BOAT = 4,
  BOTTLE = 5,
  BUS = 6,
  CAR = 7,
  CAT = 8,
  CHAIR = 9,
  COW = 10,
  DININGTABLE = 11,
  DOG = 12,
  HORSE = 13,
  MOTORBIKE = 14,
  PERSON = 15,
  POTTEDPLANT = 16,
  SHEEP = 17,
  SOFA = 18,
  TRAIN = 19,
  TVMONITOR = 20,
  ARGMAX = 21,
}

type Progress = (progress: number) => void;
interface Preset {
  modelSource: ResourceSource;
}
interface HookProps {
  model: Preset;
  preventLoad?: boolean;
}
interface HookResult<Forward> {
  error: string | null;
  isReady: boolean;
  isGenerating: boolean;
  downloadProgress: number;
  forward: Forward;
}

/** As documented; the package itself declares any. */
interface Probabilities {
  [category: string]: number;
}
type Classify = (imageSource: string) => Promise<Probabilities>;
type Segment = (
  imageSource: string,
  classesOfInterest?: DeeplabLabel[],
  resize?: boolean,
) => Promise<{ [key in DeeplabLabel]?: number[] }>;
type Embed = (imageSource: string) => Promise<Float32Array>;
type Forward = (inputTensor: TensorPtr[]) => Promise<TensorPtr[]>;

export declare const useClassification: (props: HookProps) => HookResult<Classify>;
export declare const useImageSegmentation: (props: HookProps) => HookResult<Segment>;
export declare const useImageEmbeddings: (props: HookProps) => HookResult<Embed>;
export declare const useExecutorchModule: (props: {
  modelSource: ResourceSource;
  preventLoad?: boolean;
}) => HookResult<Forward>;

declare abstract class Module {
  getInputShape(methodName: string, index: number): Promise<number[]>;
  delete(): void;
}
export declare class ClassificationModule extends Module {
  load(model: Preset, onDownloadProgressCallback?: Progress): Promise<void>;
  forward(imageSource: string): Promise<Probabilities>;
}
export declare class ImageSegmentationModule extends Module {
  load(model: Preset, onDownloadProgressCallback?: Progress): Promise<void>;
  forward(
    imageSource: string,
    classesOfInterest?: DeeplabLabel[],
    resize?: boolean,
  ): Promise<{ [key in DeeplabLabel]?: number[] }>;
}
export declare class ImageEmbeddingsModule extends Module {
  load(model: Preset, onDownloadProgressCallback?: Progress): Promise<void>;
  forward(imageSource: string): Promise<Float32Array>;
}
export declare class ExecutorchModule extends Module {
  load(modelSource: ResourceSource, onDownloadProgressCallback?: Progress): Promise<void>;
  forward(inputTensor: TensorPtr[]): Promise<TensorPtr[]>;
}

export declare class ResourceFetcher {
  static fetch(callback?: Progress, ...sources: ResourceSource[]): Promise<string[] | null>;
  static pauseFetching(...sources: ResourceSource[]): Promise<void>;
  static resumeFetching(...sources: ResourceSource[]): Promise<void>;
  static cancelFetching(...sources: ResourceSource[]): Promise<void>;
  static listDownloadedFiles(): Promise<string[]>;
  static listDownloadedModels(): Promise<string[]>;
  static deleteResources(...sources: ResourceSource[]): Promise<void>;
  static getFilesTotalSize(...sources: ResourceSource[]): Promise<number>;
}

export declare const EFFICIENTNET_V2_S: { modelSource: string };
export declare const DEEPLAB_V3_RESNET50: { modelSource: string };
export declare const CLIP_VIT_BASE_PATCH32_IMAGE: { modelSource: string };
