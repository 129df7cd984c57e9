/** What a constant of a model says: where its file is, how pictures are normalised for it, and its classes. */
import type { Freshness } from '../base/resource-config.js';
import type { ResourceSource } from '../base/types.js';
import type { PictureSize, Preprocessor } from '../images/types.js';
import type { ModelUpdate, RetryNotice } from '../sources/source.js';

/** Mean and standard deviation that go with a model. */
export interface PictureModel {
  /** The file: its address, a File or Blob, bytes, or what a bundler makes of importing it. */
  modelSource: ResourceSource;
  /** The data file (`.ptd`) with weights that the model does not hold itself. Default: none. */
  dataSource?: ResourceSource;
  /** Normalisation that the model needs and does not contain. Default: pixels / 255. */
  preprocessor?: Preprocessor;
  /** Size to which pictures are resized, for `.tflite` files that leave it free. Default: each picture's own. */
  inputSize?: PictureSize;
  /** Whether a stored file is compared with the server's. Default: as configured, else 'background'. */
  freshness?: Freshness;
  /** Method of the file that is run, where it has several. Default: 'forward', or the only one. */
  method?: string;
  /** Told when the server had another file, which is what the next load uses; that of load()'s options comes first. */
  onUpdate?: (update: ModelUpdate) => void;
  /** Told of every failure of the network after which the download tries again; that of load()'s options comes first. */
  onRetry?: (notice: RetryNotice) => void;
}

/** A classifier: its file, and what its classes are called. */
export interface ClassificationModel extends PictureModel {
  /** Name of each class, in the order of the model's output. Default: the 1000 of ImageNet-1k. */
  labels?: readonly string[];
}

/** A segmenter: its file, how pictures are normalised for it, and its classes. */
export interface SegmentationModel extends PictureModel {
  /**
   * Name of each class, in the order of the model's output; results are then keyed by name and 'ARGMAX'.
   * Default: the 21 of DeeplabLabel, and results are keyed by its numbers.
   */
  labels?: readonly string[];
}

/** An embedder: its file, and how pictures are normalised for it. */
export type EmbeddingsModel = PictureModel;

/** A text encoder: its file, and the `tokenizer.json` that belongs to it. */
export interface TextEmbeddingsModel extends Pick<
  PictureModel,
  'modelSource' | 'dataSource' | 'freshness' | 'method' | 'onUpdate' | 'onRetry'
> {
  /** The `tokenizer.json` of the model, in the same ways. */
  tokenizerSource: ResourceSource;
}
