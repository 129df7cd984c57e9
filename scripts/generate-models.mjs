// Makes model constants, labels, docs/models.md and models/catalogue.json (the demo's list) from models/registry.json,
// models/labels and the built-in models' side files.
// `node scripts/generate-models.mjs` writes them, `--check` fails when a committed file is not current.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import prettier from 'prettier';
import { ROOT } from './lib/cache.mjs';
import { writeGenerated } from './lib/generated.mjs';
import { entry } from './lib/run.mjs';

const NOTE =
  '// Generated from models/registry.json by scripts/generate-models.mjs. Do not edit.\n';
const TASKS = {
  classification: 'ClassificationModel',
  segmentation: 'SegmentationModel',
  embeddings: 'EmbeddingsModel',
  textEmbeddings: 'TextEmbeddingsModel',
};

const TITLES = {
  classification: 'Classification',
  segmentation: 'Segmentation',
  embeddings: 'Embeddings',
  textEmbeddings: 'Text embeddings',
};

const text = (path) => readFileSync(join(ROOT, path), 'utf8');
const json = (path) => JSON.parse(text(path));

/** models/registry.json, checked: every model has what the generated files need. */
export function readRegistry(registry = json('models/registry.json')) {
  const names = new Set();
  for (const model of registry.models) {
    const fail = (reason) => {
      throw new Error(`models/registry.json: ${model.name}: ${reason}`);
    };
    if (!/^[A-Z][A-Z\d_]+$/.test(model.name) || names.has(model.name)) fail('bad or repeated name');
    names.add(model.name);
    if (!(model.task in TASKS)) fail(`unknown task ${model.task}`);
    if (model.labels !== null && !(model.labels in registry.labels)) fail('unknown labels');
    if (!model.licence) fail('no licence');
    if (!defaultRevision(model)) fail(`no revision ${model.default}`);
    for (const revision of model.revisions) {
      if (revision.file) revision.url = inPackage(revision.file);
      else if (!isOnHub(revision)) fail(revision.url);
    }
    if (model.task === 'textEmbeddings' && !defaultRevision(model).tokenizer) fail('no tokenizer');
  }
  return registry;
}

/** Files that this package carries: the content network for npm packages has them under the package's version. */
function inPackage(file) {
  if (!existsSync(join(ROOT, 'models', file))) throw new Error(`models/${file} does not exist`);
  const { name, version } = json('package.json');
  return `https://cdn.jsdelivr.net/npm/${name}@${version}/dist/models/${basename(file)}`;
}

function isOnHub({ revision, url }) {
  return url.startsWith('https://') && url.includes(`/resolve/${revision}/`);
}

function defaultRevision(model) {
  return model.revisions.find(({ revision }) => revision === model.default);
}

/** Labels that the task assumes when a model names none; they need not be in the constant. */
const ASSUMED_LABELS = ['imagenet1k', 'pascalVoc'];

function modelsModule({ models, labels }) {
  const constants = models.map((model) => {
    const { url, preprocessor, tokenizer } = defaultRevision(model);
    const value = { modelSource: url };
    if (tokenizer) value.tokenizerSource = tokenizer;
    if (preprocessor) value.preprocessor = preprocessor;
    if (model.method) value.method = model.method;
    if (model.labels && !ASSUMED_LABELS.includes(model.labels)) value.labels = labels[model.labels];
    const { title, precision } = model;
    const place = model.default === 'package' ? "this package's own file" : model.default;
    return `/** ${title}, ${precision}, ${place}; ${model.licence}. */
      export const ${model.name}: ${TASKS[model.task]} & { modelSource: string${tokenizer ? '; tokenizerSource: string' : ''} } = ${JSON.stringify(value)};`;
  });
  return `${NOTE}
    import type { ${Object.values(TASKS).sort().join(', ')} } from '../model-types.js';

    ${constants.join('\n\n')}`;
}

export function imagenetLabels() {
  const labels = text('models/labels/imagenet1k.txt').trimEnd().split('\n');
  if (labels.length !== 1000) throw new Error(`models/labels: ${labels.length} labels, not 1000`);
  return labels;
}

function imagenetModule() {
  return `${NOTE}
    /** The 1000 classes of ImageNet-1k in the order of torchvision's models; 134 and 517 are both 'crane'. */
    export const IMAGENET1K_LABELS: readonly string[] = ${JSON.stringify(imagenetLabels())};`;
}

function pascalModule({ labels }) {
  const rows = labels.pascalVoc.map((name, index) => `${name} = ${index},`);
  return `${NOTE}
    /** Classes of PASCAL VOC in the order of the model's output, and the key of the class map. */
    export enum DeeplabLabel {
      ${rows.join('\n')}
      /** No class: the key under which results hold the class of each pixel. */
      ARGMAX = ${labels.pascalVoc.length},
    }`;
}

/** Side files of the built-in models, in the order of the tasks: [{task, precision, file, …}]. */
export function builtinModels() {
  return readdirSync(join(ROOT, 'models/builtin'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => json(`models/builtin/${name}`));
}

function catalogue({ models, labels }) {
  const builtin = builtinModels().map((model) => ({
    name: `builtin ${model.task} ${model.precision}`,
    title: model.title,
    task: model.task,
    precision: model.precision,
    source: 'builtin',
    url: `builtin/${model.file}`,
    size: model.size,
    sha256: model.sha256,
    labels: model.labels,
    licence: model.licence,
  }));
  // The demo has pictures only, and names the models of this package itself.
  const listed = models.filter(
    (model) => model.default !== 'package' && model.task !== 'textEmbeddings',
  );
  const published = listed.map((model) => {
    const { url, statedSize, size, sha256, preprocessor } = defaultRevision(model);
    const own = model.labels && !ASSUMED_LABELS.includes(model.labels);
    return {
      name: model.name,
      title: model.title,
      task: model.task,
      precision: model.precision,
      source: 'huggingface',
      url,
      ...(size ? { size, sha256 } : { statedSize }),
      ...(preprocessor && { preprocessor }),
      ...(own && { labels: labels[model.labels] }),
      licence: model.licence,
    };
  });
  return JSON.stringify([...builtin, ...published]);
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

function figures({ accuracy = {} }) {
  return Object.entries(accuracy)
    .map(([name, value]) => `${name} ${(value * 100).toFixed(2)} %`)
    .join(', ');
}

function inputOf(model) {
  const { preprocessor, tokenizer } = defaultRevision(model);
  if (tokenizer) return `[tokens](${tokenizer})`;
  return preprocessor ? 'mean/std of ImageNet' : 'pixels / 255';
}

function documentation({ models }) {
  const published = Object.keys(TASKS).flatMap((task) => {
    const rows = models
      .filter((model) => model.task === task)
      .map((model) => {
        const { url, statedSize } = defaultRevision(model);
        const others = model.revisions.filter(({ revision }) => revision !== model.default);
        const links = others.map(({ revision, url }) => `[${revision}](${url})`).join(' ');
        return row([
          `\`${model.name}\``,
          model.title,
          model.precision,
          `[${model.default}](${url})`,
          statedSize ?? '',
          inputOf(model),
          model.licence,
          links,
        ]);
      });
    const head = row(
      'Constant,Model,Precision,File,Size as stated,Input,Licence,Other revisions'.split(','),
    );
    return [`### ${TITLES[task]}`, '', head, row(Array(8).fill('---')), ...rows, ''];
  });
  const builtin = builtinModels().map((model) =>
    row([
      `\`models/builtin/${model.file}\``,
      model.task,
      model.precision,
      `${(model.size / 1000).toFixed(0)} kB`,
      `[${model.input.sizes.join(', ')}]`,
      figures(model),
      model.licence,
    ]),
  );
  return `<!-- Generated from models/registry.json by scripts/generate-models.mjs. Do not edit. -->

# Models

## Published models

Each constant is \`{ modelSource }\`, and \`preprocessor\`, \`labels\`, \`method\` or \`tokenizerSource\` where the model needs them; give it to a hook or
to \`load()\`. The files are those that React Native ExecuTorch publishes for XNNPACK; constants that it had in 0.6 name the
same files as there. Any other revision, or a file of your own, goes into \`modelSource\` the same way.

\`EFFICIENTNET_LITE0_…\` are this package's own file, \`dist/models/efficientnet_lite0_int8.pte\` ([where it comes from, what it can
do](../models/photo/README.md)). The constants fetch it from a content network for npm packages, which has it once this package is on npm. To serve it yourself,
copy it with \`npx executorch-web copy-assets DIR --models\`, or import \`executorch-web/models/efficientnet_lite0_int8.pte\` with a
tool that makes addresses of files. Then give \`{ ...EFFICIENTNET_LITE0_QUANTIZED, modelSource }\`.

${published.join('\n')}
## Built-in models

Small models of our own, trained on pictures that a program draws (\`models/README.md\`). Figures are held-out ones, measured
on the file itself.

${[row('File,Task,Precision,Size,Input,Held-out,Licence'.split(',')), row(Array(7).fill('---')), ...builtin].join('\n')}
`;
}

/** Path → content of everything that is generated. */
export async function generatedFiles(registry = readRegistry()) {
  const files = {
    'js/constants/generated/models.ts': modelsModule(registry),
    'js/constants/generated/imagenet.ts': imagenetModule(),
    'js/constants/generated/pascal.ts': pascalModule(registry),
    'models/catalogue.json': catalogue(registry),
    'docs/models.md': documentation(registry),
  };
  const entries = Object.entries(files).map(async ([path, content]) => {
    const options = await prettier.resolveConfig(join(ROOT, path));
    return [path, await prettier.format(content, { ...options, filepath: path })];
  });
  return Object.fromEntries(await Promise.all(entries));
}

if (import.meta.filename === process.argv[1]) {
  await entry(async () => writeGenerated(await generatedFiles(), 'generate-models.mjs'));
}
