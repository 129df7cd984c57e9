/** Every model that the picker offers: built in, published on Hugging Face, or the visitor's own. */
import { ExecutorchModule, IMAGENET1K_LABELS } from '../../dist/web-core.js';
import { newId } from '../lib/dom.js';
import { download } from './downloads.js';

/** Prefers a picture of the kind that shows a task best. */
const WANTS_SCENES = { segmentation: true };

let loaded;

/** {models, samples}: models are entries, samples {address, name, isScene}. */
export function loadCatalog() {
  loaded ??= readCatalog();
  return loaded;
}

async function readCatalog() {
  const response = await fetch('models.json');
  if (!response.ok) throw new Error(`models.json: HTTP status ${response.status}`);
  const { builtin, published, labels, samples } = await response.json();
  const at = (file) => new URL(`models/${file}`, document.baseURI).href;
  const models = [
    ...builtin.map((facts) => entryOf({ ...facts, origin: 'builtin', address: at(facts.file) })),
    ...published.map((facts) =>
      entryOf({ ...facts, origin: 'published', labels: labelsOf(facts.labels, labels) }),
    ),
  ];
  return { models, samples: samples.map((sample) => ({ ...sample, address: at(sample.file) })) };
}

/** All entries of a task, built-in ones first. */
export async function modelsFor(task) {
  return (await loadCatalog()).models.filter((entry) => entry.task === task);
}

/** The first built-in model of a task, if any: nothing is downloaded that nobody asked for. */
export async function defaultModel(task) {
  return (await modelsFor(task)).find(({ origin }) => origin === 'builtin');
}

/** Sample pictures, those that suit the task first. */
export async function samplesFor(task) {
  const { samples } = await loadCatalog();
  const wanted = WANTS_SCENES[task] ?? false;
  return [...samples].sort((a, b) => (b.isScene === wanted) - (a.isScene === wanted));
}

/*
 * An entry: {id, title, task, precision, bytes, licence, labels, origin: 'builtin'|'published'|'own', address}
 * and open(onProgress, signal), which resolves to the argument of the module's load().
 */
function entryOf(facts) {
  const { address, labels, preprocessor, origin } = facts;
  const open = async (onProgress, signal) => {
    if (origin === 'published') await download(address, onProgress, signal);
    // What comes with the page need not be stored as well.
    const source = origin === 'builtin' ? await fetchBlob(address, signal) : address;
    return modelOf(source, { labels, preprocessor });
  };
  return { open, ...facts };
}

async function fetchBlob(address, signal) {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${address}: HTTP status ${response.status}`);
  return response.blob();
}

function labelsOf(name, lists) {
  if (name === 'imagenet1k') return IMAGENET1K_LABELS;
  return lists[name]?.map((label) => label.toLowerCase());
}

/** An entry for a file or an address of the visitor's. Its classes are counted when it is opened. */
export function ownModel(source, task) {
  const isAddress = typeof source === 'string';
  const title = isAddress ? decodeURIComponent(source.split('/').at(-1)) : source.name;
  const facts = { id: newId('own'), title, task, origin: 'own', bytes: source.size };
  const entry = { ...facts, address: isAddress ? source : undefined };
  entry.open = async (onProgress, signal) => {
    if (isAddress) await download(source, onProgress, signal);
    entry.labels ??= await guessLabels(source, task, signal);
    return modelOf(source, { labels: entry.labels });
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
    const all = sizes.reduce((product, size) => product * size, 1);
    const count = task === 'segmentation' ? Math.max(2, sizes.at(-3) ?? 0) : all;
    if (count === IMAGENET1K_LABELS.length) return IMAGENET1K_LABELS;
    return Array.from({ length: count }, (_, i) => `class ${i}`);
  } finally {
    probe.delete();
  }
}

/** The argument of load(): what is undefined is left out. */
function modelOf(modelSource, extras) {
  const given = Object.entries(extras).filter(([, value]) => value !== undefined);
  return { modelSource, ...Object.fromEntries(given) };
}
