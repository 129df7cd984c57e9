// npm run fuzz -- [--minutes 30] [program] [payload] [tflite] [image]: builds the libFuzzer targets with clang, ASan and
// UBSan, runs each for so many minutes, and prints executions, speed, findings and the coverage of the code
// that reads files. Corpora stay in build/fuzz/<target>/corpus; findings go to build/fuzz/<target>/findings.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { installPackages } from './lib/apt.mjs';
import { ROOT } from './lib/cache.mjs';
import { Fail, capture, entry, must, run, say, which } from './lib/run.mjs';

const MAX_SEED = 28_000;
/** Written by tests/fixtures/bad: a file for each rule, and models for the passes. */
const MADE = 'build/fuzz/made';
/** Written by tests/fixtures/tflite: a file for each rule, and models of one operator. */
const MADE_TFLITE = 'build/fuzz/made-tflite';
const MODELS = ['tests/fixtures/pte', MADE, '../shared/models/tiny', '../shared/data/pte'];
const PICTURES = ['tests/fixtures', '../shared/data/images'];
const TARGETS = {
  program: { folders: MODELS, pattern: /\.pte$/ },
  payload: { folders: MODELS, pattern: /\.pte$/ },
  tflite: { folders: [MADE_TFLITE], pattern: /\.tflite$/ },
  image: { folders: PICTURES, pattern: /\.(jpe?g|png|bmp|gif|webp)$/i },
};

async function setUp() {
  if (!which('clang-14')) {
    await installPackages(['clang-14', 'libclang-rt-14-dev', 'llvm-14']);
  }
  await must('cmake', ['--preset', 'native-fuzz'], { cwd: ROOT, quiet: true });
  await must('cmake', ['--build', '--preset', 'native-fuzz', '--target', 'ew_fuzz'], { cwd: ROOT });
  await must('node', ['tests/fixtures/bad/make.mjs', MADE], { cwd: ROOT, quiet: true });
  await must('node', ['tests/fixtures/tflite/make.mjs', MADE_TFLITE], { cwd: ROOT, quiet: true });
}

/** Copies the small files of the repository's fixtures, and of ../shared where it is. */
function seed(target, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { folders, pattern } = TARGETS[target];
  let count = 0;
  for (const from of folders.map((name) => join(ROOT, name)).filter((name) => existsSync(name))) {
    for (const name of readdirSync(from, { recursive: true }).filter((n) => pattern.test(n))) {
      const path = join(from, name);
      if (statSync(path).size > MAX_SEED) continue;
      copyFileSync(path, join(folder, `${count++}-${basename(name)}`));
    }
  }
  if (count === 0) throw new Fail(`no seeds for ${target}`, 'tests/fixtures holds none');
  return count;
}

async function fuzz(target, minutes) {
  const folder = join(ROOT, 'build/fuzz', target);
  const path = (name) => join(folder, name);
  for (const name of ['corpus', 'findings']) mkdirSync(path(name), { recursive: true });
  const seeds = seed(target, path('seeds'));
  const profile = path('coverage.profraw');
  rmSync(profile, { force: true });
  say(`fuzzing ${target} for ${minutes} minutes from ${seeds} seeds`);
  const binary = join(ROOT, `build/native-fuzz/tests/fuzz/${target}_fuzz`);
  const log = await run(
    binary,
    [
      path('corpus'),
      path('seeds'),
      `-dict=${join(ROOT, `tests/fuzz/${target}.dict`)}`,
      `-max_total_time=${minutes * 60}`,
      `-artifact_prefix=${path('findings')}/`,
      `-max_len=${MAX_SEED}`,
      '-timeout=10',
      '-rss_limit_mb=2560',
      '-print_final_stats=1',
    ],
    { cwd: ROOT, collect: true, quiet: true, env: { ...process.env, LLVM_PROFILE_FILE: profile } },
  );
  const stat = (name) => Number(log.output.match(new RegExp(`stat::${name}:\\s+(\\d+)`))?.[1] ?? 0);
  const row = {
    target,
    executions: stat('number_of_executed_units'),
    perSecond: stat('average_exec_per_sec'),
    failed: log.code !== 0,
  };
  if (row.failed) process.stdout.write(log.output.split('\n').slice(-60).join('\n'));
  return row;
}

/** Line coverage of the corpora, per file that reads untrusted bytes. Needs a build with EW_COVERAGE. */
async function coverage(targets) {
  const build = join(ROOT, 'build/native-coverage');
  await must('cmake', ['--preset', 'native-coverage'], { cwd: ROOT, quiet: true });
  await must('cmake', ['--build', '--preset', 'native-coverage', '--target', 'ew_fuzz'], {
    cwd: ROOT,
    quiet: true,
  });
  const profiles = [];
  for (const target of targets) {
    const folder = join(ROOT, 'build/fuzz', target);
    const profile = join(folder, 'coverage.profraw');
    await run(
      join(build, `tests/fuzz/${target}_fuzz`),
      [join(folder, 'corpus'), join(folder, 'seeds'), '-runs=0', '-rss_limit_mb=2560'],
      { quiet: true, env: { ...process.env, LLVM_PROFILE_FILE: profile } },
    );
    profiles.push(profile);
  }
  const merged = join(ROOT, 'build/fuzz/coverage.profdata');
  capture('llvm-profdata-14', ['merge', '-o', merged, ...profiles]);
  const objects = targets.flatMap((t) => ['-object', join(build, `tests/fuzz/${t}_fuzz`)]).slice(1);
  const sources = ['src/format', 'src/graph', 'src/image'].map((name) => join(ROOT, name));
  return capture('llvm-cov-14', ['report', '-instr-profile', merged, ...objects, ...sources]);
}

await entry(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { minutes: { type: 'string', default: '30' } },
  });
  const targets = positionals.length > 0 ? positionals : Object.keys(TARGETS);
  const unknown = targets.find((name) => !(name in TARGETS));
  if (unknown)
    throw new Fail(`no target '${unknown}'`, `there are: ${Object.keys(TARGETS).join(', ')}`);
  await setUp();
  const rows = [];
  for (const target of targets) rows.push(await fuzz(target, Number(values.minutes)));
  process.stdout.write(await coverage(targets));
  for (const { target, executions, perSecond, failed } of rows) {
    const result = failed ? `a finding in build/fuzz/${target}/findings` : 'no finding';
    say(`${target}: ${executions} executions, ${perSecond} per second, ${result}`);
  }
  if (rows.some(({ failed }) => failed)) process.exitCode = 1;
});
