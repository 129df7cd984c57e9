/** `executorch-web copy-assets DIR`: the files that a page fetches, for tools that do not copy them along. */
import { ExecutorchError, ErrorCode } from '../base/errors.js';
import { nodeModule } from '../base/platform.js';
import { UsageError, parse } from './options.js';
import { print } from './text.js';

/** What a page may fetch, relative to the folder of this script. */
const ASSETS = ['worker.js', 'isolation-worker.js', 'wasm'];

/** Copies worker and binaries, laid out as in this package. */
export async function copyAssetsCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    models: { type: 'boolean', default: false },
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) {
    throw new UsageError('copy-assets takes one folder');
  }
  const assets = values.models ? [...ASSETS, 'models'] : ASSETS;
  const { cp, mkdir } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  const { join } = await nodeModule<typeof import('node:path')>('node:path');
  const { fileURLToPath } = await nodeModule<typeof import('node:url')>('node:url');
  const own = fileURLToPath(new URL('.', import.meta.url));
  try {
    await mkdir(folder, { recursive: true });
    for (const name of assets) {
      const filter = (path: string) => !/\.(d\.ts|map)$/.test(path);
      await cp(join(own, name), join(folder, name), { recursive: true, filter });
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExecutorchError(ErrorCode.AccessFailed, `Cannot copy to ${folder}: ${reason}`, {
      cause,
    });
  }
  print(`Copied ${assets.join(', ')} to ${folder}.`);
  print('A bundle in the same folder finds them. Elsewhere, with their address in place of /…:');
  print(`  configure({ workerUrl: '/…/worker.js', wasmBaseUrl: '/…/wasm' });`);
  return 0;
}
