/** What stand-ins fail with: one error for each family of versions, all of them saying the same. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { absentText } from '../base/absent.js';
import { RnExecutorchError } from './legacy/errors.js';
import { RnExecuTorchError, type RnExecuTorchErrorCode } from './v10/errors.js';

/** 0.6: code PlatformNotSupported. */
export function asV6(name: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.PlatformNotSupported, absentText(name));
}

/** 0.7 to 0.9, and 0.10's `/legacy`: the same code. */
export function asLegacy(name: string): RnExecutorchError {
  return new RnExecutorchError(ErrorCode.PlatformNotSupported, absentText(name));
}

/** 0.10, whose codes are words: what is to be loaded cannot be. */
export function asV10(name: string): RnExecuTorchError {
  return v10Error('LOAD_FAILED', name);
}

/** 0.10: functions that would compute something. */
export function asV10Call(name: string): RnExecuTorchError {
  return v10Error('EXECUTION_FAILED', name);
}

function v10Error(code: RnExecuTorchErrorCode, name: string): RnExecuTorchError {
  return RnExecuTorchError(code, absentText(name), ErrorCode.PlatformNotSupported);
}
