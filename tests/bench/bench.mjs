// npm run bench: speed, memory, sizes and loading of this build beside its peers, in real Chromium, in one run.
// tests/bench/lib/options.mjs says how it is called; docs/benchmarks.md is what it writes.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entry, say } from '../../scripts/lib/run.mjs';
import { ROOT, hasShared } from '../lib/shared.mjs';
import { runCheck } from './lib/check.mjs';
import { writeBesidePeers, writeDocs } from './lib/docs.mjs';
import { entriesFor } from './lib/engines.mjs';
import { profileOperators, traceMainThread } from './lib/inspect.mjs';
import { startLab } from './lib/lab.mjs';
import { loadNow, machine } from './lib/machine.mjs';
import { PLANS, measure, reasonOf } from './lib/measure.mjs';
import { discard, hubFolder, listModels, unpack } from './lib/models.mjs';
import { HELP, parseOptions } from './lib/options.mjs';
import { PACKAGES, preparePeers } from './lib/peers.mjs';
import { tables } from './lib/report.mjs';
import { runScript, scriptNames } from './lib/scripts.mjs';
import { asText, ms } from './lib/tables.mjs';
import { measureSizes, requestedFiles } from './lib/sizes.mjs';

const BUILT_IN = ['speed', 'operators', 'main-thread', 'sizes'];
/** Models larger than this are left out of quick runs. */
const QUICK_BYTES = 20e6;

/** Minutes for all models together, and for everything. */
const MODEL_MINUTES = 7;
const ALL_MINUTES = 11.5;
const QUICK_MINUTES = 1;

/** With these every engine is loaded once. */
const SIZE_MODELS = hasShared ? /^(resnet50_fp32|mobilenet_v2_imagenet1k_int8)$/ : /./;
/** Engines whose main thread is looked at. */
const TRACED = ['relaxed', 'onnxruntime-1t', 'litert-1t', 'transformers-1t', 'mediapipe-1t'];

/** Unpacks a model and the files of its peers into `folder`: {bytes, entries}. */
async function prepare(model, { folder, peers }) {
  const put = async (path) => (path ? unpack(path, folder) : {});
  const { file, bytes } = await put(model.path);
  const address = (name) => name && `/models-unpacked/${name}`;
  const onnx = (await put(peers && model.onnx)).file;
  const tflite = (await put(peers && model.tflite)).file;
  const urls = { pte: address(file), onnx: address(onnx), tflite: address(tflite) };
  if (onnx && model.name.startsWith('resnet')) {
    hubFolder(join(folder, onnx), join(folder, 'hub', model.name));
    urls.hub = `/hub/${model.name}`;
  }
  return { bytes, entries: entriesFor(model, urls) };
}

async function measureModel(lab, model, context) {
  const { options, results } = context;
  const { bytes, entries } = await prepare(model, context);
  if (options.quick && bytes > QUICK_BYTES) return;
  say(`${model.name}, ${(bytes / 1e6).toFixed(1)} MB`);
  const { name, edition } = model;
  const { sections } = options;
  if (sections.includes('speed')) {
    const plan = { ...PLANS[options.quick ? 'quick' : 'full'], seconds: context.seconds() };
    const found = await measure(lab, entries, plan, say);
    results.speed.push({ name, edition, bytes, results: found });
    const line = ([key, { error, steady }]) => `${key} ${error ?? ms(steady.min)}`;
    say(`  ${Object.entries(found).map(line).join(', ')}`);
  }
  const relaxed = entries.find(({ key }) => key === 'relaxed');
  if (sections.includes('operators')) {
    results.operators.push({ name, ...(await orError(() => profileOperators(lab, relaxed))) });
  }
  if (sections.includes('main-thread') && !edition) {
    for (const traced of entries.filter(({ key }) => TRACED.includes(key))) {
      const found = await orError(() => traceMainThread(lab, traced));
      results.mainThread.push({ name, key: traced.key, ...found });
    }
  }
}

async function orError(work) {
  try {
    return await work();
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

async function inBrowser(options, results, peers) {
  const folder = mkdtempSync(join(tmpdir(), 'ew-bench-'));
  const mounts = { '/models-unpacked/': folder, '/hub/': join(folder, 'hub') };
  if (peers) Object.assign(mounts, { '/peers/': peers.bundles, '/peers/modules/': peers.modules });
  const lab = await startLab(mounts);
  try {
    results.machine = machine(lab.browserVersion);
    results.empty = await emptyPage(lab);
    const wanted = ({ name }) =>
      options.models.length === 0 || options.models.some((part) => name.includes(part));
    const models = listModels().filter(wanted);
    const context = { options, folder, results, peers, seconds: pacer(models.length, options) };
    if (BUILT_IN.slice(0, 3).some((name) => options.sections.includes(name))) {
      for (const model of models) {
        const { error } = (await orError(() => measureModel(lab, model, context))) ?? {};
        if (error) results.speed.push({ name: model.name, error, results: {} });
        discard(folder);
        save(results);
      }
    }
    if (options.sections.includes('sizes')) {
      say('sizes');
      results.sizes = await measureSizes(await filesByEngine(lab, context));
    }
  } finally {
    await lab.close();
    discard(folder);
  }
}

/**
 * Seconds of steady runs for the next model: a fair share of the time that is left, because loading takes as
 * long as it takes.
 */
function pacer(models, { quick }) {
  const end = performance.now() + (quick ? QUICK_MINUTES : MODEL_MINUTES) * 60_000;
  let left = models;
  return () => {
    const share = (end - performance.now()) / 1000 / left--;
    return Math.min(Math.max(share * 0.4, 1), 14);
  };
}

/** What each engine's page asks for, found out with the smallest models that have all of them. */
async function filesByEngine(lab, context) {
  const files = {};
  for (const model of listModels().filter(({ name }) => SIZE_MODELS.test(name))) {
    const { entries } = await prepare(model, context);
    for (const entry of entries.filter(
      ({ engine, key }) => key === 'relaxed' || engine !== 'ours',
    )) {
      files[entry.engine] ??= await requestedFiles(lab, entry, context.peers);
    }
    discard(context.folder);
  }
  return files;
}

/** Memory of a page without any engine. */
async function emptyPage(lab) {
  const bench = await lab.open('empty');
  await new Promise((done) => setTimeout(done, 1000));
  const found = bench.memory();
  await bench.close();
  return found;
}

async function main() {
  const scripts = scriptNames();
  const options = parseOptions(process.argv.slice(2), [...BUILT_IN, ...scripts]);
  if (options.help) return process.stdout.write(HELP);
  const results = { notes: [], speed: [], operators: [], mainThread: [], sizes: [], scripts: [] };
  if (!hasShared)
    results.notes.push('Without the collection of reference models: built-in models only.');
  const installed = options.peers ? await preparePeers(say) : { reason: 'not asked for' };
  if (installed.reason) results.notes.push(`Peers left out: ${installed.reason}.`);
  const peers = installed.reason ? undefined : installed;
  if (options.check) {
    const table = await runCheck(options, peers);
    if (options.writeDocs) writeBesidePeers(table, PACKAGES);
    return;
  }
  results.versions = installed.versions;
  results.notes.forEach((note) => say(note));
  await inBrowser(options, results, peers);
  for (const name of scripts.filter((script) => options.sections.includes(script))) {
    say(`section ${name}`);
    const minutes = Math.max(1, ALL_MINUTES - performance.now() / 60_000);
    results.scripts.push(await runScript(name, { quick: options.quick, minutes }));
  }
  results.loadAtEnd = loadNow();
  finish(results, options);
}

/** Kept after every model: a run that is interrupted has not been in vain. */
function save(results) {
  const reports = join(ROOT, 'build/reports');
  mkdirSync(reports, { recursive: true });
  writeFileSync(join(reports, 'bench.json'), `${JSON.stringify(results, null, 1)}\n`);
}

function finish(results, options) {
  save(results);
  const shown = tables(results).filter(({ columns }) => columns);
  process.stdout.write(`\n${shown.map(asText).join('\n')}`);
  say('wrote build/reports/bench.json');
  if (options.writeDocs) {
    writeDocs(results, PACKAGES);
    say('wrote docs/benchmarks.md');
  }
  const ours = results.speed.flatMap(({ error, results: found }) => [
    error,
    ...Object.values(found).map((result) => result.engine === 'ours' && result.error),
  ]);
  if (ours.some(Boolean) || results.scripts.some(({ failed }) => failed)) process.exitCode = 1;
}

await entry(main);
