// Generated from src/base/status.def by scripts/generate-errors.mjs. Do not edit.

/** Numeric error codes: those of ExecuTorch, of react-native-executorch, and this library's own. */
export const ErrorCode = {
  /** No error. */
  Ok: 0,
  /** An internal invariant does not hold. */
  Internal: 1,
  /** The call is not allowed in this state. */
  InvalidState: 2,
  /** The model needs a feature that this runtime does not have. */
  NotSupported: 16,
  /** The operation is not implemented. */
  NotImplemented: 17,
  /** An argument is invalid. */
  InvalidArgument: 18,
  /** A value has the wrong data type. */
  InvalidType: 19,
  /** The model uses operators that this runtime does not have. */
  OperatorMissing: 20,
  /** A named item does not exist. */
  NotFound: 32,
  /** Memory could not be allocated. */
  MemoryAllocationFailed: 33,
  /** A resource could not be read. */
  AccessFailed: 34,
  /** The model file is malformed. */
  InvalidProgram: 35,
  /** The model needs an external data file (.ptd). */
  InvalidExternalData: 36,
  /** The model exceeds a limit of this runtime. */
  OutOfResources: 37,
  /** The model was exported for another backend. */
  DelegateInvalidCompatibility: 48,
  /** XNNPACK could not allocate memory. */
  DelegateMemoryAllocationFailed: 49,
  /** XNNPACK refused the graph. */
  DelegateInvalidHandle: 50,
  /** The number of inputs does not match the model. */
  UnexpectedNumInputs: 97,
  /** An unknown error occurred. */
  UnknownError: 101,
  /** The model is not loaded; load it before calling forward(). */
  ModuleNotLoaded: 102,
  /** Data could not be stored. */
  FileWriteFailed: 103,
  /** The model is running; wait for the previous call to finish. */
  ModelGenerating: 104,
  /** The configuration is invalid. */
  InvalidConfig: 112,
  /** The image or file could not be read. */
  FileReadFailed: 114,
  /** The model's output does not fit the task. */
  InvalidModelOutput: 115,
  /** A tensor has the wrong shape. */
  WrongDimensions: 116,
  /** The input is invalid. */
  InvalidUserInput: 117,
  /** The download was interrupted. */
  DownloadInterrupted: 118,
  /** This platform lacks a required feature. */
  PlatformNotSupported: 119,
  /** The tokenizer is malformed or of an unknown kind. */
  TokenizerError: 167,
  /** The download failed. */
  ResourceFetcherDownloadFailed: 180,
  /** The resource is already being downloaded. */
  ResourceFetcherDownloadInProgress: 181,
  /** The download is already paused. */
  ResourceFetcherAlreadyPaused: 182,
  /** The download is already ongoing. */
  ResourceFetcherAlreadyOngoing: 183,
  /** None of the given sources is being downloaded. */
  ResourceFetcherNotActive: 184,
  /** The resource has no address. */
  ResourceFetcherMissingUri: 185,
  /** The downloaded bytes do not have the expected digest or size. */
  IntegrityCheckFailed: 200,
  /** The worker could not be started or has crashed. */
  WorkerFailed: 201,
  /** The WebAssembly binary could not be loaded. */
  WasmLoadFailed: 202,
  /** The operation was aborted. */
  Aborted: 203,
  /** The bytes are not a readable image. */
  InvalidImage: 204,
  /** The image format is not supported here. */
  UnsupportedImage: 205,
  /** The image exceeds the decode limits. */
  ImageTooLarge: 206,
  /** The model source is invalid. */
  InvalidModelSource: 255,
} as const;

/** A number of the table {@link ErrorCode}. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];
