/** Errors of React Native ExecuTorch 0.10: codes are words. */
import { ErrorCode, textOf, toExecutorchError } from '../../base/errors.js';

/** All words that errors of 0.10 have as their code. */
export const VALID_ERROR_CODES = [
  'LOAD_FAILED',
  'EXECUTION_FAILED',
  'SCHEMA_MISMATCH',
  'INVALID_ARGUMENT',
  'INVALID_STATE',
  'RESOURCE_DISPOSED',
  'RESOURCE_BUSY',
  'DOWNLOAD_FAILED',
  'DOWNLOAD_ABORTED',
  'UNKNOWN',
] as const;

/** One of {@link VALID_ERROR_CODES}. */
export type RnExecuTorchErrorCode = (typeof VALID_ERROR_CODES)[number];

export type RnExecuTorchError<C extends RnExecuTorchErrorCode = RnExecuTorchErrorCode> = Error & {
  name: 'RnExecuTorchError';
  code: C;
  etRuntimeErrorCode?: number;
};

/** Makes such an error; called without `new`. */
export function RnExecuTorchError<C extends RnExecuTorchErrorCode>(
  code: C,
  message: string,
  etRuntimeErrorCode?: number,
): RnExecuTorchError<C> {
  const error = new Error(textOf(message));
  const extra = etRuntimeErrorCode === undefined ? {} : { etRuntimeErrorCode };
  return Object.assign(error, { name: 'RnExecuTorchError' as const, code, ...extra });
}

/** Whether something thrown is such an error, of this code if one is given. */
export function isRnExecuTorchError<C extends RnExecuTorchErrorCode = RnExecuTorchErrorCode>(
  error: unknown,
  code?: C,
): error is RnExecuTorchError<C> {
  try {
    const { name, code: word } = error as { name?: unknown; code?: unknown };
    if (name !== 'RnExecuTorchError') return false;
    if (!(VALID_ERROR_CODES as readonly unknown[]).includes(word)) return false;
    return code === undefined || word === code;
  } catch {
    // Nothing has no name, and getters may throw.
    return false;
  }
}

/** A function: bundles without this API would keep a table. */
function wordOf(code: number): RnExecuTorchErrorCode | undefined {
  const words = new Map<number, RnExecuTorchErrorCode>([
    [ErrorCode.Aborted, 'DOWNLOAD_ABORTED'],
    [ErrorCode.DownloadInterrupted, 'DOWNLOAD_ABORTED'],
    [ErrorCode.ResourceFetcherDownloadFailed, 'DOWNLOAD_FAILED'],
    [ErrorCode.InvalidConfig, 'SCHEMA_MISMATCH'],
    [ErrorCode.WrongDimensions, 'SCHEMA_MISMATCH'],
    [ErrorCode.InvalidType, 'SCHEMA_MISMATCH'],
    [ErrorCode.UnexpectedNumInputs, 'INVALID_ARGUMENT'],
    [ErrorCode.InvalidArgument, 'INVALID_ARGUMENT'],
    [ErrorCode.InvalidUserInput, 'INVALID_ARGUMENT'],
    [ErrorCode.InvalidState, 'INVALID_STATE'],
    [ErrorCode.ModuleNotLoaded, 'RESOURCE_DISPOSED'],
    [ErrorCode.ModelGenerating, 'RESOURCE_BUSY'],
  ]);
  return words.get(code);
}

/** Any error as 0.10 reports it; `fallback` is the code of those that have no word of their own. */
function asV10Error(error: unknown, fallback: RnExecuTorchErrorCode): RnExecuTorchError {
  if (isRnExecuTorchError(error)) return error;
  const { code, message } = toExecutorchError(error);
  const made = RnExecuTorchError(wordOf(code) ?? fallback, message, code);
  return Object.assign(made, { cause: error });
}

/** Awaits work; what it throws or rejects with becomes such an error. */
export async function withV10Errors<T>(
  work: () => T | Promise<T>,
  fallback: RnExecuTorchErrorCode,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asV10Error(error, fallback);
  }
}

/** The same for functions that answer at once: what they throw is due to their arguments. */
export function withV10ErrorsNow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asV10Error(error, 'INVALID_ARGUMENT');
  }
}
