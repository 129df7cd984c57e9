import { models, useImageEmbeddings, useTextEmbeddings } from 'react-native-executorch';
import { BOAT, nearest, SENTENCES } from '../components/pictures';
import { Screen } from '../components/Screen';

export default function Embeddings() {
  const images = useImageEmbeddings({
    model: models.image_embedding.clip_vit_base_patch32_image({ quant: false }),
  });
  const texts = useTextEmbeddings({ model: models.text_embedding.clip_vit_base_patch32_text() });
  const ask = async () => {
    const vectors: Float32Array[] = [];
    for (const sentence of SENTENCES) vectors.push(await texts.forward(sentence));
    return nearest(await images.forward(BOAT), vectors);
  };
  const error = images.error ?? texts.error;
  const status = error?.message ?? (images.isReady && texts.isReady ? null : 'Loading');
  return <Screen title="embeddings" picture={BOAT} status={status} ask={ask} />;
}
