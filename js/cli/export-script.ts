/** `executorch-web export-script DIR`: the Python script that makes a .pte of a PyTorch model. */
import { ExecutorchError, ErrorCode } from '../base/errors.js';
import { nodeModule } from '../base/platform.js';
import { UsageError } from './options.js';
import { print } from './text.js';

/** Copies the exporter, which knows the operators of this version. */
export async function exportScriptCommand(args: string[]): Promise<number> {
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0 || folder.startsWith('-')) {
    throw new UsageError('export-script takes one folder');
  }
  const { cp } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  const { fileURLToPath } = await nodeModule<typeof import('node:url')>('node:url');
  try {
    await cp(fileURLToPath(new URL('export', import.meta.url)), folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExecutorchError(ErrorCode.AccessFailed, `Cannot copy to ${folder}: ${reason}`, {
      cause,
    });
  }
  print(`Copied export.py and what it needs to ${folder}. With Python 3.11:`);
  print(`  pip install -r ${folder}/requirements.txt`);
  print(`  python ${folder}/export.py --help`);
  return 0;
}
