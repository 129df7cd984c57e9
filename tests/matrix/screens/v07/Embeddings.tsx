import {
  CLIP_VIT_BASE_PATCH32_IMAGE,
  CLIP_VIT_BASE_PATCH32_TEXT,
  useImageEmbeddings,
  useTextEmbeddings,
} from 'react-native-executorch';
import { BOAT, nearest, SENTENCES } from '../components/pictures';
import { Screen } from '../components/Screen';

export default function Embeddings() {
  const images = useImageEmbeddings({ model: CLIP_VIT_BASE_PATCH32_IMAGE });
  const texts = useTextEmbeddings({ model: CLIP_VIT_BASE_PATCH32_TEXT });
  const ask = async () => {
    const vectors: Float32Array[] = [];
    for (const sentence of SENTENCES) vectors.push(await texts.forward(sentence));
    return nearest(await images.forward(BOAT), vectors);
  };
  const error = images.error?.message ?? texts.error?.message;
  const status = error ?? (images.isReady && texts.isReady ? null : 'Loading');
  return <Screen title="embeddings" picture={BOAT} status={status} ask={ask} />;
}
