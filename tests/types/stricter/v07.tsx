/** What apps of 0.7 do with results and options; compiled under stricter flags, not run. */
import {
  ClassificationModule,
  DEEPLAB_V3_RESNET50,
  DeeplabLabel,
  EFFICIENTNET_V2_S,
  ImageSegmentationModule,
  RnExecutorchError,
  RnExecutorchErrorCode,
  useClassification,
  useImageSegmentation,
} from 'react-native-executorch';

export function Results({ uri }: { uri: string }) {
  const classifier = useClassification({ model: EFFICIENTNET_V2_S });
  const segmenter = useImageSegmentation({ model: DEEPLAB_V3_RESNET50, preventLoad: false });
  const ask = async () => {
    const scores = await classifier.forward(uri);
    const maps = await segmenter.forward(uri, [DeeplabLabel.CAT], true);
    const name: string = uri;
    return [scores['tench, Tinca tinca'] ?? 0, scores[name] ?? 0, maps[DeeplabLabel.CAT]?.[0] ?? 0];
  };
  const code: number | undefined = classifier.error?.code;
  return <button onClick={() => void ask()}>{code === RnExecutorchErrorCode.NotFound}</button>;
}

export async function modules(uri: string): Promise<number> {
  const classifier = new ClassificationModule();
  await classifier.load({ modelSource: uri });
  const segmenter = new ImageSegmentationModule();
  await segmenter.load({ modelSource: uri }, (progress) => progress.toFixed());
  try {
    return (await classifier.forward(uri)).cat ?? 0;
  } catch (error) {
    return error instanceof RnExecutorchError ? error.code : 0;
  }
}
