import { useEffect, useState } from 'react';
import { useClassification } from 'executorch-web';
import { formatPercent } from '../js/lib/format.js';
import type { BuiltinModel, Sample } from './builtin.js';
import { Card } from './Card.js';

export function Classifier({ model, picture }: { model: BuiltinModel; picture: Sample }) {
  const { isReady, error, downloadProgress, forward } = useClassification({ model, queue: true });
  const [scores, setScores] = useState<Record<string, number>>({});
  useEffect(() => {
    if (!isReady) return undefined;
    let isCurrent = true;
    void forward(picture.address, { topk: 3 }).then((found) => isCurrent && setScores(found));
    return () => {
      isCurrent = false;
    };
  }, [isReady, forward, picture]);
  return (
    <Card title="useClassification" error={error} isReady={isReady} progress={downloadProgress}>
      <img className="react-picture" src={picture.address} alt={picture.name} />
      <ol className="bars short" aria-label="Most probable classes">
        {Object.entries(scores).map(([label, score]) => (
          <li key={label}>
            <span className="name">{label}</span>
            <span className="number">{formatPercent(score)}</span>
            <span className="track" aria-hidden="true">
              <span style={{ width: `${100 * score}%` }} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
