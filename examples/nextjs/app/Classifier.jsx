'use client';
import { useState } from 'react';
import { useClassification } from 'executorch-web';

// `npm run assets` has copied it there.
const MODEL = { modelSource: '/models/efficientnet_lite0_int8.pte' };

export default function Classifier() {
  const { isReady, error, downloadProgress, classify } = useClassification({ model: MODEL });
  const [classes, setClasses] = useState([]);
  const [problem, setProblem] = useState('');

  async function ask(file) {
    setClasses([]);
    setProblem('');
    if (!file) return;
    await classify(file, { topk: 5 }).then(setClasses, ({ message }) => setProblem(message));
  }

  if (error) return <p role="alert">{error}</p>;
  if (!isReady) return <progress value={downloadProgress} />;
  return (
    <>
      <input
        type="file"
        accept="image/*"
        aria-label="Photo"
        onChange={(event) => ask(event.target.files[0])}
      />
      <p role="alert">{problem}</p>
      <ol>
        {classes.map(({ label, index, score }) => (
          <li key={index}>
            {label}: {(100 * score).toFixed(1)} %
          </li>
        ))}
      </ol>
    </>
  );
}
