import { DEEPLAB_V3_RESNET50, DeeplabLabel, useImageSegmentation } from 'react-native-executorch';
import { COLOURS, share } from '../components/pictures';
import { Screen } from '../components/Screen';

const PAINT: Partial<Record<DeeplabLabel, string>> = {
  [DeeplabLabel.CAT]: 'red',
  [DeeplabLabel.DOG]: 'blue',
};

export default function Segmentation() {
  const model = useImageSegmentation({ model: DEEPLAB_V3_RESNET50 });
  const ask = async () => {
    const maps = await model.forward(COLOURS, [DeeplabLabel.CAT], true);
    const classes = maps[DeeplabLabel.ARGMAX] || [];
    const present = new Set<DeeplabLabel>();
    for (let i = 0; i < classes.length; i++) present.add(classes[i]);
    const paint = maps[DeeplabLabel.ARGMAX]!.map((one) => PAINT[one as DeeplabLabel] ?? 'none');
    const cat = maps[DeeplabLabel.CAT]!;
    const count = (colour: string) => paint.filter((one) => one === colour).length;
    const sure = cat.filter((p) => p > 0.5).length;
    const parts = ['red', 'blue', 'none'].map((one) => `${one} ${share(count(one), paint.length)}`);
    return `${paint.length} pixels: ${parts.join(', ')}; cat ${share(sure, cat.length)}; ${present.size} classes`;
  };
  const status = model.error?.message ?? (model.isReady ? null : 'Loading');
  return <Screen title="segmentation" picture={COLOURS} status={status} ask={ask} />;
}
