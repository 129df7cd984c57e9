// What the demo offers, in one small file: models and sample pictures that come with the page, published models.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cache.mjs';

const MODELS = join(ROOT, 'models');
/** Where the npm package has it, and where the site does, below models/. */
export const SELFIE = join(
  ROOT,
  'node_modules/@mediapipe/selfie_segmentation/selfie_segmentation.tflite',
);
export const SELFIE_FILE = 'people/selfie_segmentation.tflite';
const UNITS = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };
const TEXT = 'text/text_encoder_fp32.json';
const TASKS = ['classification', 'segmentation', 'embeddings'];
const PRECISIONS = ['fp32', 'int8'];

const readJson = (path) => JSON.parse(readFileSync(join(MODELS, path), 'utf8'));

/** The photo model, and its classifier as the site writes it in the other format. */
export const PHOTO_FILE = 'photo/efficientnet_lite0_int8.pte';
export const PHOTO_TFLITE = 'photo/efficientnet_lite0_int8.tflite';

/** {builtin, samples, published, labels}; paths are relative to models/. `tfliteBytes` is the size of PHOTO_TFLITE. */
export function siteModels(tfliteBytes) {
  const { published, labels } = publishedModels();
  const builtin = [...photoModels(tfliteBytes), ...drawnModels(), ...selfieModels()];
  return { builtin, samples: [...photoSamples(), ...drawnSamples()], published, labels };
}

/** The photo model: as a classifier, in two formats, and as an embedder. */
function photoModels(tfliteBytes) {
  const { precision, size, labels, licence } = readJson(PHOTO_FILE.replace('.pte', '.json'));
  const id = 'efficientnet_lite0_int8';
  const shared = { title: 'EfficientNet-Lite0', precision, licence, group: 'photo' };
  const pte = { file: PHOTO_FILE, bytes: size, ...shared };
  const tflite = { file: PHOTO_TFLITE, bytes: tfliteBytes, ...shared };
  const task = 'classification';
  return [
    { id, task, labels, ...pte },
    { id: `${id}_tflite`, task, labels, ...tflite },
    { id: `${id}_embed`, task: 'embeddings', method: 'embed', ...pte },
  ];
}

/** MediaPipe's segmenter of people, of an npm package: the site carries a copy, the repository does not. */
function selfieModels() {
  if (!existsSync(SELFIE)) return [];
  const facts = {
    id: 'selfie_segmentation',
    file: SELFIE_FILE,
    title: 'MediaPipe Selfie Segmentation',
  };
  const labels = ['background', 'person'];
  const { size: bytes } = statSync(SELFIE);
  const more = { task: 'segmentation', precision: 'fp16', bytes, licence: 'Apache-2.0', labels };
  return [{ ...facts, ...more, group: 'people' }];
}

/** The sidecars of models/builtin, in the order in which the demo shows them. */
function drawnModels() {
  if (!existsSync(join(MODELS, 'builtin'))) return [];
  const order = ({ task, precision }) =>
    TASKS.indexOf(task) * PRECISIONS.length + PRECISIONS.indexOf(precision);
  return readdirSync(join(MODELS, 'builtin'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => readJson(`builtin/${name}`))
    .filter(({ file, task }) => file && TASKS.includes(task))
    .sort((a, b) => order(a) - order(b))
    .map(({ file, title, task, precision, size, labels, licence }) => ({
      id: file.replace(/\.pte$/, ''),
      file: `builtin/${file}`,
      ...{ title, task, precision, bytes: size, labels, licence, group: 'drawn' },
      text: drawnText(`builtin/${file}`),
    }));
}

/** The text encoder that gives vectors of the same space as this image encoder. */
function drawnText(imageEncoder) {
  if (!existsSync(join(MODELS, TEXT))) return undefined;
  const { file, tokenizer, size: bytes, goesWith } = readJson(TEXT);
  if (goesWith !== imageEncoder) return undefined;
  return { model: `text/${file}`, tokenizer: `text/${tokenizer}`, bytes };
}

function drawnSamples() {
  if (!existsSync(join(MODELS, 'builtin/samples/samples.json'))) return [];
  return readJson('builtin/samples/samples.json').map(({ file, kinds }) => ({
    file: `builtin/samples/${file}`,
    name: kinds.join(', '),
    isScene: kinds.length > 1,
  }));
}

/** Photos, with the credit that their licences ask for. */
function photoSamples() {
  if (!existsSync(join(MODELS, 'photo/samples/samples.json'))) return [];
  return readJson('photo/samples/samples.json').map(({ file, title, author, licence }) => ({
    file: `photo/samples/${file}`,
    name: title,
    isPhoto: true,
    credit: `${author.split(', http')[0]}, ${licence}`,
  }));
}

/** The revision of each model that its constant names. Sizes are those stated where none was measured. */
function publishedModels() {
  if (!existsSync(join(MODELS, 'registry.json'))) return { published: [], labels: {} };
  const { models, labels } = readJson('registry.json');
  const onHub = models.filter((model) => model.default !== 'package');
  const published = onHub.map((model) => {
    const { name, title, task, precision, licence, revisions } = model;
    const chosen = revisions.find(({ revision }) => revision === model.default);
    const stated = chosen.statedSize ?? revisions.find((one) => one.statedSize)?.statedSize;
    return {
      id: name,
      ...{ title, task, precision, licence, labels: model.labels ?? undefined },
      revision: chosen.revision,
      address: chosen.url,
      preprocessor: chosen.preprocessor,
      text: publishedText(name, models),
      bytes: chosen.size ?? parseSize(stated),
      isApproximate: !chosen.size,
    };
  });
  const lists = Object.entries(labels).filter(([, list]) => Array.isArray(list));
  return { published, labels: Object.fromEntries(lists) };
}

/** CLIP's text encoder, for its image encoders. */
function publishedText(name, models) {
  const partner = name.replace(/_IMAGE(_QUANTIZED)?$/, '_TEXT');
  const model = partner !== name && models.find((one) => one.name === partner);
  if (!model) return undefined;
  const chosen = model.revisions.find(({ revision }) => revision === model.default);
  return { model: chosen.url, tokenizer: chosen.tokenizer, bytes: parseSize(chosen.statedSize) };
}

/** Bytes of '85.6 MB' or '81.7 MiB'. */
function parseSize(text) {
  const [, number, unit] = /^([\d.]+) ([MG]i?B)$/.exec(text ?? '') ?? [];
  return number ? Math.round(Number(number) * UNITS[unit]) : undefined;
}
