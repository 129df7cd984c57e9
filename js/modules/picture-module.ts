/** What modules for pictures share: the options of a picture, and the way through a task. */
import { ErrorCode, guarded, worded, type ExecutorchError } from '../base/errors.js';
import { wrongOptions, wrongSignal } from '../base/options.js';
import { isList } from '../base/platform.js';
import type { PictureModel } from '../constants/model-types.js';
import type { ModelInfo } from '../core/types.js';
import { IMAGE_OPTIONS } from '../images/options.js';
import { prepareImage } from '../images/prepare.js';
import type { ImageSource, Region } from '../images/types.js';
import { isPreprocessor, statedPreprocessor, type Task } from '../tasks/task.js';
import type { VideoFrameInfo, VideoOptions, VideoSource, VideoTotals } from '../video/types.js';
import type { TaskOptions } from '../worker/host.js';
import { BaseModule, pick, type LoadOptions, type ProgressCallback } from './base-module.js';

/** Extras of forward() for pictures; all optional. */
export interface ImageForwardOptions {
  /** Gives up waiting for the result. */
  signal?: AbortSignal;
  /** Part of the upright picture to look at, in its pixels. Default: all of it. */
  region?: Region;
  /** Degrees by which to turn the picture clockwise before it is used, a multiple of 90. Default 0. */
  rotation?: number;
  /** Largest picture that is decoded, in pixels. Default 2^26 (64 megapixels). */
  maxPixels?: number;
}

/** How a module runs on videos. */
interface VideoRow<Options> {
  /** Names of its own options, and what the task makes of them. */
  own: readonly string[];
  select: (settings: object) => Options;
}

/** A model for pictures that are given to one task. */
export abstract class PictureModule<
  Model extends PictureModel,
  Known,
  Options,
  Result,
> extends BaseModule {
  private current: { model: Model; known: Known } | undefined;

  protected constructor(private readonly task: Task<Model, Known, Options, Result>) {
    super();
  }

  /**
   * Downloads (unless it is stored) and loads a model. One that was loaded before is freed, a pending load is
   * aborted.
   *
   * @param onDownloadProgressCallback Told the share of the file that has arrived, 0..1.
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, InvalidProgram and other codes
   * of the loader, InvalidConfig when the model does not fit the task or its labels, InvalidUserInput, Aborted.
   */
  load(
    model: Model,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    return guarded(async () => {
      const given = copyOf(model);
      if (!given) throw await noModel(model);
      const current: { model: Model; known?: Known } = { model: given };
      const check = async (info: ModelInfo) => {
        current.known = await this.task.check(info, given);
        given.preprocessor ??= await statedPreprocessor(info);
      };
      await this.loadModel(given, onDownloadProgressCallback, options, check);
      this.current = current as { model: Model; known: Known };
    });
  }

  /**
   * Runs the model on a picture and presents the result of the task.
   *
   * @param own Names of options of the task's own.
   */
  protected apply(
    imageSource: ImageSource,
    options: Options,
    settings: ImageForwardOptions | undefined,
    own: readonly string[] = [],
  ): Promise<Result> {
    return guarded(async () => {
      const names = ['signal', ...IMAGE_OPTIONS, ...own];
      const { signal } = settings ?? {};
      const wrong = wrongOptions('options', settings, names) ?? wrongSignal('options', signal);
      if (wrong) throw await wrong;
      const { host } = this.loaded();
      const { known } = this.current!;
      const request = await this.requestFor(options, settings ?? {});
      const image = await prepareImage(imageSource);
      const { outputs, timings } = await host.task(
        this.task.name,
        image,
        request,
        pick({ signal }),
      );
      this.keepTimings(timings);
      return this.task.present(outputs, known, options);
    });
  }

  /**
   * Runs the model on a video. The code for it is fetched by the first call.
   *
   * @param settings As the caller gave them, unchecked.
   */
  protected watch(
    source: VideoSource,
    callback: (result: Result, frame: VideoFrameInfo) => unknown,
    settings: VideoOptions & ImageForwardOptions = {},
    { own, select }: VideoRow<Options>,
  ): Promise<VideoTotals> {
    return guarded(async () => {
      const { checkVideo, runOnVideo } = await import('../video/run-on-video.js');
      await checkVideo(callback, settings, own);
      const { host, info } = this.loaded();
      const { known } = this.current!;
      const options = select(settings);
      const request = await this.requestFor(options, settings);
      const task = { host, info, name: this.task.name, options: request };
      return runOnVideo(source, settings, task, ({ outputs, timings }, frame) => {
        this.keepTimings(timings);
        return callback(this.task.present(outputs, known, options), frame);
      });
    });
  }

  private async requestFor(options: Options, settings: ImageForwardOptions): Promise<TaskOptions> {
    const { model, known } = this.current!;
    const { region, rotation, maxPixels } = settings;
    const numbers = await this.task.run(known, options);
    const { preprocessor, inputSize } = model;
    return { ...pick({ region, rotation, maxPixels, preprocessor, inputSize }), numbers };
  }
}

/** A copy of what the caller calls a model, so that it cannot change meanwhile; undefined when it is none. */
function copyOf<Model extends PictureModel>(model: Model): Model | undefined {
  const { modelSource, labels, method, preprocessor } = (model ?? {}) as Model & {
    labels?: unknown;
  };
  const isModel =
    modelSource !== undefined &&
    (labels === undefined || (isList(labels) && labels.every(isText))) &&
    (method === undefined || isText(method)) &&
    isPreprocessor(preprocessor);
  return isModel ? { ...model } : undefined;
}

const isText = (value: unknown) => typeof value === 'string';

/** The refusal of what cannot be a model. */
function noModel(model: unknown): Promise<ExecutorchError> {
  const hasSource = (model as PictureModel | null | undefined)?.modelSource !== undefined;
  const code = hasSource ? ErrorCode.InvalidConfig : ErrorCode.InvalidModelSource;
  return worded(code, import('../tasks/words.js'), ({ ofModel }) => ofModel(model));
}
