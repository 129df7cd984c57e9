/** Every model that the picker offers: built in, published on Hugging Face, or the visitor's own. */
import { ExecutorchModule, IMAGENET1K_LABELS } from '../../dist/core.js';
import { newId } from '../lib/dom.js';
import { download } from './downloads.js';

const at = (path) => new URL(`models/${path}`, document.baseURI).href;

async function readJson(path) {
  const response = await fetch(at(path));
  if (!response.ok) throw new Error(`${path}: HTTP status ${response.status}`);
  return response.json();
}

let builtin;
let registry;

/** {models: entries, samples: [{address, name}]} of models/builtin.json. */
export function loadBuiltin() {
  builtin ??= readJson('builtin.json').then(({ models, samples }) => ({
    models: models.map(builtinEntry),
    samples: samples.map(({ file, title, kind, set }) => ({
      address: at(file),
      name: title ?? kind,
      set,
    })),
  }));
  return builtin;
}

/** Entries of the published models, in the order of models/registry.json. */
export function loadRegistry() {
  registry ??= readJson('registry.json').then(({ models, labels }) =>
    Promise.all(models.map((model) => registryEntry(model, labels))),
  );
  return registry;
}

/** All entries of a task, built-in ones first. */
export async function modelsFor(task) {
  const [{ models }, published] = await Promise.all([loadBuiltin(), loadRegistry()]);
  return [...models, ...published].filter((entry) => entry.task === task);
}

export async function defaultModel(task) {
  return (await loadBuiltin()).models.find((entry) => entry.task === task);
}

/*
 * An entry: {id, title, task, precision, bytes, licence, labels, origin: 'builtin'|'published'|'own', address}
 * and open(onProgress, signal), which resolves to the argument of the module's load().
 */
function builtinEntry({ name, title, task, precision, file, size, labels, accuracy }) {
  return entryOf({
    id: name,
    title,
    task,
    precision,
    bytes: size,
    labels,
    note: accuracy,
    licence: 'MIT',
    origin: 'builtin',
    address: at(file),
  });
}

async function registryEntry(model, labelSets) {
  const { name, title, task, precision, licence, revisions } = model;
  const chosen = revisions.find(({ revision }) => revision === model.default);
  const sized = chosen.size ? chosen : (revisions.find(({ statedSize }) => statedSize) ?? chosen);
  return entryOf({
    id: name,
    title,
    task,
    precision,
    bytes: chosen.size ?? parseSize(sized.statedSize),
    isApproximate: !chosen.size,
    licence,
    preprocessor: chosen.preprocessor,
    labels: labelsOf(model.labels, labelSets),
    origin: 'published',
    address: chosen.url,
    note: chosen.revision,
  });
}

function labelsOf(name, labelSets) {
  if (name === 'imagenet1k') return IMAGENET1K_LABELS;
  return labelSets[name]?.map((label) => label.toLowerCase());
}

function entryOf(facts) {
  const { address, labels, preprocessor, origin } = facts;
  const open = async (onProgress, signal) => {
    if (origin === 'published') await download(address, onProgress, signal);
    return { modelSource: address, ...present({ labels, preprocessor }) };
  };
  return { open, ...facts };
}

/** Bytes of '85.6 MB' or '81.7 MiB'. */
function parseSize(text) {
  const [, number, unit] = /^([\d.]+) ([MG]i?B)$/.exec(text ?? '') ?? [];
  const units = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };
  return number ? Math.round(Number(number) * units[unit]) : undefined;
}

/** An entry for a file or an address of the visitor's. Its classes are counted when it is opened. */
export function ownModel(source, task) {
  const isAddress = typeof source === 'string';
  const title = isAddress ? decodeURIComponent(source.split('/').at(-1)) : source.name;
  const facts = { id: newId('own'), title, task, origin: 'own' };
  const address = isAddress ? source : undefined;
  const entry = { ...facts, bytes: source.size, address };
  entry.open = async (onProgress, signal) => {
    if (isAddress) await download(source, onProgress, signal);
    entry.labels = await guessLabels(source, task, signal);
    return { modelSource: source, ...present({ labels: entry.labels }) };
  };
  return entry;
}

/** Names for the classes of a model that nobody has described: ImageNet's when there are 1000. */
async function guessLabels(source, task, signal) {
  if (task === 'embeddings') return undefined;
  const probe = new ExecutorchModule();
  try {
    await probe.load(source, undefined, { signal });
    const sizes = probe.info.outputs[0]?.sizes ?? [];
    const count = task === 'segmentation' ? Math.max(2, sizes.at(-3) ?? 0) : product(sizes);
    if (count === IMAGENET1K_LABELS.length) return IMAGENET1K_LABELS;
    return Array.from({ length: count }, (_, i) => `class ${i}`);
  } finally {
    probe.delete();
  }
}

const product = (numbers) => numbers.reduce((all, one) => all * one, 1);

const present = (entries) =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
