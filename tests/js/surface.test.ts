/** Everything that is public refuses wrong arguments with the library's errors, and in time. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(600_000);

/** Silence after which a call counts as hanging: it does not even return. */
const SILENCE = 60_000;

interface Result {
  calls: number;
  refused: number;
  targets: number;
  findings: string[];
  missing: string[];
}

/** Runs the fuzzer in a process of its own, which can be ended when a call does not return. */
function fuzz(seed: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['tests/fuzz/surface-node.mjs', '--seed', String(seed)]);
    let tail = '';
    let timer: ReturnType<typeof setTimeout>;
    const listen = () => {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), SILENCE);
    };
    listen();
    child.stderr.resume();
    child.stdout.on('data', (piece: Buffer) => {
      tail = tail.slice(-1_000_000) + piece.toString();
      listen();
    });
    child.on('close', () => {
      clearTimeout(timer);
      const lines = tail.trimEnd().split('\n');
      const last = lines.at(-1) ?? '';
      if (last.startsWith('{')) resolve(JSON.parse(last) as Result);
      else reject(new Error(`the process has ended in ${last}`));
    });
  });
}

const built = existsSync('dist/index.js') ? test : test.skip;

built('wrong arguments for every export', async () => {
  const { calls, refused, targets, findings, missing } = await fuzz(1);
  console.log(`${calls} calls of ${targets} functions, ${refused} refused`);
  expect(findings.slice(0, 20)).toEqual([]);
  // A module without a recipe in tests/fuzz/surface.mjs is called unloaded only.
  expect(missing).toEqual([]);
  expect(calls).toBeGreaterThan(20_000);
  expect(refused).toBeGreaterThan(calls / 2);
});
