// npm test: sets up, builds, runs every suite and ends with one line: "N passed, N failed[, N skipped]".
// Names on the command line choose suites: npm test -- native jest node browser. EW_BROWSERS chooses browsers.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/cache.mjs';
import { entry, run, say } from './lib/run.mjs';
import { buildAll, cmakeBuild, installReact18 } from './lib/steps.mjs';
import { BROWSERS, browserVersion, wantedBrowsers } from './lib/browsers.mjs';

const REPORTS = join(ROOT, 'build/reports');
/** A test, or a file of tests, that takes longer hangs. */
const LONGEST_MS = 15 * 60_000;
/** Files that hold results against a clock; the other ones of a browser run two at a time. */
const ALONE = /\b(busy|crash|inputs|video)\.test\.mjs$/;

function filesBelow(folder, pattern) {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true }).filter((name) => pattern.test(name));
}

// Each suite: when it exists, and how it runs; run returns {passed, failed, skipped}.
const SUITES = {
  native: { exists: () => true, run: nativeTests },
  jest: {
    exists: () =>
      ['js', 'react', 'wasm'].some(
        (name) => filesBelow(`tests/${name}`, /\.test\.tsx?$/).length > 0,
      ),
    run: jestTests,
  },
  node: {
    exists: () => true,
    run: () => nodeTests('node', nodeFiles('tests/node'), { atOnce: 2 }),
  },
  browser: {
    exists: () => filesBelow('tests/browser', /\.test\.mjs$/).length > 0,
    run: browserTests,
  },
};

async function nativeTests() {
  await cmakeBuild('native-debug');
  const report = join(REPORTS, 'ctest.xml');
  const args = ['--preset', 'native-debug', '--output-junit', report];
  const { code } = await run('ctest', args, { cwd: ROOT });
  return fromCtest(report, code);
}

function fromCtest(report, code) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const suite = readFileSync(report, 'utf8').match(/<testsuite [^>]*>/s)?.[0] ?? '';
  const number = (name) => Number(suite.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1] ?? 0);
  const [tests, failed, skipped] = ['tests', 'failures', 'skipped'].map(number);
  const counts = { passed: tests - failed - skipped, failed, skipped };
  return crashed(counts, code);
}

/** A runner that fails without a failed test (it did not start, it crashed) counts as one failure. */
function crashed(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function jestTests() {
  const report = join(REPORTS, 'jest.json');
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  // Node 20 has relaxed SIMD behind a flag; browsers have it without.
  const relaxed = '--experimental-wasm-relaxed-simd';
  const flags = ['--experimental-vm-modules', '--no-warnings', relaxed];
  // By itself Jest leaves one processor to the user: of two that is half of the time.
  const args = [...flags, jest, '--maxWorkers=2', '--json', '--outputFile', report];
  const { code } = await run(process.execPath, args, { cwd: ROOT });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const counts = {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
  return crashed(counts, code);
}

const nodeFiles = (folder) =>
  filesBelow(folder, /\.test\.mjs$/)
    .map((file) => join(folder, file))
    .sort();

/** Runs files with Node's own runner, `atOnce` at a time; the report is called `name`. */
async function nodeTests(name, files, { atOnce = 1, env = {} } = {}) {
  const report = join(REPORTS, `${name}.tap`);
  const reporters = ['spec', 'stdout', 'tap', report];
  const flags = reporters.map(
    (value, i) => `--test-reporter${i % 2 ? '-destination' : ''}=${value}`,
  );
  const { code } = await run(
    process.execPath,
    ['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${LONGEST_MS}`, ...flags, ...files],
    { cwd: ROOT, env: { ...process.env, ...env } },
  );
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const number = (word) => Number(text.match(new RegExp(`^# ${word} (\\d+)`, 'm'))?.[1] ?? 0);
  const counts = {
    passed: number('pass'),
    failed: number('fail') + number('cancelled'),
    skipped: number('skipped') + number('todo'),
  };
  return { ...crashed(counts, code), reasons: reasonsIn(text) };
}

/** {reason: number of tests that were skipped for it} */
function reasonsIn(tap) {
  const reasons = {};
  for (const [, reason] of tap.matchAll(/^ *ok \d+ .*# (?:SKIP|TODO) (.+)$/gm)) {
    const plain = reason.replaceAll('\\', '');
    reasons[plain] = (reasons[plain] ?? 0) + 1;
  }
  return reasons;
}

async function oneBrowser(name) {
  const files = nodeFiles('tests/browser');
  const env = { EW_BROWSER: name };
  const shared = files.filter((file) => !ALONE.test(file));
  const alone = files.filter((file) => ALONE.test(file));
  const parts = [
    await nodeTests(name, shared, { atOnce: 2, env }),
    await nodeTests(`${name}-alone`, alone, { env }),
  ];
  const total = { passed: 0, failed: 0, skipped: 0, reasons: {} };
  for (const { reasons, ...counts } of parts) {
    add(total, counts);
    add(total.reasons, reasons);
  }
  return total;
}

function add(total, counts) {
  for (const [key, count] of Object.entries(counts)) total[key] = (total[key] ?? 0) + count;
}

/** The same files in each browser, one browser after the other. */
async function browserTests() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  for (const name of wantedBrowsers()) {
    const title = `${BROWSERS[name].title} ${browserVersion(name)}`;
    say(`tests: ${title}`);
    const start = performance.now();
    const { reasons, ...counts } = await oneBrowser(name);
    add(total, counts);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    lines.push(`${title}: ${summary(counts)} (${seconds} s)`);
    for (const [reason, count] of Object.entries(reasons)) {
      lines.push(`  ${count} skipped: ${reason}`);
    }
  }
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return total;
}

await entry(async () => {
  const chosen = process.argv.slice(2).filter((word) => word in SUITES);
  const names = (chosen.length > 0 ? chosen : Object.keys(SUITES)).filter((n) =>
    SUITES[n].exists(),
  );
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  await buildAll({ browser: names.includes('browser') });
  if (names.includes('jest') || names.includes('browser')) await installReact18();
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    say(`tests: ${name}`);
    const counts = await SUITES[name].run();
    for (const key of Object.keys(total)) total[key] += counts[key];
    say(`${name}: ${summary(counts)}`);
  }
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
  process.stdout.write(`\n${summary(total)}\n`);
});

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
