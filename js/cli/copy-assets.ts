/** `executorch-web copy-assets DIR`: the files that a page fetches, for tools that do not copy them along. */
import { copyFiles, filesBelow } from './copy.js';
import { folderOf, parse } from './options.js';
import { print } from './text.js';

/** By this list a later version knows which files it may replace. */
const LIST = 'wasm/copied.json';

/** Copies worker and binaries, laid out as in this package. */
export async function copyAssetsCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    models: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
  });
  const folder = folderOf('copy-assets', positionals);
  const folders = values.models ? ['wasm', 'models'] : ['wasm'];
  const below = await Promise.all(
    folders.map(async (name) => (await filesBelow(name)).map((file) => `${name}/${file}`)),
  );
  const names = ['worker.js', 'isolation-worker.js', ...below.flat()];
  print(await copyFiles('.', names, folder, { force: values.force, list: LIST }));
  print('A bundle in the same folder finds them. Elsewhere, with their address in place of /…:');
  print(`  configure({ workerUrl: '/…/worker.js', wasmBaseUrl: '/…/wasm' });`);
  if (values.models) print(`  modelSource: '/…/models/efficientnet_lite0_int8.pte'`);
  return 0;
}
