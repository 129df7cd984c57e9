import { useEffect, useState } from 'react';
import { useClassification, type ClassScore } from 'executorch-web';
import { formatPercent } from '../js/lib/format.js';
import type { BuiltinModel, Sample } from './builtin.js';
import { Card } from './Card.js';

export function Classifier({ model, picture }: { model: BuiltinModel; picture: Sample }) {
  const { isReady, error, downloadProgress, classify } = useClassification({ model, queue: true });
  const [scores, setScores] = useState<readonly ClassScore[]>([]);
  useEffect(() => {
    if (!isReady) return undefined;
    let isCurrent = true;
    void classify(picture.address, { topk: 3 }).then((found) => isCurrent && setScores(found));
    return () => {
      isCurrent = false;
    };
  }, [isReady, classify, picture]);
  return (
    <Card title="useClassification" error={error} isReady={isReady} progress={downloadProgress}>
      <img className="react-picture" src={picture.address} alt={picture.name} />
      <ol className="bars short" aria-label="Most probable classes">
        {scores.map(({ label, index, score }) => (
          <li key={index}>
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
