/** What apps of 0.10 do with results and options; compiled under stricter flags, not run. */
import {
  createClassifier,
  createSemanticSegmenter,
  download,
  IMAGENET_NORM,
  isRnExecuTorchError,
  models,
  PASCAL_VOC_LABELS,
  useClassifier,
  useSemanticSegmenter,
  VALID_ERROR_CODES,
} from 'react-native-executorch';
import type { ImageBuffer } from 'react-native-executorch/cv';

export function Results({ image, isHidden }: { image: ImageBuffer; isHidden: boolean }) {
  const classifier = useClassifier(models.classification.EFFICIENTNET_V2_S.DEFAULT, {
    preventLoad: isHidden,
  });
  const { segment, error, labels } = useSemanticSegmenter(
    models.semanticSegmentation.DEEPLAB_V3_RESNET50.XNNPACK_FP32,
  );
  const ask = async () => {
    const found = (await classifier.classify?.(image, { topk: 3 })) ?? [];
    const result = await segment?.(image, { cat: [255, 0, 0, 255] });
    const [red] = result?.colormap?.cat ?? [0, 0, 0, 0];
    return [found[0]?.confidence ?? 0, red + 1, result?.buffer.data[0] ?? 0];
  };
  const word = isRnExecuTorchError(error, 'LOAD_FAILED') ? error.code : VALID_ERROR_CODES[0];
  const background: string = PASCAL_VOC_LABELS[0];
  return <button onClick={() => void ask()}>{word.length + background + labels.length}</button>;
}

export async function tasks(modelPath: string, image: ImageBuffer): Promise<number> {
  const classifier = await createClassifier({
    modelPath: await download(modelPath, { onProgress: (share) => share.toFixed(1) }),
    modelOpts: {
      resizeMode: 'stretch',
      interpolation: 'linear',
      normalizeOpts: IMAGENET_NORM,
      labels: ['warm', 'cold'] as const,
    },
  });
  const [best] = await classifier.classify(image);
  const selfie = await createSemanticSegmenter(
    models.semanticSegmentation.SELFIE_SEGMENTATION.DEFAULT,
  );
  const { buffer, colormap } = await selfie.segment(image);
  const alpha: number = IMAGENET_NORM.alpha[0];
  const label: 'warm' | 'cold' | undefined = best?.label;
  classifier.dispose();
  return alpha + (label === 'warm' ? 1 : 0) + buffer.width + (colormap?.person[3] ?? 0);
}
