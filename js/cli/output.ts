/** Files that commands write: none that is there is replaced unless asked for, and no link is followed. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrorCode, ExecutorchError } from '../base/errors.js';

/**
 * Writes `name` in `folder`, which is made if need be. Resolves to the path.
 *
 * @throws ExecutorchError AccessFailed, also when the file is there and `force` is not set.
 */
export async function writeOutput(
  folder: string,
  name: string,
  bytes: Uint8Array | string,
  force: boolean,
): Promise<string> {
  const path = join(folder, name);
  try {
    await mkdir(folder, { recursive: true });
    if (force) await rm(path, { force: true });
    // A new file only: whatever is there, link or not, is left as it is.
    await writeFile(path, bytes, { flag: 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'it is there already; --force replaces it' : message;
    throw new ExecutorchError(ErrorCode.AccessFailed, `Cannot write ${path}: ${reason}.`, {
      cause,
    });
  }
  return path;
}
