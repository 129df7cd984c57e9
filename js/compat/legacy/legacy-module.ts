/** What the classes of 0.7 to 0.10's legacy API share: a module of ours, and the errors of 0.9. */
import type { ExecutorchError } from '../../base/errors.js';
import type { ResourceSource } from '../../base/types.js';
import type { ModelInfo, Timings } from '../../core/types.js';
import type { LoadableModule } from '../../hooks/controller.js';
import type { Preprocessor } from '../../images/types.js';
import { withLegacyErrors } from './errors.js';
import type { LabelEnum } from './labels.js';

export type Progress = (progress: number) => void;

/** What fromCustomModel of classifiers and segmenters wants beside the file. */
export interface CustomModelConfig<L extends LabelEnum = LabelEnum> {
  /** Classes: name → place in the output. */
  labelMap: L;
  /** Normalisation that the model does not contain. */
  preprocessorConfig?: Preprocessor;
}

/** A model of 0.7 (its file alone), of 0.8 and later (with its name), or one of ours (with labels). */
export interface LabelledModelSource {
  /** The file. */
  modelSource: ResourceSource;
  /** Its name, which says its classes and normalisation. */
  modelName?: string;
  /** Names of its classes. */
  labels?: readonly string[];
  /** Normalisation that the model does not contain. */
  preprocessor?: Preprocessor;
}

/** A model for our module, in a list: callers' models may be thenable, and promises would wait for them. */
export type Translated<Ours> = readonly [Ours];

/** Loads the model that `describe` gives into a module that has just been made: the rest of every factory. */
export function loaded<Model extends object, Module extends LoadableModule<Model>>(
  module: Module,
  describe: () => Model,
  onDownloadProgress?: Progress,
): Promise<Module> {
  return withLegacyErrors(async () => {
    await module.load(describe(), onDownloadProgress);
    return module;
  });
}

interface Shaped {
  getInputShape(methodName: string, index: number): Promise<number[]>;
}

/** `Model` as callers describe it, `Ours` as our module takes it. */
export abstract class LegacyModule<Model, Ours, Module extends LoadableModule<Ours> & Shaped> {
  protected constructor(protected readonly ours: Module) {}

  /** The same model for our module. */
  protected abstract translate(model: Model): Translated<Ours> | Promise<Translated<Ours>>;

  /** 0.7: loads the model; `options` beyond it. @throws RnExecutorchError with the codes of 0.9. */
  load(
    model: Model,
    onDownloadProgress?: Progress,
    options?: { signal?: AbortSignal },
  ): Promise<void> {
    return withLegacyErrors(async () => {
      const [translated] = await this.translate(model);
      await this.ours.load(translated, onDownloadProgress, options);
    });
  }

  /** Sizes of an input of the loaded model. @throws RnExecutorchError with the codes of 0.9. */
  getInputShape(methodName: string, index: number): Promise<number[]> {
    return withLegacyErrors(() => this.ours.getInputShape(methodName, index));
  }

  /** Frees the model. */
  delete(): void {
    this.ours.delete();
  }

  /** Camera frames of VisionCamera: not on the web. */
  get runOnFrame(): null {
    return null;
  }

  /** Called when the loaded model is lost without anybody having asked anything of it. */
  set onLost(listener: ((error: ExecutorchError) => void) | undefined) {
    this.ours.onLost = listener;
  }

  /** What the loaded model is made of. Beyond 0.9, as is `timings`. */
  get info(): ModelInfo | undefined {
    return this.ours.info;
  }

  /** Milliseconds of each stage of the last run on a picture. */
  get timings(): Timings | undefined {
    return this.ours.timings;
  }
}
