// The package carries the licences of what is compiled and bundled into it.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test.each([
  ['xnnpack', 'Google'],
  ['pthreadpool', 'Georgia Institute'],
  ['fxdiv', 'Marat Dukhan'],
  ['fp16', 'Permission is hereby granted'],
  ['stb', 'Sean Barrett'],
  ['Emscripten', 'Emscripten authors'],
  ['musl', 'Rich Felker'],
  ['compiler-rt, libc++ and libc++abi (LLVM)', 'LLVM Exceptions'],
  ['hash-wasm', 'Dani Bir'],
  ['idb', 'Jake Archibald'],
  ['wasm-feature-detect', 'Apache License'],
])('%s: the text names %s', (name, holder) => {
  const text = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
  const parts = text.split(/^={80}\n/m);
  const at = parts.findIndex((part) => part.split('\n').length === 2 && part.startsWith(name));
  expect([name, at > 0]).toEqual([name, true]);
  expect(parts[at + 1]).toContain(holder);
});
