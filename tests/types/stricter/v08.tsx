/** What apps of 0.8 do with results and options; compiled under stricter flags, not run. */
import {
  ClassificationModule,
  DEEPLAB_V3_RESNET50,
  DeeplabLabel,
  EFFICIENTNET_V2_S,
  Imagenet1kLabel,
  initExecutorch,
  MODEL_REGISTRY,
  SELFIE_SEGMENTATION,
  SemanticSegmentationModule,
  useClassification,
  useSemanticSegmentation,
} from 'react-native-executorch';
import { ExpoResourceFetcher } from 'react-native-executorch-expo-resource-fetcher';

initExecutorch({ resourceFetcher: ExpoResourceFetcher });

enum Tone {
  WARM,
  COLD,
}

export function Results({ uri, isHidden }: { uri: string; isHidden: boolean }) {
  const classifier = useClassification({ model: EFFICIENTNET_V2_S, preventLoad: isHidden });
  const segmenter = useSemanticSegmentation({ model: DEEPLAB_V3_RESNET50 });
  const selfie = useSemanticSegmentation({ model: SELFIE_SEGMENTATION });
  const own = useClassification({ model: { modelName: 'efficientnet-v2-s', modelSource: uri } });
  const ask = async () => {
    const scores = await classifier.forward(uri);
    const { CAT, DOG, ARGMAX } = await segmenter.forward(uri, ['CAT', 'DOG']);
    const every = await segmenter.forward(uri);
    const person = (await selfie.forward(uri, ['SELFIE'])).SELFIE;
    const sum: number = scores.TENCH + (await own.forward(uri)).GOLDFISH;
    return [sum, CAT.length, DOG.length, every.PERSON.length, person.length, ARGMAX.length];
  };
  const label: Imagenet1kLabel = Imagenet1kLabel.TENCH;
  const keys = Object.keys(DeeplabLabel).length;
  return <button onClick={() => void ask()}>{Imagenet1kLabel[label] + String(keys)}</button>;
}

export async function modules(uri: string): Promise<number> {
  const named = await ClassificationModule.fromModelName(EFFICIENTNET_V2_S, (p) => p.toFixed());
  const own = await ClassificationModule.fromCustomModel(uri, {
    labelMap: Tone,
    preprocessorConfig: { normMean: [0, 0, 0] },
  });
  const maps = await SemanticSegmentationModule.fromCustomModel(uri, {
    labelMap: { SKY: 0, SEA: 1 },
  });
  const warm: number = (await own.forward(uri)).WARM;
  const sky: Float32Array = (await maps.forward(uri, ['SKY'])).SKY;
  const { modelName } = MODEL_REGISTRY.ALL_MODELS.EFFICIENTNET_V2_S;
  return warm + sky.length + (await named.forward(uri)).TENCH + modelName.length;
}
