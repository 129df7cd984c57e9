// As an app for phones is written: nothing here knows that it runs in a browser.
import { createElement, useEffect, useState } from 'react';
import { Text } from 'react-native';
import { useClassification } from 'react-native-executorch';
import { LABELS, PICTURE } from './sample';

export default function App() {
  const { isReady, error, forward } = useClassification({
    model: { modelSource: '/sample/model.pte', labels: LABELS },
  });
  const [result, setResult] = useState('');
  useEffect(() => {
    if (!isReady) return;
    forward(PICTURE).then(
      (scores) => setResult(Object.keys(scores)[0]),
      (failure) => setResult(`failed: ${failure.message}`),
    );
  }, [isReady, forward]);
  return createElement(Text, { id: 'result' }, error ? `failed: ${error}` : result);
}
