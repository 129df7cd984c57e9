/** The one error class, and the ways of making it. */
import { ErrorCode } from './codes.generated.js';

export { ErrorCode } from './codes.generated.js';

/**
 * Every error that this library throws or rejects with.
 *
 * `code` is a number of {@link ErrorCode}; `cause` is what lay beneath, when there was something.
 */
export class ExecutorchError extends Error {
  /** Always 'ExecutorchError'. */
  override readonly name = 'ExecutorchError';
  /** What went wrong: a number of {@link ErrorCode}, see docs/errors.md. */
  readonly code: ErrorCode;

  constructor(code: number, message?: string, options?: { cause?: unknown }) {
    super(message ? textOf(message) : sentence(code), causeOf(options));
    this.code = (typeof code === 'number' ? code : ErrorCode.UnknownError) as ErrorCode;
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
  try {
    const { name, code: number } = error as { name?: unknown; code?: unknown };
    if (name !== 'ExecutorchError' || typeof number !== 'number') return false;
    return code === undefined || number === code;
  } catch {
    // Nothing has no name, and getters may throw.
    return false;
  }
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
  const detail = reasonOf(error);
  if (isExecutorchError(error)) return new ExecutorchError(error.code, detail, error);
  return new ExecutorchError(code, context ? `${context}: ${detail}` : detail, { cause: error });
}

/** Text of any value; there are some that refuse to have one, and lists that are too long for it. */
export function textOf(value: unknown): string {
  try {
    return String(Array.isArray(value) ? value.slice(0, 99) : value);
  } catch {
    return typeof value;
  }
}

/** What something thrown says. */
export function reasonOf(error: unknown): string {
  try {
    return textOf((error as Error).message ?? error);
  } catch {
    return textOf(error);
  }
}

/** The border of asynchronous functions that are public: whatever `work` throws comes out as an ExecutorchError. */
export async function guarded<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toExecutorchError(error);
  }
}

/** The same for synchronous ones; what they do on the caller's values can only fail for these values' sake. */
export function guardedNow<T>(call: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toExecutorchError(error, ErrorCode.InvalidUserInput, call);
  }
}

/**
 * An error whose words are fetched when it happens, so that no page loads them before. Where they cannot be fetched, the
 * code has to do.
 */
export async function worded<Words>(
  code: ErrorCode,
  words: Promise<Words>,
  say: (words: Words) => string,
  cause?: unknown,
): Promise<ExecutorchError> {
  const message = await words.then(say).catch(() => undefined);
  return new ExecutorchError(code, message, cause ? { cause } : undefined);
}

/** The error of calls that need a loaded model. */
export function notLoaded(): ExecutorchError {
  const message = 'The model is not loaded; load it before calling forward().';
  return new ExecutorchError(ErrorCode.ModuleNotLoaded, message);
}

/** The error of a cancelled operation; the signal's reason is its cause. */
export function abortError(signal?: AbortSignal): ExecutorchError {
  const message = 'The operation was aborted.';
  return new ExecutorchError(ErrorCode.Aborted, message, { cause: signal?.reason });
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
  return text === undefined ? { code, message } : { code, message, cause: textOf(text) };
}

export function fromWireError({ code, message, cause }: WireError): ExecutorchError {
  return new ExecutorchError(code, message, cause === undefined ? undefined : { cause });
}

/** 'Module not loaded.' for 102: errors that the library makes say more. */
function sentence(code: number): string {
  const words = errorCodeName(code).replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words}.`;
}

function causeOf(options: { cause?: unknown } | undefined): { cause: unknown } | undefined {
  try {
    return options && 'cause' in options ? { cause: options.cause } : undefined;
  } catch {
    return undefined;
  }
}
