import { useEffect, useRef, useState } from 'react';
import { nearestNeighbours, useImageEmbeddings, type Neighbour } from 'executorch-web';
import type { BuiltinModel, Sample } from './builtin.js';
import { Card } from './Card.js';

interface Props {
  model: BuiltinModel;
  picture: Sample;
  others: Sample[];
}

export function Embedder({ model, picture, others }: Props) {
  const { isReady, error, downloadProgress, forward } = useImageEmbeddings({ model, queue: true });
  const [nearest, setNearest] = useState<Neighbour[]>([]);
  // One picture is embedded once, however often it is compared.
  const vectors = useRef(new Map<string, Promise<Float32Array>>());
  const addresses = [picture, ...others].map(({ address }) => address).join('\n');
  useEffect(() => {
    if (!isReady) return undefined;
    let isCurrent = true;
    const embed = (address: string) => {
      const known = vectors.current.get(address) ?? forward(address);
      vectors.current.set(address, known);
      // What failed is tried again next time.
      known.catch(() => vectors.current.delete(address));
      return known;
    };
    void Promise.all(addresses.split('\n').map(embed)).then(([query, ...rest]) => {
      if (!isCurrent || !query) return;
      setNearest(nearestNeighbours(query, rest, 3));
    });
    return () => {
      isCurrent = false;
    };
  }, [isReady, forward, addresses]);
  return (
    <Card title="useImageEmbeddings" error={error} isReady={isReady} progress={downloadProgress}>
      <img className="react-picture" src={picture.address} alt={picture.name} />
      <ol className="neighbours three">
        {nearest.map(({ index, similarity }) => (
          <li key={index}>
            <img src={others[index]?.address} alt={others[index]?.name ?? ''} />
            <span className="number small">{similarity.toFixed(2)}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
