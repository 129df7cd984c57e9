import { models, useClassifier } from 'react-native-executorch';
import { ESPRESSO } from '../components/pictures';
import { pixelsAt } from '../components/pixels';
import { Screen } from '../components/Screen';

export default function Classification() {
  const { XNNPACK_FP32 } = models.classification.EFFICIENTNET_V2_S;
  const { isReady, error, downloadProgress, classify } = useClassifier(XNNPACK_FP32);
  const ask = async () => {
    const best = (await classify?.(await pixelsAt(ESPRESSO), { topk: 3 })) ?? [];
    return `${best.map(({ label }) => label).join('; ')}; ${(best[0]?.confidence ?? 0) > 0.5}`;
  };
  const status = error?.message ?? (isReady ? null : `Loading ${downloadProgress.toFixed(0)} %`);
  return <Screen title="classification" picture={ESPRESSO} status={status} ask={ask} />;
}
