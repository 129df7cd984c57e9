import { models, useSemanticSegmenter } from 'react-native-executorch';
import { COLOURS, share } from '../components/pictures';
import { pixelsAt } from '../components/pixels';
import { Screen } from '../components/Screen';

export default function Segmentation() {
  const model = models.semanticSegmentation.DEEPLAB_V3_RESNET50.XNNPACK_FP32;
  const { isReady, error, segment } = useSemanticSegmenter(model);
  const ask = async () => {
    const result = await segment?.(await pixelsAt(COLOURS), {
      cat: [255, 0, 0, 255],
      dog: [0, 0, 255, 255],
    });
    const { data, width, height } = result!.buffer;
    const count = (channel: number) => {
      const painted = data.filter((value, i) => i % 4 === channel && value === 255);
      return share(painted.length, width * height);
    };
    return `${width * height} pixels: red ${count(0)}, blue ${count(2)}, painted ${count(3)}`;
  };
  const status = error?.message ?? (isReady ? null : 'Loading');
  return <Screen title="segmentation" picture={COLOURS} status={status} ask={ask} />;
}
