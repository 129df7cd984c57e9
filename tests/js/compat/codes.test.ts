/** Every code that an entry throws is a member of what it exports as its codes, under the name that the version gives it. */
import { describe, expect, test } from '@jest/globals';
import { ErrorCode, ExecutorchError, errorCodeName } from '../../../js/base/errors.js';
import { legacyError } from '../../../js/compat/legacy/errors.js';
import * as legacy from '../../../js/compat/legacy/index.js';
import { withV10ErrorsNow } from '../../../js/compat/v10/errors.js';
import * as root from '../../../js/index.js';

const CODES = Object.entries(ErrorCode);

/** What 0.7 to 0.9 call the errors that have other names here. */
const THERE: Record<string, string> = {
  InvalidImage: 'FileReadFailed',
  UnsupportedImage: 'FileReadFailed',
  ImageTooLarge: 'FileReadFailed',
};

describe('/legacy', () => {
  test.each(CODES)('%s', (name, code) => {
    const error = legacyError(new ExecutorchError(code));
    const { RnExecutorchErrorCode } = legacy;
    expect(RnExecutorchErrorCode[error.code]).toBe(THERE[name] ?? name);
    expect(error.cause).toMatchObject({ code });
  });

  test('a number that nobody knows is UnknownError', () => {
    const { code } = legacyError(new ExecutorchError(987));
    expect(code).toBe(legacy.RnExecutorchErrorCode.UnknownError);
  });

  test('no number has two names', () => {
    const values = Object.values(legacy.RnExecutorchErrorCode).filter(
      (one) => typeof one === 'number',
    );
    expect(new Set(values).size).toBe(values.length);
  });
});

describe('0.10', () => {
  test.each(CODES)('%s', (_, code) => {
    const call = () =>
      withV10ErrorsNow(() => {
        throw new ExecutorchError(code);
      });
    const error = caught(call);
    expect(root.isRnExecuTorchError(error)).toBe(true);
    expect(root.VALID_ERROR_CODES).toContain((error as root.RnExecuTorchError).code);
    expect(error).toMatchObject({ etRuntimeErrorCode: code });
  });
});

test.each(CODES)('the root: %s', (name, code) => {
  expect(errorCodeName(new ExecutorchError(code).code)).toBe(name);
  expect(root.ErrorCode).toHaveProperty(name, code);
});

function caught(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
