/** Every model that the picker offers: built in, published on Hugging Face, or the visitor's own. */
import { ExecutorchModule, IMAGENET1K_LABELS } from '../../dist/web-core.js';
import { newId } from '../lib/dom.js';
import { download } from './downloads.js';
import { linked } from './permalink.js';

/** The kind of picture that shows a task best. */
const BEST_SAMPLES = { segmentation: ({ isScene }) => isScene };
const isPhoto = (sample) => sample.isPhoto;

let loaded;
/** Names of the 21 classes that segmenters trained on PASCAL VOC have. */
let pascal;

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
    ...builtin.map(({ text, ...facts }) => ({
      ...facts,
      origin: 'builtin',
      address: at(facts.file),
      text: text && { ...text, model: at(text.model), tokenizer: at(text.tokenizer) },
    })),
    ...published.map((facts) => ({ ...facts, origin: 'published' })),
  ].map((facts) => entryOf({ ...facts, labels: labelsOf(facts.labels, labels) }));
  pascal = labelsOf('pascalVoc', labels);
  return { models, samples: samples.map((sample) => ({ ...sample, address: at(sample.file) })) };
}

/** All entries of a task, built-in ones first. */
export async function modelsFor(task) {
  return (await loadCatalog()).models.filter((entry) => entry.task === task);
}

/**
 * The model of a task to begin with: the one that the page's address names, else the first that comes with the page.
 * Nothing is downloaded from elsewhere that nobody asked for.
 */
export async function defaultModel(task) {
  const own = (await modelsFor(task)).filter(({ origin }) => origin === 'builtin');
  return own.find(({ id }) => id === linked('model')) ?? own[0];
}

/** The model that tells people from their background, if the page has it. */
export async function peopleModel() {
  return (await loadCatalog()).models.find(({ group }) => group === 'people');
}

/** Sample pictures, those that suit the task first. */
export async function samplesFor(task) {
  const { samples } = await loadCatalog();
  const isBest = BEST_SAMPLES[task] ?? isPhoto;
  const rank = (sample) => (isBest(sample) ? 0 : sample.isScene || sample.isPhoto ? 2 : 1);
  const kinds = ({ isScene, name }) => (isScene ? name.split(', ').length : 0);
  return [...samples].sort((a, b) => rank(a) - rank(b) || kinds(b) - kinds(a));
}

/*
 * An entry: {id, title, task, precision, bytes, licence, labels, method, group, text (the encoder of texts that goes with it), origin: 'builtin'|'published'|'own',
 * address} and open(onProgress, signal), which resolves to the argument of the module's load().
 */
function entryOf(facts) {
  const { address, labels, preprocessor, method, origin } = facts;
  const open = async (onProgress, signal) => {
    if (origin === 'published') await download(address, onProgress, signal);
    // What comes with the page need not be stored as well.
    const source = origin === 'builtin' ? await fetchBlob(address, signal) : address;
    return modelOf(source, { labels, preprocessor, method });
  };
  return { open, ...facts };
}

async function fetchBlob(address, signal) {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${address}: HTTP status ${response.status}`);
  return response.blob();
}

/** A list as it is, or the one of this name. */
function labelsOf(name, lists) {
  if (typeof name !== 'string') return name;
  if (name === 'imagenet1k') return IMAGENET1K_LABELS;
  return lists[name]?.map((label) => label.toLowerCase());
}

/**
 * An entry for a file or an address of the visitor's.
 *
 * @param named {labels, classes}: names that the visitor gave its classes, and how many there are. Default: the names in the file,
 *   else a guess by their number.
 */
export function ownModel(source, task, { labels, classes } = {}) {
  const isAddress = typeof source === 'string';
  const title = isAddress ? decodeURIComponent(source.split('/').at(-1)) : source.name;
  const facts = { id: newId('own'), title, task, origin: 'own', bytes: source.size };
  const entry = { ...facts, source, labels, classes, address: isAddress ? source : undefined };
  entry.open = async (onProgress, signal) => {
    if (isAddress) await download(source, onProgress, signal);
    entry.labels ??= await guessLabels(source, task, signal);
    entry.classes ??= entry.labels?.length;
    return modelOf(source, { labels: entry.labels });
  };
  return entry;
}

/** Names for the classes of a model: those that it carries, else those that models with so many classes mostly have. */
async function guessLabels(source, task, signal) {
  if (task === 'embeddings') return undefined;
  const probe = new ExecutorchModule();
  try {
    await probe.load(source, undefined, { signal });
    const { info } = probe;
    const stated = info.metadata?.outputs?.[0]?.files?.find(({ kind }) => kind === 'axisLabels');
    if (stated?.lines?.length) return stated.lines;
    const count = classCount(info, task);
    return count && usualLabels(count, task);
  } finally {
    probe.delete();
  }
}

function usualLabels(count, task) {
  const named = { 21: pascal, 1000: IMAGENET1K_LABELS, 1001: ['background', ...IMAGENET1K_LABELS] };
  if (task === 'segmentation') named[2] = ['background', 'foreground'];
  return named[count] ?? Array.from({ length: count }, (_, i) => `class ${i}`);
}

/** Classes of output 0; undefined where it is no list of them. Maps have them first, or last where the picture has its channels last. */
function classCount({ inputs, outputs }, task) {
  const sizes = outputs[0]?.sizes ?? [];
  if (task !== 'segmentation') {
    const long = sizes.filter((size) => size !== 1);
    return long.length > 1 ? undefined : (long[0] ?? 1);
  }
  // A map of classes says nothing about how many there are.
  if (!/^(f32|u8|i8)$/.test(outputs[0]?.type) || sizes.length < 3) return pascal.length;
  const hasChannelsLast = inputs[0]?.sizes.at(-1) === 3;
  return Math.max(2, sizes.at(hasChannelsLast ? -1 : -3));
}

/** The argument of load(): what is undefined is left out. */
function modelOf(modelSource, extras) {
  const given = Object.entries(extras).filter(([, value]) => value !== undefined);
  return { modelSource, ...Object.fromEntries(given) };
}
