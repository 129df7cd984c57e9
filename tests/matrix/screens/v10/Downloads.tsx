import { createClassifier, download, models, useResourceDownload } from 'react-native-executorch';
import { ESPRESSO } from '../components/pictures';
import { pixelsAt } from '../components/pixels';
import { Screen } from '../components/Screen';

const MODEL = models.classification.EFFICIENTNET_V2_S.XNNPACK_FP32;

export default function Downloads() {
  const { resource, downloadProgress, downloadError } = useResourceDownload(MODEL);
  const ask = async () => {
    let progress = 0;
    await download(MODEL, { forceDownload: true, onProgress: (share) => (progress = share) });
    const classifier = await createClassifier(resource!);
    const [best] = await classifier.classify(await pixelsAt(ESPRESSO), { topk: 1 });
    classifier.dispose();
    return `${downloadProgress} %, again ${progress}: ${best?.label}`;
  };
  const status = downloadError?.message ?? (resource ? null : `${downloadProgress.toFixed(0)} %`);
  return <Screen title="downloads" status={status} ask={ask} />;
}
