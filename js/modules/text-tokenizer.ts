/** Token ids of texts, as a `tokenizer.json` says. The library that reads those is loaded with the first of them. */
import type { Tokenizer } from '@huggingface/tokenizers';
import {
  ErrorCode,
  ExecutorchError,
  isExecutorchError,
  reasonOf,
  throwIfAborted,
} from '../base/errors.js';
import { asBytes, isBlob } from '../base/platform.js';
import { postableConfiguration } from '../base/resource-config.js';
import type { ResourceSource } from '../base/types.js';
import { absoluteSource } from '../sources/model-source.js';
import { createResourceService } from '../worker/create.js';

/** The parts of a `tokenizer.json` that the library leaves to its callers. */
interface TokenizerFile {
  model: object;
  normalizer?: object | null;
  truncation?: { max_length?: number } | null;
  padding?: { pad_id?: number } | null;
}

export class TextTokenizer {
  /** The reference lowers letter by letter, JavaScript makes a sigma at the end of a word another letter. */
  private readonly lowers: boolean;

  private constructor(
    private readonly tokenizer: Tokenizer,
    private readonly file: TokenizerFile,
  ) {
    this.lowers = JSON.stringify(file.normalizer ?? null).includes('"Lowercase"');
  }

  /**
   * @param source Of a `tokenizer.json`; or what it holds, parsed.
   * @throws ExecutorchError TokenizerError, and what the download throws.
   */
  static async load(source: ResourceSource, signal?: AbortSignal): Promise<TextTokenizer> {
    const [file, { Tokenizer }] = await Promise.all([
      readTokenizer(source, signal),
      import('@huggingface/tokenizers'),
    ]);
    try {
      return new TextTokenizer(new Tokenizer(file, {}), file);
    } catch (cause) {
      throw unusable(reasonOf(cause), cause);
    }
  }

  /** What stands for nothing where a model wants more tokens than there are. */
  get padding(): number {
    return this.file.padding?.pad_id ?? 0;
  }

  /**
   * Ids of a text's tokens and of those that the tokenizer puts around it, `most` at the most: of longer texts the
   * end is left out, while the tokens around it stay.
   */
  encode(text: string, most: number): number[] {
    const limit = Math.min(most, this.file.truncation?.max_length ?? most);
    const plain = this.lowers ? text.replaceAll('Σ', 'σ') : text;
    const ids: number[] = this.tokenizer.encode(plain).ids;
    if (ids.length <= limit) return ids;
    const after = this.countAfter(plain, ids);
    return [...ids.slice(0, limit - after), ...ids.slice(ids.length - after)];
  }

  /** How many tokens the tokenizer puts behind a text. */
  private countAfter(text: string, ids: readonly number[]): number {
    const bare: number[] = this.tokenizer.encode(text, { add_special_tokens: false }).ids;
    const around = ids.length - bare.length;
    const before = Array.from({ length: around + 1 }, (_, at) => at).find((at) =>
      bare.every((id, i) => ids[at + i] === id),
    );
    return around - (before ?? around);
  }
}

async function readTokenizer(source: ResourceSource, signal?: AbortSignal): Promise<TokenizerFile> {
  const text = await textOf(absoluteSource(source), signal);
  throwIfAborted(signal);
  try {
    const file = (typeof text === 'string' ? JSON.parse(text) : text) as Partial<TokenizerFile>;
    if (typeof file?.model === 'object' && file.model !== null) return file as TokenizerFile;
  } catch (cause) {
    throw unusable('it is no JSON', cause);
  }
  throw unusable("it has no 'model'");
}

/** The file's text; objects that name no file are its content. */
async function textOf(source: ResourceSource, signal?: AbortSignal): Promise<unknown> {
  const bytes = asBytes(source);
  if (bytes) return new TextDecoder().decode(bytes);
  if (isBlob(source)) return source.text();
  if (typeof source !== 'string') return source;
  const callbacks = signal ? { signal } : {};
  const read = await createResourceService().read(source, postableConfiguration(), callbacks);
  return new TextDecoder().decode(read);
}

function unusable(reason: string, cause?: unknown): ExecutorchError {
  if (isExecutorchError(cause)) return cause;
  return new ExecutorchError(
    ErrorCode.TokenizerError,
    `The tokenizer cannot be used: ${reason}. tokenizerSource is the tokenizer.json that belongs to the model.`,
    { cause },
  );
}
