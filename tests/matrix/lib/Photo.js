'use client';
// What every page with React shows: the best label of one picture, by the hook.
import { createElement, useEffect, useState } from 'react';
import { useClassification } from 'executorch-web';
import { LABELS, PICTURE } from './sample.js';

export default function Photo() {
  const model = { modelSource: '/sample/model.pte', labels: LABELS };
  const { isReady, error, forward } = useClassification({ model });
  const [result, setResult] = useState('');
  useEffect(() => {
    if (!isReady) return;
    forward(PICTURE).then(
      (scores) => setResult(Object.keys(scores)[0]),
      (failure) => setResult(`failed: ${failure.message}`),
    );
  }, [isReady, forward]);
  return createElement('p', { id: 'result' }, error ? `failed: ${error}` : result);
}
