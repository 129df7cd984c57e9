// The declarations of React Native ExecuTorch's living versions, from their npm packages. The packages hold tens of megabytes of
// native code, so they are fetched when they are asked for, compared with the digests below, and only declarations are kept.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache.mjs';
import { Fail, must, say } from './run.mjs';

const RNE = 'react-native-executorch';
const FETCHER = 'react-native-executorch-expo-resource-fetcher';

// {`package@version`: digest of its archive, as npm writes it}
const INTEGRITY = {
  [`${RNE}@0.6.0`]:
    'sha512-FRAvd9nwYZXQ/2joIPY/JktFvdb25ZSJEmm4YT00o+2nFyFKxi7/Dv3rFmhNC7/aS3ioNJZQE+5GZWfnw1oAzg==',
  [`${RNE}@0.7.3`]:
    'sha512-1DaWC1HP+HeQ+itempVw9amC3va4adpdZlbmlMHwhMhdUyuexwJ8qODpIASfnvyrnQgQDU8VTo5YULZ3km1GQA==',
  [`${RNE}@0.8.4`]:
    'sha512-3g4TIKsMJCn8gkwx15yEtM9/glmRnSEzpz4J1jCiG5W0oe6E27bI46sU+x9uRo0xq9pXwoGygQw/cqv3Y+I+aw==',
  [`${RNE}@0.9.2`]:
    'sha512-pZ2CbVPlze342GLic4UMTnMDuglgTjHBcaKLCjGTXGTStrscqtPptoZzx7brgJtwwu7IHRz3iF0mk2a7vsKLQg==',
  [`${RNE}@0.10.2`]:
    'sha512-0OF/WkNnKpYipClIG3Ev2FBj3e/C1T4LCFjvmp8/cfpeMUxAVzRVkEddR/mxovesXu6AC0xyfMumOhxIXCbJUQ==',
  [`${FETCHER}@0.8.0`]:
    'sha512-vdAne2FBL0nCQ2c2yHTSt8Uttm0Klmo/K7tirSVlKxgVtli4cmsfl+UpR5giaNtlRZ3ImMAMXNW34j0fItmRfQ==',
  [`${FETCHER}@0.9.1`]:
    'sha512-ypHCH0ushkeExdVSJAPMBJLDx7rWl7WAN1oInznfLUwlVsDNXWQB8nNhD3UGvrHk4ajcp1/OWcwO7GIhWOghsg==',
};

/** Every API: its key, the version that has it, the file that declares it, and our entry that stands for it. */
export const APIS = [
  { api: '0.6', version: '0.6.0', file: 'lib/typescript/index.d.ts', entry: 'root' },
  { api: '0.7', version: '0.7.3', file: 'lib/typescript/index.d.ts', entry: 'legacy' },
  { api: '0.8', version: '0.8.4', file: 'lib/typescript/index.d.ts', entry: 'legacy' },
  { api: '0.9', version: '0.9.2', file: 'lib/typescript/index.d.ts', entry: 'legacy' },
  {
    api: '0.10/legacy',
    version: '0.10.2',
    file: 'lib/typescript/legacy/src/index.d.ts',
    entry: 'legacy',
  },
  { api: '0.10', version: '0.10.2', file: 'lib/typescript/src/index.d.ts', entry: 'root' },
];

/** 0.10's subpaths, for which entries of the same name stand. */
export const SUBPATHS = Object.entries({
  cv: 'extensions/cv/index',
  llm: 'extensions/llm/index',
  math: 'extensions/math',
  nlp: 'extensions/nlp/index',
  schema: 'core/schema',
  speech: 'extensions/speech/index',
}).map(([entry, path]) => ({
  api: `0.10/${entry}`,
  version: '0.10.2',
  file: `lib/typescript/src/${path}.d.ts`,
  entry,
}));

/** The file that declares an API. */
export const declarationsOf = async ({ version, file }) => join(await unpacked(RNE, version), file);

/** The file that declares the adapter that apps of 0.8 and later hand to initExecutorch. */
export const fetcherDeclarations = async ({ version }) =>
  join(await unpacked(FETCHER, version === '0.8.4' ? '0.8.0' : '0.9.1'), 'lib/index.d.ts');

/** {`package@version`: its folder, perhaps on the way}: several APIs are of one package. */
const UNPACKED = new Map();

/** Folder of a package, of which only the declarations are there. */
function unpacked(name, version) {
  const key = `${name}@${version}`;
  if (!UNPACKED.has(key)) UNPACKED.set(key, unpack(name, version));
  return UNPACKED.get(key);
}

async function unpack(name, version) {
  const folder = join(CACHE, 'peers', `${name}-${version}`);
  if (existsSync(join(folder, 'package.json'))) return folder;
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, `${name}-${version}.tgz`);
  if (!existsSync(archive)) {
    say(`fetching ${name} ${version}`);
    const args = ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder];
    await must('npm', args, { quiet: true });
  }
  expectDigest(archive, INTEGRITY[`${name}@${version}`]);
  const members = ['--wildcards', 'package/lib/*.d.ts', 'package/package.json'];
  await must('tar', ['xzf', archive, '--strip-components=1', ...members], { cwd: folder });
  rmSync(archive);
  return folder;
}

function expectDigest(path, wanted) {
  const got = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
  if (got === wanted) return;
  rmSync(path);
  throw new Fail(`${path}: its digest is ${got}, expected ${wanted}`);
}
