/** What apps of 0.9 do with results and options; compiled under stricter flags, not run. */
import {
  ClassificationModule,
  DeeplabLabel,
  Imagenet1kLabel,
  initExecutorch,
  models,
  SemanticSegmentationModule,
  useClassification,
  useSemanticSegmentation,
} from 'react-native-executorch';
import { ExpoResourceFetcher } from 'react-native-executorch-expo-resource-fetcher';

initExecutorch({ resourceFetcher: ExpoResourceFetcher });

const EFFICIENTNET = models.classification.efficientnet_v2_s({ quant: true });
const DEEPLAB = models.semantic_segmentation.deeplab_v3_resnet50();
const SELFIE = models.semantic_segmentation.selfie_segmentation();

enum Tone {
  WARM,
  COLD,
}

export function Results({ uri, isHidden }: { uri: string; isHidden: boolean }) {
  const classifier = useClassification({ model: EFFICIENTNET, preventLoad: isHidden });
  const segmenter = useSemanticSegmentation({ model: DEEPLAB });
  const selfie = useSemanticSegmentation({ model: SELFIE });
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
  const named = await ClassificationModule.fromModelName(EFFICIENTNET, (p) => p.toFixed());
  const own = await ClassificationModule.fromCustomModel(uri, {
    labelMap: Tone,
    preprocessorConfig: { normMean: [0, 0, 0] },
  });
  const maps = await SemanticSegmentationModule.fromCustomModel(uri, {
    labelMap: { SKY: 0, SEA: 1 },
  });
  const warm: number = (await own.forward(uri)).WARM;
  const sky: Float32Array = (await maps.forward(uri, ['SKY'])).SKY;
  const { modelName } = EFFICIENTNET;
  return warm + sky.length + (await named.forward(uri)).TENCH + modelName.length;
}
