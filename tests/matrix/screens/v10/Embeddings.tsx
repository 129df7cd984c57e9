import { models, useImageEmbedder, useTextEmbedder } from 'react-native-executorch';
import { BOAT, nearest, SENTENCES } from '../components/pictures';
import { pixelsAt } from '../components/pixels';
import { Screen } from '../components/Screen';

export default function Embeddings() {
  const images = useImageEmbedder(models.imageEmbeddings.CLIP_VIT_BASE_PATCH32.XNNPACK_FP32);
  const texts = useTextEmbedder(models.textEmbeddings.CLIP_VIT_BASE_PATCH32_TEXT.XNNPACK_FP32);
  const ask = async () => {
    const vectors: Float32Array[] = [];
    for (const sentence of SENTENCES) vectors.push(await texts.embed!(sentence));
    return nearest(await images.embed!(await pixelsAt(BOAT)), vectors);
  };
  const error = images.error ?? texts.error;
  const status = error?.message ?? (images.isReady && texts.isReady ? null : 'Loading');
  return <Screen title="embeddings" picture={BOAT} status={status} ask={ask} />;
}
