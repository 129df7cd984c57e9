import { EFFICIENTNET_V2_S, useClassification } from 'react-native-executorch';
import { ESPRESSO } from '../components/pictures';
import { Screen } from '../components/Screen';

export default function Classification() {
  const model = useClassification({ model: EFFICIENTNET_V2_S });
  const progress = `Loading ${(model.downloadProgress * 100).toFixed(0)} %`;
  const ask = async () => {
    const scores = await model.forward(ESPRESSO);
    const best = Object.entries(scores)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 3);
    return `${best.map(([key]) => key).join('; ')}; above one half: ${scores.ESPRESSO > 0.5}`;
  };
  const status = model.error?.message ?? (model.isReady ? null : progress);
  return <Screen title="classification" picture={ESPRESSO} status={status} ask={ask} />;
}
