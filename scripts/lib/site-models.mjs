// What the demo offers, in one small file: built-in models, their sample pictures, published models.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cache.mjs';

const MODELS = join(ROOT, 'models');
const UNITS = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };
const TASKS = ['classification', 'segmentation', 'embeddings'];
const PRECISIONS = ['fp32', 'int8'];

const readJson = (path) => JSON.parse(readFileSync(join(MODELS, path), 'utf8'));

/** {builtin, samples, published, labels}; paths are relative to models/. */
export function siteModels() {
  const builtin = builtinModels();
  const { published, labels } = publishedModels();
  return { builtin, samples: sampleList(), published, labels };
}

/** The sidecars of models/builtin, in the order in which the demo shows them. */
function builtinModels() {
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
      ...{ title, task, precision, bytes: size, labels, licence },
    }));
}

function sampleList() {
  if (!existsSync(join(MODELS, 'builtin/samples/samples.json'))) return [];
  return readJson('builtin/samples/samples.json').map(({ file, kinds }) => ({
    file: `builtin/samples/${file}`,
    name: kinds.join(', '),
    isScene: kinds.length > 1,
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
      bytes: chosen.size ?? parseSize(stated),
      isApproximate: !chosen.size,
    };
  });
  const lists = Object.entries(labels).filter(([, list]) => Array.isArray(list));
  return { published, labels: Object.fromEntries(lists) };
}

/** Bytes of '85.6 MB' or '81.7 MiB'. */
function parseSize(text) {
  const [, number, unit] = /^([\d.]+) ([MG]i?B)$/.exec(text ?? '') ?? [];
  return number ? Math.round(Number(number) * UNITS[unit]) : undefined;
}
