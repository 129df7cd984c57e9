/** What modules for pictures share: the options of a picture, and the way through a task. */
import { checkOptions, checkSignal } from '../base/options.js';
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { PictureModel } from '../constants/model-types.js';
import { IMAGE_OPTIONS, checkImageOptions } from '../images/options.js';
import { prepareImage } from '../images/prepare.js';
import type { ImageSource, Region } from '../images/types.js';
import { expectPreprocessor, statedPreprocessor, type Task } from '../tasks/task.js';
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
   * Downloads (unless it is stored) and loads a model. One that was loaded before is freed, a load under way is
   * aborted.
   *
   * @param onDownloadProgressCallback Told the share of the file that has arrived, 0..1.
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, InvalidProgram and other codes
   * of the loader, InvalidConfig when the model does not fit the task or its labels, InvalidUserInput, Aborted.
   */
  async load(
    model: Model,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    const given = modelOf(model);
    const current: { model: Model; known?: Known } = { model: given };
    const settings = given.method === undefined ? options : { method: given.method, ...options };
    await this.loadModel(given.modelSource, onDownloadProgressCallback, settings, async (info) => {
      current.known = await this.task.check(info, given);
      given.preprocessor ??= statedPreprocessor(info);
    });
    this.current = current as { model: Model; known: Known };
  }

  /** Runs the model on a picture and presents the result of the task. */
  protected apply(
    imageSource: ImageSource,
    options: Options,
    settings: ImageForwardOptions,
  ): Promise<Result> {
    return this.guard(async () => {
      const { host } = this.loaded();
      const { known } = this.current!;
      const { signal } = settings;
      checkSignal('forward()', signal);
      const request = this.requestFor(options, settings);
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
    return this.guard(async () => {
      const { checkVideo, runOnVideo } = await import('../video/run-on-video.js');
      checkVideo(callback, settings, own);
      const { host, info } = this.loaded();
      const { known } = this.current!;
      const options = select(settings);
      const request = this.requestFor(options, settings);
      const task = { host, info, name: this.task.name, options: request };
      return runOnVideo(source, settings, task, ({ outputs, timings }, frame) => {
        this.keepTimings(timings);
        return callback(this.task.present(outputs, known, options), frame);
      });
    });
  }

  private requestFor(options: Options, settings: ImageForwardOptions): TaskOptions {
    checkImageOptions(settings);
    const { model, known } = this.current!;
    const { region, rotation, maxPixels } = settings;
    const numbers = this.task.run(known, options);
    const { preprocessor, inputSize } = model;
    return { ...pick({ region, rotation, maxPixels, preprocessor, inputSize }), numbers };
  }
}

/** Refuses option names that forward() of pictures does not know, beside `own`. */
export function checkForwardOptions(options: unknown, own: readonly string[] = []): void {
  checkOptions('forward()', options, ['signal', ...IMAGE_OPTIONS, ...own]);
}

/** A copy of what the caller calls a model, so that it cannot change under way. */
function modelOf<Model extends PictureModel>(model: Model): Model {
  if (typeof model !== 'object' || model === null || model.modelSource === undefined) {
    throw new ExecutorchError(
      ErrorCode.InvalidModelSource,
      `load() takes { modelSource }, or a constant of a model; got ${model === null ? 'null' : typeof model}.`,
    );
  }
  const { labels } = model as { labels?: unknown };
  const isList = Array.isArray(labels) && labels.every((label) => typeof label === 'string');
  if (labels !== undefined && !isList) {
    throw new ExecutorchError(ErrorCode.InvalidConfig, 'labels is a list of names of classes.');
  }
  if (model.method !== undefined && typeof model.method !== 'string') {
    throw new ExecutorchError(
      ErrorCode.InvalidConfig,
      'method is the name of a method of the file.',
    );
  }
  expectPreprocessor(model.preprocessor);
  return { ...model };
}
