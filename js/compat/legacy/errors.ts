/** Errors as React Native ExecuTorch 0.7 to 0.9 throws them. */
import { ErrorCode, textOf, toExecutorchError } from '../../base/errors.js';

/** Codes of 0.9, and from 200 on what only the web has; where ours differ, theirs is what this entry reports. */
export enum RnExecutorchErrorCode {
  Ok = 0,
  Internal = 1,
  InvalidState = 2,
  EndOfMethod = 3,
  AlreadyLoaded = 4,
  NotSupported = 16,
  NotImplemented = 17,
  InvalidArgument = 18,
  InvalidType = 19,
  OperatorMissing = 20,
  NotFound = 32,
  MemoryAllocationFailed = 33,
  AccessFailed = 34,
  InvalidProgram = 35,
  InvalidExternalData = 36,
  OutOfResources = 37,
  DelegateInvalidCompatibility = 48,
  DelegateMemoryAllocationFailed = 49,
  DelegateInvalidHandle = 50,
  UnknownError = 101,
  ModuleNotLoaded = 102,
  FileWriteFailed = 103,
  ModelGenerating = 104,
  LanguageNotSupported = 105,
  InvalidConfig = 112,
  ThreadPoolError = 113,
  FileReadFailed = 114,
  InvalidModelOutput = 115,
  WrongDimensions = 116,
  InvalidUserInput = 117,
  DownloadInterrupted = 118,
  PlatformNotSupported = 119,
  InvalidModelSource = 120,
  UnexpectedNumInputs = 121,
  TokenizerError = 122,
  MultilingualConfiguration = 160,
  MissingDataChunk = 161,
  StreamingNotStarted = 162,
  StreamingInProgress = 163,
  ResourceFetcherDownloadFailed = 180,
  ResourceFetcherDownloadInProgress = 181,
  ResourceFetcherAlreadyPaused = 182,
  ResourceFetcherAlreadyOngoing = 183,
  ResourceFetcherNotActive = 184,
  ResourceFetcherMissingUri = 185,
  ResourceFetcherAdapterNotInitialized = 186,
  ResourceFetcherPlatformNotSupported = 187,
  ResourceFetcherFileSystemApiUnavailable = 188,
  IntegrityCheckFailed = 200,
  WorkerFailed = 201,
  WasmLoadFailed = 202,
  Aborted = 203,
}

/** What every hook and class of this entry reports: `code`, `message`, and `cause` where there is one. */
export class RnExecutorchError extends Error {
  /** Always 'RnExecutorchError'. */
  override readonly name = 'RnExecutorchError';
  /** What lay beneath, when there was something. */
  override cause?: unknown;

  constructor(
    /** What went wrong: a member of RnExecutorchErrorCode. */
    public code: RnExecutorchErrorCode | number,
    message?: string,
    cause?: unknown,
  ) {
    super(textOf(message ?? nameOf(code) ?? `error ${textOf(code)}`));
    this.cause = cause;
  }
}

function nameOf(code: number): string | undefined {
  return typeof code === 'number' ? RnExecutorchErrorCode[code] : undefined;
}

/** What 0.9 gives where this library has another number, or tells more: there every unreadable picture is one error. */
const THEIRS = new Map<number, RnExecutorchErrorCode>([
  [ErrorCode.InvalidModelSource, RnExecutorchErrorCode.InvalidModelSource],
  [ErrorCode.UnexpectedNumInputs, RnExecutorchErrorCode.UnexpectedNumInputs],
  [ErrorCode.TokenizerError, RnExecutorchErrorCode.TokenizerError],
  [ErrorCode.InvalidImage, RnExecutorchErrorCode.FileReadFailed],
  [ErrorCode.UnsupportedImage, RnExecutorchErrorCode.FileReadFailed],
  [ErrorCode.ImageTooLarge, RnExecutorchErrorCode.FileReadFailed],
]);

/** The code of this entry for one of ours; UnknownError for numbers that neither knows. */
function legacyCode(code: number): RnExecutorchErrorCode {
  const theirs = THEIRS.get(code) ?? code;
  return nameOf(theirs) === undefined ? RnExecutorchErrorCode.UnknownError : theirs;
}

/** Any error, as this entry reports it; the original is its cause. */
export function legacyError(error: unknown): RnExecutorchError {
  if (error instanceof RnExecutorchError) return error;
  const ours = toExecutorchError(error);
  // Hooks wrap what our classes throw.
  if (ours.cause instanceof RnExecutorchError) return ours.cause;
  return new RnExecutorchError(legacyCode(ours.code), ours.message, ours);
}

/** Awaits work; what it throws or rejects with becomes an RnExecutorchError. */
export async function withLegacyErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw legacyError(error);
  }
}

/** The same for functions that answer at once. */
export function withLegacyErrorsNow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw legacyError(toExecutorchError(error, ErrorCode.InvalidUserInput));
  }
}

/** The error of a value that is no description of a model. */
export function noDescription(): RnExecutorchError {
  return new RnExecutorchError(
    RnExecutorchErrorCode.InvalidModelSource,
    'A model is { modelSource }, with its modelName or labels, or a constant of a model.',
  );
}
