/** The code below the tabs follows the tab: what the panel does, as a hook and as a class. */
import { byId } from '../lib/dom.js';
import { highlight } from './highlight.js';

export const CODE = {
  classify: {
    hook: `import { useClassification,
  EFFICIENTNET_LITE0_QUANTIZED }
  from 'executorch-web';

function Photo({ uri }) {
  const model = useClassification({
    model: EFFICIENTNET_LITE0_QUANTIZED });
  if (!model.isReady)
    return <progress
      value={model.downloadProgress} />;
  return <img src={uri}
    onLoad={async () => console.log(
      await model.classify(uri))} />;
}`,
    module: `import { ClassificationModule,
  EFFICIENTNET_LITE0_QUANTIZED }
  from 'executorch-web/core';

const model = new ClassificationModule();
await model.load(
  EFFICIENTNET_LITE0_QUANTIZED,
  (progress) => console.log(progress));

// [{ label, index, score }, …]
const classes = await model.classify(
  'https://example.org/cat.jpg',
  { topk: 5 });
model.delete();`,
  },
  segment: {
    hook: `import { useImageSegmentation,
  DEEPLAB_V3_RESNET50, DeeplabLabel }
  from 'executorch-web';

function Cutout({ uri }) {
  const model = useImageSegmentation({
    model: DEEPLAB_V3_RESNET50 });
  const cut = async () => {
    const maps = await model.forward(
      uri, [DeeplabLabel.PERSON], true);
    console.log(maps.ARGMAX,
      maps[DeeplabLabel.PERSON]);
  };
  return <button onClick={cut}
    disabled={!model.isReady}>Cut</button>;
}`,
    module: `import { ImageSegmentationModule }
  from 'executorch-web/core';

const model = new ImageSegmentationModule();
await model.load({
  modelSource: 'selfie_segmentation.tflite',
  labels: ['background', 'person'] });

const maps = await model.forward(
  document.querySelector('img'),
  ['person']);
// maps.person: probability of each pixel
// model.mapSize: { width, height }
console.log(maps.person);
model.delete();`,
  },
  embed: {
    hook: `import { useImageEmbeddings,
  CLIP_VIT_BASE_PATCH32_IMAGE,
  cosineSimilarity } from 'executorch-web';

function Alike({ a, b }) {
  const model = useImageEmbeddings({
    model: CLIP_VIT_BASE_PATCH32_IMAGE,
    queue: true });
  const compare = async () => {
    const [x, y] = await Promise.all(
      [a, b].map((uri) => model.forward(uri)));
    console.log(cosineSimilarity(x, y));
  };
  return <button onClick={compare}
    disabled={!model.isReady}>Alike?</button>;
}`,
    module: `import { ImageEmbeddingsModule,
  CLIP_VIT_BASE_PATCH32_IMAGE,
  nearestNeighbours } from 'executorch-web/core';

const model = new ImageEmbeddingsModule();
await model.load(CLIP_VIT_BASE_PATCH32_IMAGE);

const album = [];
for (const uri of ['a.jpg', 'b.jpg', 'c.jpg'])
  album.push(await model.forward(uri));
const query = await model.forward('mine.jpg');
// [{ index, similarity }, …]
console.log(
  nearestNeighbours(query, album, 2));
model.delete();`,
  },
  compare: {
    hook: `import { useClassification,
  EFFICIENTNET_V2_S,
  EFFICIENTNET_V2_S_QUANTIZED }
  from 'executorch-web';

function Compare({ uri }) {
  const one = useClassification({
    model: EFFICIENTNET_V2_S });
  const other = useClassification({
    model: EFFICIENTNET_V2_S_QUANTIZED });
  const ask = async () => {
    console.log(await one.classify(uri),
      await other.classify(uri));
  };
  return <button onClick={ask} disabled={
    !one.isReady || !other.isReady}>Ask</button>;
}`,
    module: `import { ClassificationModule,
  EFFICIENTNET_V2_S,
  EFFICIENTNET_V2_S_QUANTIZED }
  from 'executorch-web/core';

for (const model of [EFFICIENTNET_V2_S,
  EFFICIENTNET_V2_S_QUANTIZED]) {
  const module = new ClassificationModule();
  await module.load(model);
  const [best] = await module.classify('cat.jpg');
  // milliseconds of this run
  console.log(best.label, module.timings.run);
  module.delete();
}`,
  },
  live: {
    hook: `import { useRef } from 'react';
import { useClassification, useVideo,
  EFFICIENTNET_LITE0_QUANTIZED }
  from 'executorch-web';

function Live() {
  const video = useRef(null);
  const model = useClassification({
    model: EFFICIENTNET_LITE0_QUANTIZED });
  const { result } = useVideo(model, video,
    { camera: {}, topk: 1 });
  return <figure>
    <video ref={video} muted playsInline />
    {result?.[0]?.label}
  </figure>;
}`,
    module: `import { ClassificationModule,
  EFFICIENTNET_LITE0_QUANTIZED }
  from 'executorch-web/core';

const model = new ClassificationModule();
await model.load(
  EFFICIENTNET_LITE0_QUANTIZED);

const controller = new AbortController();
await model.runOnVideo('camera',
  ([best], frame) => console.log(
    best.label, frame.mediaTime,
    frame.dropped),
  { topk: 1, signal: controller.signal });
model.delete();`,
  },
  benchmark: {
    hook: `import { useClassification,
  EFFICIENTNET_LITE0_QUANTIZED }
  from 'executorch-web';

function Timed({ uri }) {
  const model = useClassification({
    model: EFFICIENTNET_LITE0_QUANTIZED });
  const run = async () => {
    await model.classify(uri);
    // milliseconds: { decode, prepare, run, task }
    console.log(model.timings);
  };
  return <button onClick={run}
    disabled={!model.isReady}>Time it</button>;
}`,
    module: `import { ClassificationModule,
  EFFICIENTNET_LITE0_QUANTIZED }
  from 'executorch-web/core';

const model = new ClassificationModule();
await model.load(EFFICIENTNET_LITE0_QUANTIZED,
  undefined, { profile: true });
await model.classify('cat.jpg');
console.log(model.loadReport.loadTime,
  model.timings.run);
// [{ name, microseconds }, …]
console.log(await model.profile());
model.delete();`,
  },
  storage: {
    hook: `import { useEffect, useState } from 'react';
import { ResourceFetcher } from 'executorch-web';

function Stored() {
  const [entries, setEntries] = useState([]);
  useEffect(() => {
    ResourceFetcher.storage().then(
      (report) => setEntries(report.entries));
  }, []);
  return <ul>{entries.map(({ url, bytes }) =>
    <li key={url}>{url}: {bytes} bytes</li>)}
  </ul>;
}`,
    module: `import { ResourceFetcher,
  EFFICIENTNET_V2_S }
  from 'executorch-web/core';

const { modelSource } = EFFICIENTNET_V2_S;
// before it is needed, pausable, resumable
await ResourceFetcher.fetch(
  (progress) => console.log(progress),
  modelSource);
// ask the browser to keep it
console.log(await ResourceFetcher.persist());
await ResourceFetcher.deleteResources(
  modelSource);`,
  },
  device: {
    hook: `import { configure, useClassification,
  EFFICIENTNET_LITE0_QUANTIZED }
  from 'executorch-web';

configure({ threads: 'auto' });

function Photo({ uri }) {
  const model = useClassification({
    model: EFFICIENTNET_LITE0_QUANTIZED });
  return <img src={uri} onLoad={async () =>
    console.log(await model.classify(uri))} />;
}`,
    module: `import { configure, getCapabilities }
  from 'executorch-web/core';

const { simd, threads, reasons } =
  getCapabilities();
if (!simd) console.log(reasons.simd);
// in pages that are isolated
if (threads) configure({ threads: 'auto' });
else console.log(reasons.threads);`,
  },
};

/** What the changed import names in tabs that are not about classes; each exists in React Native ExecuTorch, too. */
const NAMES = {
  segment: 'useImageSegmentation',
  embed: 'useImageEmbeddings',
  storage: 'ResourceFetcher',
};

/** Examples of the panel that is shown. */
export function showCode(tab) {
  const code = CODE[tab];
  byId('code-name').textContent = NAMES[tab] ?? 'useClassification';
  for (const kind of ['hook', 'module']) {
    const node = byId(`code-${kind}`);
    node.textContent = code[kind];
    highlight(node);
  }
}
