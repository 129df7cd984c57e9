import { DeeplabLabel, models, useSemanticSegmentation } from 'react-native-executorch';
import { COLOURS, share } from '../components/pictures';
import { Screen } from '../components/Screen';

export default function Segmentation() {
  const model = useSemanticSegmentation({
    model: models.semantic_segmentation.deeplab_v3_resnet50({ quant: false }),
  });
  const ask = async () => {
    const { ARGMAX, CAT } = await model.forward(COLOURS, ['CAT']);
    const count = (label: DeeplabLabel) => ARGMAX.filter((one) => one === label).length;
    const sure = CAT.filter((p) => p > 0.5).length;
    const cats = share(count(DeeplabLabel.CAT), ARGMAX.length);
    const dogs = share(count(DeeplabLabel.DOG), ARGMAX.length);
    return `${ARGMAX.length} pixels: CAT ${cats}, DOG ${dogs}; sure ${share(sure, CAT.length)}`;
  };
  const status = model.error?.message ?? (model.isReady ? null : 'Loading');
  return <Screen title="segmentation" picture={COLOURS} status={status} ask={ask} />;
}
