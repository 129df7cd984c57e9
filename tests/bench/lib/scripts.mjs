// Benchmarks of other subjects: every other tests/bench/*.mjs is a section named like its file.
//
// Such a script runs on its own (`node tests/bench/picture.mjs`), prints what it finds, and, when EW_BENCH_REPORT
// names a file, writes {title, columns, rows, notes} to it: strings and numbers for one table of the report. A
// script that writes nothing is shown by what it printed. EW_BENCH_QUICK=1 asks for few repetitions.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../scripts/lib/run.mjs';
import { BROWSERS } from '../../../scripts/lib/browsers.mjs';
import { ROOT } from '../../lib/shared.mjs';

const FOLDER = join(ROOT, 'tests/bench');

/** Names of the sections that are scripts of their own. */
export function scriptNames() {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.mjs') && file !== 'bench.mjs')
    .map((file) => file.replace(/\.mjs$/, ''));
}

/** Runs one; resolves to its table {title, columns, rows, notes} or {title, text}, with {failed} by exit code. */
export async function runScript(name, { quick, minutes }) {
  const report = join(ROOT, 'build/reports', `bench-${name}.json`);
  mkdirSync(join(ROOT, 'build/reports'), { recursive: true });
  rmSync(report, { force: true });
  const own = { EW_CHROMIUM: BROWSERS.chromium.path(), EW_BENCH_REPORT: report };
  const env = { ...process.env, ...own, ...(quick && { EW_BENCH_QUICK: '1' }) };
  const options = { cwd: ROOT, env, collect: true, timeout: Math.round(minutes * 60_000) };
  const { code, output } = await run(process.execPath, [join(FOLDER, `${name}.mjs`)], options);
  const failed = code !== 0;
  if (existsSync(report)) return { failed, ...JSON.parse(readFileSync(report, 'utf8')) };
  return { failed, title: name, text: output.trim() };
}
