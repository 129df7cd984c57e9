import { ErrorCode, guarded, worded, type ExecutorchError } from '../base/errors.js';
import { following } from '../base/following.js';
import { wrongOptions, wrongSignal, wrongType } from '../base/options.js';
import { tagOf } from '../base/platform.js';
import type { TextEmbeddingsModel } from '../constants/model-types.js';
import { floatsOf, misunderstood } from '../tasks/task.js';
import { textInputs, textInputsOf, type TextInputs } from '../tasks/text.js';
import { BaseModule, pick, type LoadOptions, type ProgressCallback } from './base-module.js';
import { TextTokenizer } from './text-tokenizer.js';

/** Extras of forward() for texts; all optional. */
export interface TextForwardOptions {
  /** Gives up waiting for the result. */
  signal?: AbortSignal;
  /**
   * Whether a token whose id is 0 counts. Default false, as in React Native ExecuTorch up to 0.9, which takes 0 for
   * padding; in CLIP's vocabulary it is an exclamation mark inside of a word.
   */
  attendsZero?: boolean;
}

/**
 * Turns a text into a vector. Vectors of CLIP's text encoder can be compared with those of its image encoder: see
 * rank().
 *
 * The model takes the ids of a text's tokens and an attention mask, i64 [1, tokens] each, and gives a vector, which is
 * handed on as it is: the published models pool and normalise inside the graph. A model with a dynamic number of tokens
 * gets as many as the text has, one with a fixed number gets padding. Texts that are too long lose their end: CLIP takes
 * 77 tokens, the two around the text included.
 *
 * @example
 * ```ts
 * const encoder = new TextEmbeddingsModule();
 * await encoder.load(CLIP_VIT_BASE_PATCH32_TEXT);
 * const vector = await encoder.forward('a photo of a cat');
 * encoder.delete();
 * ```
 */
export class TextEmbeddingsModule extends BaseModule {
  private current: { tokenizer: TextTokenizer; inputs: TextInputs } | undefined;

  /**
   * Downloads (unless they are stored) and loads a model and its tokenizer. One that was loaded before is freed, a
   * pending load is aborted.
   *
   * @param onDownloadProgressCallback Told the share of the model's file that has arrived, 0..1.
   * @throws ExecutorchError InvalidModelSource, ResourceFetcherDownloadFailed, TokenizerError, InvalidProgram and other
   * codes of the loader, InvalidConfig when the model is no text encoder, Aborted.
   */
  load(
    model: TextEmbeddingsModel,
    onDownloadProgressCallback?: ProgressCallback,
    options?: LoadOptions,
  ): Promise<void> {
    return guarded(async () => {
      const { modelSource, tokenizerSource } = (model ?? {}) as Partial<TextEmbeddingsModel>;
      if (modelSource === undefined || tokenizerSource === undefined) throw await noModel();
      const wrong = wrongSignal('load()', options?.signal);
      if (wrong) throw await wrong;
      // A tokenizer that cannot be fetched ends the download of the model, and is the reason to report.
      const both = following(options?.signal);
      const { signal } = both.controller;
      const tokenizing = TextTokenizer.load(tokenizerSource, signal);
      let failure: unknown;
      tokenizing.catch((error: unknown) => {
        failure ??= error;
        both.controller.abort(error);
      });
      const own = options === undefined || isPlain(options) ? { ...options, signal } : options;
      try {
        await this.loadModel(
          { ...model, modelSource },
          onDownloadProgressCallback,
          own,
          async (info) => {
            const inputs = await textInputsOf(info);
            this.current = { inputs, tokenizer: await tokenizing };
          },
        );
      } catch (error) {
        const reason = failure ?? error;
        both.controller.abort(reason);
        throw reason;
      } finally {
        both.stop();
      }
    });
  }

  /**
   * The embedding of a text: 512 numbers of length 1 for CLIP.
   *
   * @throws ExecutorchError ModuleNotLoaded, InvalidUserInput (no string, or no token in it), Aborted.
   */
  forward(input: string, options?: TextForwardOptions): Promise<Float32Array> {
    return guarded(async () => {
      const { signal, attendsZero = false } = options ?? {};
      const wrong =
        wrongOptions('forward()', options, ['signal', 'attendsZero']) ??
        wrongSignal('forward()', signal) ??
        wrongType('forward()', 'attendsZero', attendsZero, 'boolean');
      if (wrong) throw await wrong;
      const { host } = this.loaded();
      const { tokenizer, inputs } = this.current!;
      const ids = typeof input === 'string' ? tokenizer.encode(input, inputs.most) : [];
      if (ids.length === 0) throw await misunderstood(({ ofText }) => ofText(input));
      const tensors = textInputs(inputs, ids, tokenizer.padding, attendsZero);
      const [vector] = await host.run(tensors, pick({ signal }));
      return floatsOf(vector);
    });
  }
}

function noModel(): Promise<ExecutorchError> {
  return worded(ErrorCode.InvalidModelSource, import('../tasks/words.js'), (words) =>
    words.ofTextModel(),
  );
}

function isPlain(options: unknown): boolean {
  return tagOf(options) === 'Object';
}
