/** What apps of 0.6 do with results and options; compiled under stricter flags, not run. */
import {
  ClassificationModule,
  DEEPLAB_V3_RESNET50,
  DeeplabLabel,
  EFFICIENTNET_V2_S,
  ResourceFetcher,
  useClassification,
  useImageEmbeddings,
  useImageSegmentation,
  type ResourceSource,
} from 'react-native-executorch';

export function Results({ uri, isHidden }: { uri: string; isHidden: boolean }) {
  const classifier = useClassification({ model: EFFICIENTNET_V2_S, preventLoad: isHidden });
  const segmenter = useImageSegmentation({ model: DEEPLAB_V3_RESNET50 });
  const embedder = useImageEmbeddings({ model: { modelSource: 1 } });
  const ask = async () => {
    const scores = await classifier.forward(uri);
    const tench: number = scores['tench, Tinca tinca'] ?? 0;
    const maps = await segmenter.forward(uri, [DeeplabLabel.CAT]);
    const first: number = maps[DeeplabLabel.ARGMAX]?.[0] ?? 0;
    const names = Object.entries<number>(scores).map(
      ([label, score]) => `${label} ${score.toFixed(2)}`,
    );
    const vector: Float32Array = await embedder.forward(uri);
    return [tench, first, names.length, vector[0] ?? 0, maps[DeeplabLabel.CAT]?.length ?? 0];
  };
  const error: string | null = classifier.error;
  return <button onClick={() => void ask()}>{error ?? DeeplabLabel[DeeplabLabel.CAT]}</button>;
}

export async function all(sources: ResourceSource[]): Promise<string | undefined> {
  const module = new ClassificationModule();
  await module.load(EFFICIENTNET_V2_S, (progress) => progress.toFixed(1));
  const paths = await ResourceFetcher.fetch((progress) => progress.toFixed(1), ...sources);
  return paths?.[0];
}
