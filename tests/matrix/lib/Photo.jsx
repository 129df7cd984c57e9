// What every page with React shows: the best label of one picture, by the hook.
import { useEffect, useState } from 'react';
import { useClassification } from 'executorch-web';

export default function Photo({ model, picture }) {
  const { isReady, error, forward } = useClassification({ model });
  const [result, setResult] = useState('');
  useEffect(() => {
    if (!isReady) return;
    forward(new URL(picture, document.baseURI).href).then(
      (scores) => setResult(Object.keys(scores)[0]),
      (failure) => setResult(`failed: ${failure.message}`),
    );
  }, [isReady, forward, picture]);
  return <p id="result">{error ? `failed: ${error}` : result}</p>;
}
