/** Files that commands write: none that is there is replaced unless asked for, and no link is followed. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrorCode, ExecutorchError, isExecutorchError } from '../base/errors.js';

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
    await makeFolder(folder);
    if (force) await rm(path, { force: true });
    // A new file only: whatever is there, link or not, is left as it is.
    await writeFile(path, bytes, { flag: 'wx' });
  } catch (cause) {
    if (isExecutorchError(cause)) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'it is there already; --force replaces it' : message;
    throw new ExecutorchError(ErrorCode.AccessFailed, `Cannot write ${path}: ${reason}.`, {
      cause,
    });
  }
  return path;
}

async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found && !found.isDirectory()) {
    const message = `Cannot write to ${folder}: it is a file; --output is a folder.`;
    throw new ExecutorchError(ErrorCode.AccessFailed, message);
  }
  await mkdir(folder, { recursive: true });
}
