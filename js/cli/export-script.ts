/** `executorch-web export-script DIR`: the Python script that makes a .pte of a PyTorch model. */
import { copyFiles, filesBelow } from './copy.js';
import { folderOf, parse } from './options.js';
import { print } from './text.js';

/** Copies the exporter, which knows the operators of this version. */
export async function exportScriptCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, { force: { type: 'boolean', default: false } });
  const folder = folderOf('export-script', positionals);
  print(await copyFiles('export', await filesBelow('export'), folder, values));
  print('With Python 3.11:');
  print(`  pip install -r ${folder}/requirements.txt`);
  print(`  python ${folder}/export.py --help`);
  return 0;
}
