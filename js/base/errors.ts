/** The one error class, and the ways of making it. */
import { ERROR_SENTENCES, ErrorCode } from './codes.generated.js';

export { ErrorCode } from './codes.generated.js';

/**
 * Every error that this library throws or rejects with.
 *
 * `code` is a number of {@link ErrorCode}; `cause` is what lay beneath, when there was something.
 */
export class ExecutorchError extends Error {
  override readonly name = 'ExecutorchError';
  readonly code: ErrorCode;

  constructor(code: number, message?: string, options?: { cause?: unknown }) {
    super(message || sentence(code), options);
    this.code = code as ErrorCode;
  }

  /** Name of the code, such as 'ModuleNotLoaded'. */
  get codeName(): string {
    return errorCodeName(this.code);
  }
}

/**
 * Name of a numeric code: 102 → 'ModuleNotLoaded'; 'UnknownError' for numbers that are not in the table.
 *
 * @example
 * ```ts
 * errorCodeName(ErrorCode.ModuleNotLoaded); // 'ModuleNotLoaded'
 * ```
 */
export function errorCodeName(code: number): string {
  const found = Object.entries(ErrorCode).find(([, number]) => number === code);
  return found ? found[0] : 'UnknownError';
}

/**
 * True for errors of this library, also those of another copy of it.
 *
 * @example
 * ```ts
 * try {
 *   await classifier.load(EFFICIENTNET_V2_S);
 * } catch (error) {
 *   if (!isExecutorchError(error, ErrorCode.Aborted)) throw error;
 * }
 * ```
 */
export function isExecutorchError(error: unknown, code?: ErrorCode): error is ExecutorchError {
  if (typeof error !== 'object' || error === null) return false;
  const { name, code: number } = error as { name?: unknown; code?: unknown };
  if (name !== 'ExecutorchError' || typeof number !== 'number') return false;
  return code === undefined || number === code;
}

/**
 * Anything thrown, as an ExecutorchError of this copy of the library; foreign errors get `code` and become the cause.
 */
export function toExecutorchError(
  error: unknown,
  code: ErrorCode = ErrorCode.UnknownError,
  context = '',
): ExecutorchError {
  if (error instanceof ExecutorchError) return error;
  if (isExecutorchError(error)) return new ExecutorchError(error.code, error.message, error);
  const detail = error instanceof Error ? error.message : String(error);
  return new ExecutorchError(code, context ? `${context}: ${detail}` : detail, { cause: error });
}

/** The error of a cancelled operation; the signal's reason is its cause. */
export function abortError(signal?: AbortSignal): ExecutorchError {
  return new ExecutorchError(ErrorCode.Aborted, undefined, { cause: signal?.reason });
}

export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw abortError(signal);
}

/** An error as plain data, for crossing a worker border. */
export interface WireError {
  code: number;
  message: string;
  /** Text of the cause; causes themselves may not be cloneable. */
  cause?: string;
}

export function toWireError(error: unknown): WireError {
  const { code, message, cause } = toExecutorchError(error);
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : cause;
  return text === undefined ? { code, message } : { code, message, cause: String(text) };
}

export function fromWireError({ code, message, cause }: WireError): ExecutorchError {
  return new ExecutorchError(code, message, cause === undefined ? undefined : { cause });
}

function sentence(code: number): string {
  const text = ERROR_SENTENCES[code] ?? 'an unknown error occurred';
  return text[0]?.toUpperCase() + text.slice(1) + '.';
}
