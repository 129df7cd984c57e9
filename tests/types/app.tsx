/** An app as its author would write it; it is compiled, not run. */
import { useEffect, useState } from 'react';
import {
  CLIP_VIT_BASE_PATCH32_IMAGE,
  ClassificationModule,
  DEEPLAB_V3_RESNET50,
  DeeplabLabel,
  EFFICIENTNET_V2_S,
  ErrorCode,
  ExecutorchModule,
  ResourceFetcher,
  ScalarType,
  isExecutorchError,
  useClassification,
  useExecutorchModule,
  useImageEmbeddings,
  useImageSegmentation,
  type ResourceSource,
  type TensorPtr,
} from 'executorch-web';

export function Labels({ uri, preventLoad }: { uri: string; preventLoad?: boolean }) {
  const model = useClassification({ model: EFFICIENTNET_V2_S, preventLoad });
  const [best, setBest] = useState<[string, number][]>([]);
  const { forward, isReady } = model;
  useEffect(() => {
    if (!isReady) return;
    forward(uri)
      .then((scores) => setBest(Object.entries(scores).sort(([, a], [, b]) => b - a)))
      .catch((error: unknown) => {
        if (!isExecutorchError(error, ErrorCode.ModelGenerating)) throw error;
      });
  }, [forward, isReady, uri]);
  if (model.error) return <p>{model.error.toUpperCase()}</p>;
  if (!model.isReady) return <progress value={model.downloadProgress} />;
  return <p>{best.map(([label, score]) => `${label} ${score.toFixed(2)}`).join()}</p>;
}

export function Mask({ file }: { file: File }) {
  const model = useImageSegmentation({ model: DEEPLAB_V3_RESNET50, queue: true });
  const run = async () => {
    const maps = await model.forward(file, [DeeplabLabel.CAT, DeeplabLabel.DOG], true);
    const classes = maps[DeeplabLabel.ARGMAX];
    const cat = maps[DeeplabLabel.CAT];
    return [classes?.reduce((sum, id) => sum + (id === DeeplabLabel.CAT ? 1 : 0), 0), cat?.[0]];
  };
  return <button onClick={() => void run()}>{DeeplabLabel[8]}</button>;
}

export function Similar({ a, b }: { a: string; b: Blob }) {
  const model = useImageEmbeddings({ model: CLIP_VIT_BASE_PATCH32_IMAGE });
  const compare = async () => {
    const [x, y] = [await model.forward(a), await model.forward(b)];
    return x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  };
  return <button onClick={() => void compare()}>{String(model.isGenerating)}</button>;
}

export function Raw({ source }: { source: ResourceSource }) {
  const model = useExecutorchModule({ modelSource: source });
  const run = async (): Promise<TensorPtr[]> =>
    model.forward([{ dataPtr: new Float32Array(3), sizes: [1, 3], scalarType: ScalarType.FLOAT }]);
  return <button onClick={() => void run()}>run</button>;
}

export async function withoutReact(): Promise<number[]> {
  const classifier = new ClassificationModule();
  await classifier.load({ modelSource: 'https://example.org/m.pte' }, (p) => p.toFixed(2));
  const scores: { [category: string]: number } = await classifier.forward('data:image/png;base64,');
  classifier.delete();
  const raw = new ExecutorchModule();
  await raw.load('m.pte');
  const [output] = await raw.forward([
    { dataPtr: new ArrayBuffer(12), sizes: [3], scalarType: ScalarType.FLOAT },
  ]);
  await ResourceFetcher.deleteResources('m.pte');
  const paths: string[] | null = await ResourceFetcher.fetch((p) => p.toFixed(), 'm.pte');
  return [...(output?.sizes ?? []), scores.cat ?? 0, paths?.length ?? 0];
}
