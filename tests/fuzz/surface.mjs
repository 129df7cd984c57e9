// Calls everything that is public with arguments that no caller should pass. What is called is read from the entries
// themselves, so a new export takes part without a line here; a new module wants a recipe (below) for its loaded state.
//
// Found wanting is: an error that is not the library's, a call that hangs, a rejection that nobody handles, and a wrong
// argument that was taken without a word.
//
// Runs in Node (surface-node.mjs) and in pages.
import { HOSTILE, randomOf } from './hostile.mjs';

/** Milliseconds that a call may take. A loaded machine makes them long; a hang is for ever. */
const LIMIT = 20_000;

/** Names of the errors that each entry throws; the API of 0.10 in the root has its own. */
const ERRORS = {
  root: ['ExecutorchError', 'RnExecuTorchError'],
  legacy: ['RnExecutorchError', 'ExecutorchError'],
  fetcher: ['ExecutorchError', 'RnExecutorchError'],
};

/** ErrorCode.PlatformNotSupported. */
const NOT_ON_THE_WEB = 119;

const isClass = (value) => typeof value === 'function' && /^class\b/.test(String(value));
const isHook = (name, value) => typeof value === 'function' && /^use[A-Z]/.test(name);

/** {label, run(args)} of an export and of what hangs on it. Hooks need a renderer: tests/react/surface.test.tsx. */
function targetsOf(entry, name, value, hidden, depth = 0) {
  const label = `${entry} ${name}`;
  if (isHook(name, value) || depth > 3) return [];
  if (isClass(value)) return classTargets(entry, name, value, hidden);
  const own = typeof value === 'function' ? [{ label, entry, run: (args) => value(...args) }] : [];
  if (typeof value !== 'object' && typeof value !== 'function') return own;
  if (value === null || ArrayBuffer.isView(value)) return own;
  const members = Object.keys(value)
    .filter((key) => ['object', 'function'].includes(typeof value[key]))
    .flatMap((key) => targetsOf(entry, `${name}.${key}`, value[key], hidden, depth + 1));
  return [...own, ...members];
}

function classTargets(entry, name, Class, hidden) {
  const make = { label: `${entry} new ${name}`, entry, run: (args) => new Class(...args) };
  const statics = Object.getOwnPropertyNames(Class)
    .filter((key) => !['length', 'name', 'prototype'].includes(key))
    .flatMap((key) => targetsOf(entry, `${name}.${key}`, Class[key], hidden, 1));
  const shown = methodsOf(Class.prototype).filter((key) => !hidden.has(key));
  const methods = shown.map((key) => ({
    label: `${entry} ${name}#${key}`,
    entry,
    run: (args) => new Class()[key](...args),
  }));
  return [make, ...statics, ...methods];
}

function methodsOf(prototype) {
  const names = new Set();
  for (let at = prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if (at === Error.prototype) break;
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && key !== 'constructor') names.add(key);
    }
  }
  return [...names];
}

/** {label, entry, run, args, allows}: methods with right arguments, of which one at a time is replaced. */
async function recipeTargets(entry, api, sample) {
  const out = [];
  const known = new Set();
  for (const [name, { model, calls }] of Object.entries(sample.modules)) {
    known.add(name);
    const Class = api[name];
    if (!Class) continue;
    const loaded = new Class();
    await loaded.load(model());
    const gone = new Class();
    await gone.load(model());
    gone.delete();
    for (const [method, { args: all, allows, legacy }] of Object.entries(calls)) {
      if (!(method in Class.prototype)) continue;
      // The older API has no options.
      const isShort = entry === 'legacy' && name !== 'ImageSegmentationModule';
      const args = isShort ? () => all().slice(0, legacy) : all;
      const of = (state, module) => ({
        label: `${entry} ${name}#${method} (${state})`,
        entry,
        run: (given) => module[method](...given),
      });
      out.push({ ...of('loaded', loaded), args, allows });
      out.push({ ...of('deleted', gone), args, allows: () => false });
    }
    const load = ([first, ...rest]) => {
      const module = new Class();
      return module.load(first, ...rest).finally(() => module.delete());
    };
    const args = () => [model(), () => undefined, {}];
    out.push({ label: `${entry} ${name}#load`, entry, run: load, args, allows: sample.allowsLoad });
  }
  return { targets: out, missing: await unknownModules(api, known) };
}

/** Names of classes that load models and have no recipe; stand-ins load none. */
async function unknownModules(api, known) {
  const names = [];
  for (const [name, Class] of Object.entries(api)) {
    if (known.has(name) || !isClass(Class) || !('load' in Class.prototype)) continue;
    const error = await new Class().load({ modelSource: 'data:,' }).catch((reason) => reason);
    if (error?.code !== NOT_ON_THE_WEB) names.push(name);
  }
  return names;
}

/** Calls, each a target with its arguments: every hostile value in every place, and random lists. */
function* callsOf(targets, random, rounds) {
  for (const target of targets) {
    if (target.args) {
      for (let place = 0; place < target.args().length; place++) {
        for (const hostile of HOSTILE) {
          const args = target.args();
          args[place] = hostile.make();
          yield { target, args, text: `${hostile.label} in place ${place}`, place, hostile };
        }
      }
    }
    if (!target.args && !isAbsent(target)) {
      for (const hostile of HOSTILE) yield { target, args: [hostile.make()], text: hostile.label };
    }
    for (let round = 0; round < rounds; round++) {
      const list = Array.from({ length: Math.floor(random.next() * 4) }, () =>
        random.pick(HOSTILE),
      );
      const text = list.map(({ label }) => label).join(', ');
      yield { target, args: list.map(({ make }) => make()), text };
    }
  }
}

/** Stand-ins for what the web does not have refuse every call in the same way: random arguments are enough. */
function isAbsent({ run }) {
  try {
    const made = run([]);
    if (made instanceof Promise) made.catch(() => undefined);
    return false;
  } catch (error) {
    return error?.code === NOT_ON_THE_WEB;
  }
}

const LATE = Symbol('late');

/** {thrown} or {value}, or {hangs: true}. */
async function outcomeOf(call) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(LATE), LIMIT);
  });
  try {
    // What comes back may be a trap itself; only promises of the library are awaited.
    const made = call();
    const value = made instanceof Promise ? await Promise.race([made, late]) : made;
    return value === LATE ? { hangs: true } : { value };
  } catch (thrown) {
    return { thrown };
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(outcome, { target, place, args }) {
  if (outcome.hangs) return `does not settle within ${LIMIT} ms`;
  if ('thrown' in outcome) {
    const { thrown } = outcome;
    if (!(thrown instanceof Error)) return 'throws what is no Error';
    const known = ERRORS[target.entry];
    if (!known.includes(thrown.name)) return `throws ${thrown.name}: ${thrown.message}`;
    if (typeof thrown.message !== 'string' || thrown.message === '') return 'throws without words';
    if (thrown.code === undefined) return 'throws without a code';
    return undefined;
  }
  if (place === undefined || target.allows(place, args[place])) return undefined;
  return 'takes it without a word';
}

const SETTINGS = [
  'endpoint',
  'revision',
  'headers',
  'accessToken',
  'storeDirectory',
  'pins',
  'hubMetadata',
  'freshness',
  'assetRegistry',
  'wasmBaseUrl',
  'wasmUrl',
  'wasmBinary',
  'workerUrl',
  'variant',
  'threads',
  'workerTimeout',
];

/** What takes back all that a call of configure() may have set. */
export const noSettings = () => Object.fromEntries(SETTINGS.map((name) => [name, undefined]));

/**
 * @param entries {root, legacy, fetcher}: the entries' exports.
 * @param sample {modules, allowsLoad}: how modules are loaded and called, see sampleOf().
 * @param hidden Names of methods that are not public: declarations know them, classes at run time do not.
 * @param share Share of all calls that are made, chosen at random.
 * @param begin Told each call before it is made, so that a watcher knows what hangs.
 * @returns {calls, targets, findings, missing}
 */
export async function fuzzSurface({
  entries,
  sample,
  hidden = new Set(),
  seed = 1,
  rounds = 4,
  share = 1,
  begin = () => {},
  reset,
}) {
  const random = randomOf(seed);
  const findings = [];
  const missing = [];
  const targets = [];
  for (const [entry, api] of Object.entries(entries)) {
    for (const [name, value] of Object.entries(api)) {
      targets.push(...targetsOf(entry, name, value, hidden));
    }
    const recipes = await recipeTargets(entry, api, sample);
    targets.push(...recipes.targets);
    missing.push(...recipes.missing.map((name) => `${entry} ${name}`));
  }
  let calls = 0;
  let refused = 0;
  for (const call of callsOf(targets, random, rounds)) {
    if (share < 1 && random.next() >= share) continue;
    const text = `${call.target.label}(${call.text})`;
    calls++;
    begin(text);
    const outcome = await outcomeOf(() => call.target.run(call.args));
    if ('thrown' in outcome) refused++;
    const problem = problemOf(outcome, call);
    if (problem) findings.push(`${text}: ${problem}`);
    reset?.();
  }
  return { calls, refused, targets: targets.length, findings, missing };
}

/**
 * Right arguments of each module, from models {classifier, segmenter, embedder: {modelSource, labels}, texts:
 * {modelSource, tokenizerSource}} and a picture; `allows` tells which hostile values are right in a place.
 */
export function sampleOf({ classifier, segmenter, embedder, texts, picture }) {
  const isPlain = (value) => {
    try {
      const tag = Object.prototype.toString.call(value);
      return tag === '[object Object]' && Object.keys(value).length === 0;
    } catch {
      return false;
    }
  };
  const isOption = (value) => value === undefined || isPlain(value);
  const onPicture = {
    legacy: 1,
    args: () => [picture(), {}],
    allows: (place, value) =>
      place === 1 ? isOption(value) : value?.width === 1 && value.data?.length === 3,
  };
  const onMaps = {
    legacy: 3,
    args: () => [picture(), [], false, {}],
    allows: (place, value) =>
      (place === 0 && value?.width === 1 && value.data?.length === 3) ||
      (place === 1 && (value === undefined || (Array.isArray(value) && value.length === 0))) ||
      (place === 2 && (value === undefined || typeof value === 'boolean')) ||
      (place === 3 && isOption(value)),
  };
  const shape = {
    args: () => ['forward', 0],
    allows: (place, value) => place === 1 && value === 0,
  };
  const tensor = () => ({
    dataPtr: new Float32Array(3 * 64 * 64),
    sizes: [1, 3, 64, 64],
    scalarType: 6,
  });
  const onTensor = {
    legacy: 1,
    args: () => [[tensor()], {}],
    allows: (place, value) => place === 1 && isOption(value),
  };
  // Every text has an embedding, the empty one too: what is before and behind it is two tokens.
  const onText = {
    legacy: 1,
    args: () => ['a car', {}],
    allows: (place, value) => (place === 1 ? isOption(value) : typeof value === 'string'),
  };
  const shapes = {
    ...shape,
    allows: (place, value) => place === 1 && (value === 0 || value === 1),
  };
  const common = { getInputShape: shape };
  const model = (one) => () => ({ ...one });
  return {
    modules: {
      ClassificationModule: {
        model: model(classifier),
        calls: { ...common, forward: onPicture, classify: onPicture },
      },
      ImageSegmentationModule: { model: model(segmenter), calls: { ...common, forward: onMaps } },
      SemanticSegmentationModule: { model: model(segmenter), calls: { forward: onMaps } },
      ImageEmbeddingsModule: { model: model(embedder), calls: { ...common, forward: onPicture } },
      TextEmbeddingsModule: {
        model: model(texts),
        calls: { getInputShape: shapes, forward: onText },
      },
      ExecutorchModule: {
        model: () => classifier.modelSource,
        calls: { ...common, forward: onTensor },
      },
    },
    /** Callback and options may be left out; functions that throw are told nothing before the end of a local file. */
    allowsLoad: (place, value) =>
      (place === 1 && (value === undefined || typeof value === 'function')) ||
      (place === 2 && isOption(value)),
  };
}
