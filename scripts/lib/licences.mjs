// dist/THIRD-PARTY-LICENSES.txt: the licence texts of all that is compiled or bundled into the package, from the
// sources that the build itself uses.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, cachePath } from './cache.mjs';
import { Fail } from './run.mjs';
import { readDeps, sourceFolder } from './sources.mjs';

/** Bundled into the JavaScript. */
const PACKAGES = ['@huggingface/tokenizers', 'hash-wasm', 'idb', 'wasm-feature-detect'];

const EMSCRIPTEN = `Emscripten's runtime and its JavaScript are linked into every build of the core.

Copyright (c) 2010-2014 Emscripten authors, see AUTHORS file.

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.`;

const LLVM_EXCEPTIONS = `---- LLVM Exceptions to the Apache 2.0 License ----

As an exception, if, as a result of your compiling your source code, portions
of this Software are embedded into an Object form of such source code, you
may redistribute such embedded portions in such Object form without complying
with the conditions of Sections 4(a), 4(b) and 4(d) of the License.

In addition, if you combine or link compiled forms of this Software with
software that is licensed under the GPLv2 ("Combined Software") and if a
court of competent jurisdiction determines that the patent provision (Section
3), the indemnity provision (Section 9) or other Section of the License
conflicts with the conditions of the GPLv2, you may retroactively and
prospectively choose to deem waived or otherwise exclude such Section(s) of
the License, but only in their entirety and only with respect to the Combined
Software.`;

function textOf(path) {
  if (!existsSync(path))
    throw new Fail(`no licence text at ${path}`, 'npm run setup fetches what is missing');
  return readFileSync(path, 'utf8').trim();
}

/** Folder of the compiler that `npm run setup` has found. */
function emscriptenRoot() {
  const { toolchainFile } = JSON.parse(textOf(cachePath('emscripten.json')));
  return join(dirname(toolchainFile), '../../..');
}

/** [name, text] of everything in the package. */
export function licences() {
  const compiled = Object.entries(readDeps()).map(([name, dep]) => [
    `${name} ${dep.version}`,
    textOf(join(sourceFolder(name, dep), 'LICENSE')),
  ]);
  const bundled = PACKAGES.map((name) => {
    const { version } = JSON.parse(textOf(join(ROOT, 'node_modules', name, 'package.json')));
    return [`${name} ${version}`, textOf(join(ROOT, 'node_modules', name, 'LICENSE'))];
  });
  // The compiler's package lacks LLVM's licence; it is Apache's, which another tool of the build carries.
  const apache = textOf(join(ROOT, 'node_modules/typescript/LICENSE.txt'));
  return [
    ...compiled,
    ['Emscripten', EMSCRIPTEN],
    ['musl', textOf(join(emscriptenRoot(), 'system/lib/libc/musl/COPYRIGHT'))],
    ['compiler-rt, libc++ and libc++abi (LLVM)', `${apache}\n\n${LLVM_EXCEPTIONS}`],
    ...bundled,
  ];
}

/** Writes the file into `folder`. */
export function writeLicences(folder) {
  const rule = '='.repeat(80);
  const parts = licences().map(([name, text]) => `${rule}\n${name}\n${rule}\n\n${text}\n`);
  const head = 'Licences of the software that is compiled or bundled into this package.\n';
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), [head, ...parts].join('\n'));
}
