// The reference collection beside the repository: present for the authors and in CI, absent elsewhere.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SHARED = join(ROOT, '../shared');
export const hasShared = existsSync(join(SHARED, 'models/MANIFEST.json'));

if (!hasShared)
  console.warn('SKIPPED: tests that need ../shared, the collection of reference models');

/** Bytes of a file of the collection; `name.br` stands in for `name` where only that is there. */
export function readShared(path) {
  const file = join(SHARED, path);
  if (path.endsWith('.br')) return unpack(file);
  return existsSync(file) ? readFileSync(file) : unpack(`${file}.br`);
}

function unpack(file) {
  return brotliDecompressSync(readFileSync(file));
}

export function readJson(path) {
  return JSON.parse(readFileSync(join(SHARED, path), 'utf8'));
}

/** Entries of the manifest: set is 'tiny', 'full' or 'onnx'. */
export function manifest(set) {
  return hasShared ? readJson('models/MANIFEST.json').filter((entry) => entry.set === set) : [];
}

/** Entries for the models with pretrained weights, in the form of the manifest. */
export function realEntries() {
  if (!hasShared) return [];
  return readJson('models/real/MANIFEST.json').models.map(({ file, inputs }) => {
    const name = file.replace(/\.pte$/, '');
    const native = existsSync(join(SHARED, `models/real/${name}.A.xnnpack.f32`));
    const output = { pattern: 'A', run: 0, file: `real/${name}.A.out.f32` };
    if (native) output.native_file = `real/${name}.A.xnnpack.f32`;
    const { shape } = inputs[0];
    return {
      file: `real/${file}`,
      inputs: [[{ shape, dtype: 'f32', pattern: 'A' }]],
      outputs: [output],
    };
  });
}

/** Models that others have published, good and bad. */
export function thirdPartyFiles() {
  if (!hasShared) return [];
  return readdirSync(join(SHARED, 'data/pte'), { recursive: true })
    .filter((name) => name.endsWith('.pte'))
    .sort()
    .map((name) => `data/pte/${name}`);
}

/** Fixtures of this repository: one tiny model per operator, with inputs and what PyTorch makes of them. */
export function fixtures() {
  const folder = join(ROOT, 'tests/fixtures/pte');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      name: name.slice(0, -5),
      bytes: readFileSync(join(folder, name.replace(/json$/, 'pte'))),
      ...JSON.parse(readFileSync(join(folder, name), 'utf8')),
    }));
}
