// Finding Emscripten, or getting it. Three ways, the best first:
//   1. emcc on PATH or below EMSDK, when it is new enough;
//   2. emsdk, where its downloads can be reached;
//   3. Debian 13's packages, unpacked into the cache. Their programs want a newer C library than the
//      system may have, so each is started through the unpacked dynamic loader by a two-line script.
// The result is written to <cache>/emscripten.json and, for CMake, <cache>/emscripten.cmake.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { privateRoot } from './apt.mjs';
import { cachePath } from './cache.mjs';
import { Fail, must, run, say, tryCapture, which } from './run.mjs';

const OLDEST = [3, 1, 60];
const EMSDK_VERSION = '3.1.74';
const EMSDK_GIT = 'https://github.com/emscripten-core/emsdk.git';
const SUITE = 'trixie';
const LLVM = '19';

// Only what compiling and linking needs of emscripten's dependency closure (a third of the packages).
// Everything else, such as Python, Node and the native C development files, the system has or we do
// not use.
const PACKAGES = [
  'emscripten',
  'binaryen',
  'node-acorn',
  'node-xtend',
  `clang-${LLVM}`,
  `lld-${LLVM}`,
  `llvm-${LLVM}`,
  `llvm-${LLVM}-linker-tools`,
  `libclang-cpp${LLVM}`,
  `libclang-common-${LLVM}-dev`,
  `libllvm${LLVM}`,
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'libz3-4',
  'libgmp10',
  'libedit2',
  'libtinfo6',
  'libbsd0',
  'libmd0',
  'libffi8',
  'libxml2',
  'libicu76',
  'liblzma5',
  'zlib1g',
  'libzstd1',
];

const LLVM_PROGRAMS = [
  'clang',
  'clang++',
  'wasm-ld',
  'llvm-ar',
  'llvm-ranlib',
  'llvm-nm',
  'llvm-objcopy',
  'llvm-strip',
  'llvm-dwarfdump',
  'llvm-size',
];

/** Makes sure that there is an Emscripten; returns {emcc, version, toolchainFile, source}. */
export async function ensureEmscripten() {
  const recorded = readRecord();
  const found = fromEnvironment() ?? recorded ?? (await fromEmsdk()) ?? (await fromDebian());
  if (!found) {
    throw new Fail(
      `no Emscripten ${OLDEST.join('.')} or newer, and none could be downloaded`,
      'install emsdk (https://emscripten.org) and put emcc on PATH',
    );
  }
  writeRecord(found);
  return found;
}

/** The Emscripten of an earlier set-up, when it is still there. */
function readRecord() {
  const path = cachePath('emscripten.json');
  if (!existsSync(path)) return null;
  const record = JSON.parse(readFileSync(path, 'utf8'));
  return existsSync(record.emcc) && existsSync(record.toolchainFile) ? record : null;
}

function writeRecord(record) {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const path = cachePath('emscripten.json');
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(path, text);
  writeFileSync(
    cachePath('emscripten.cmake'),
    `set(EW_EMSCRIPTEN_TOOLCHAIN "${record.toolchainFile}")\n` +
      `set(EW_EMSCRIPTEN_VERSION "${record.version}")\n`,
  );
}

function describe(emcc, source) {
  const text = tryCapture(emcc, ['--version']);
  const version = text.match(/(\d+)\.(\d+)\.(\d+)/);
  if (!version) return null;
  const numbers = version.slice(1).map(Number);
  const older = numbers.findIndex((n, i) => n !== OLDEST[i]);
  if (older >= 0 && numbers[older] < OLDEST[older]) return null;
  const root = tryCapture('readlink', ['-f', emcc]).trim() || emcc;
  const toolchainFile = join(dirname(root), 'cmake/Modules/Platform/Emscripten.cmake');
  if (!existsSync(toolchainFile)) return null;
  return { emcc, version: version[0], toolchainFile, source };
}

function fromEnvironment() {
  const sdk = process.env.EMSDK ? join(process.env.EMSDK, 'upstream/emscripten/emcc') : '';
  for (const emcc of [which('emcc'), sdk]) {
    if (!emcc || !existsSync(emcc)) continue;
    const found = describe(emcc, 'environment');
    if (found) return found;
    say(`${emcc} is older than ${OLDEST.join('.')}; looking further`);
  }
  return null;
}

async function fromEmsdk() {
  if (!which('git')) return null;
  // Ask first, briefly: on a closed network a connection may hang rather than fail.
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
  const ask = await run('timeout', ['10', 'git', 'ls-remote', '-q', EMSDK_GIT, 'HEAD'], {
    quiet: true,
    env,
  });
  if (ask.code !== 0) return null;
  const folder = cachePath('emsdk');
  try {
    say(`getting emsdk ${EMSDK_VERSION}`);
    if (!existsSync(join(folder, 'emsdk'))) {
      const clone = ['clone', '-q', '--depth', '1', '--branch', EMSDK_VERSION, EMSDK_GIT, folder];
      await must('git', clone, { quiet: true, env });
    }
    await must(join(folder, 'emsdk'), ['install', EMSDK_VERSION], { quiet: true });
    await must(join(folder, 'emsdk'), ['activate', EMSDK_VERSION], { quiet: true });
    return describe(join(folder, 'upstream/emscripten/emcc'), 'emsdk');
  } catch (error) {
    say(`emsdk could not be installed (${error.message.split('\n')[0]})`);
    return null;
  }
}

async function fromDebian() {
  const apt = await privateRoot(SUITE);
  if (!apt) return null;
  const target = cachePath(`emscripten-${SUITE}`);
  if (!existsSync(join(target, '.complete'))) {
    rmSync(target, { recursive: true, force: true });
    const work = `${target}.tmp`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(join(work, 'debs'), { recursive: true });
    await unpackPackages(apt, work);
    rmSync(join(work, 'debs'), { recursive: true });
    renameSync(work, target);
    configure(target);
    writeFileSync(join(target, '.complete'), '');
  }
  const found = describe(join(target, 'usr/share/emscripten/emcc'), `Debian ${SUITE}`);
  if (!found) throw new Fail(`the Emscripten in ${target} does not start`, `delete ${target}`);
  await selfTest(found.emcc);
  return found;
}

/** Of the gigabytes in the packages half are never used here: libraries for other ways of linking, documentation, tests. */
const UNUSED = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/emscripten/docs',
  'usr/share/emscripten/test',
  ...['lto', 'lto-pic', 'pic'].map(
    (kind) => `usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/${kind}`,
  ),
].map((path) => `--exclude=./${path}`);
const UNPACK = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" "${@:3}"';

async function unpackPackages(apt, work) {
  const known = new Set(apt.closure(['emscripten']));
  const names = PACKAGES.filter((name) => known.has(name));
  say(`downloading ${names.length} packages of Debian ${SUITE} (about 320 MB)`);
  await apt.download(names, join(work, 'debs'));
  say('unpacking Emscripten');
  // The largest first, so that processors end at about the same time.
  const sizeOf = (path) => statSync(path).size;
  const waiting = readdirSync(join(work, 'debs')).map((name) => join(work, 'debs', name));
  waiting.sort((a, b) => sizeOf(b) - sizeOf(a));
  const unpack = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await must('bash', ['-o', 'pipefail', '-c', UNPACK, 'unpack', file, work, ...UNUSED], {
        quiet: true,
      });
      rmSync(file);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, unpack));
}

/** Writes the start scripts and Emscripten's own configuration. */
function configure(root) {
  const lib = join(root, 'usr/lib/x86_64-linux-gnu');
  const llvm = join(root, `usr/lib/llvm-${LLVM}`);
  const resources = `-resource-dir ${join(llvm, 'lib/clang', LLVM)}`;
  for (const program of LLVM_PROGRAMS) {
    const path = join(llvm, 'bin', program);
    const extra = program.startsWith('clang') ? resources : '';
    startScript(join(root, 'start/bin', program), path, [lib, join(llvm, 'lib')], extra);
  }
  for (const program of readdirSync(join(root, 'usr/bin')).filter((n) => n.startsWith('wasm'))) {
    startScript(join(root, 'start/bin', program), join(root, 'usr/bin', program), [lib], '');
  }
  const home = join(root, 'usr/share/emscripten');
  const modules = join(home, 'node_modules');
  // Emscripten's JavaScript tools import acorn; Debian's node would find it, others do not.
  if (!existsSync(modules)) symlinkSync('../nodejs', modules);
  const settings = {
    LLVM_ROOT: join(root, 'start/bin'),
    BINARYEN_ROOT: join(root, 'start'),
    NODE_JS: process.execPath,
    CACHE: join(home, 'cache'),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  writeFileSync(join(home, '.emscripten'), lines.join(''));
}

function startScript(path, program, libraries, extra) {
  if (!existsSync(program) || existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const loader = join(libraries[0], 'ld-linux-x86-64.so.2');
  const how = `--library-path ${libraries.join(':')} --argv0 "$0" ${program} ${extra}`;
  writeFileSync(path, `#!/bin/sh\nexec ${loader} ${how} "$@"\n`);
  chmodSync(path, 0o755);
}

/** Compiles, links and runs a few lines, so that a broken unpack shows here and not in a long build. */
async function selfTest(emcc) {
  const folder = cachePath('selftest', 'x').slice(0, -2);
  const source = join(folder, 'test.cpp');
  writeFileSync(
    source,
    '#include <emscripten/bind.h>\n#include <wasm_simd128.h>\n' +
      'int lane(int x) { return wasm_i32x4_extract_lane(wasm_i32x4_splat(x), 3); }\n' +
      'EMSCRIPTEN_BINDINGS(test) { emscripten::function("lane", &lane); }\n',
  );
  const flags = ['-O1', '-msimd128', '-lembind', '-sMODULARIZE', '-sEXPORT_ES6', '--no-entry'];
  const out = join(folder, 'test.mjs');
  await must(emcc, [source, ...flags, '-o', out], { quiet: true });
  const code = 'const m = await (await import(process.argv[1])).default(); console.log(m.lane(42))';
  const printed = await must(process.execPath, ['--input-type=module', '-e', code, out], {
    quiet: true,
  });
  if (printed.trim() !== '42') throw new Fail(`Emscripten's self-test printed '${printed.trim()}'`);
  rmSync(folder, { recursive: true });
}
