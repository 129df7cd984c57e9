// Written as for phones: the alias in metro.config.js makes it run on the web. On phones, install react-native-executorch
// and take a model constant of it.
import { useState } from 'react';
import { Button, Text, TextInput, View } from 'react-native';
import { useClassification } from 'react-native-executorch';

const MODEL = { modelSource: '/models/efficientnet_lite0_int8.pte' };

export default function App() {
  const { isReady, isGenerating, error, downloadProgress, forward } = useClassification({
    model: MODEL,
  });
  const [address, setAddress] = useState('');
  const [result, setResult] = useState('');

  async function ask() {
    setResult('');
    try {
      const scores = await forward(address);
      const [label, score] = Object.entries(scores).sort(([, a], [, b]) => b - a)[0];
      setResult(`${label}: ${(100 * score).toFixed(1)} %`);
    } catch (error) {
      setResult(error.message);
    }
  }

  if (error) return <Text>{error}</Text>;
  if (!isReady) return <Text>{Math.round(100 * downloadProgress)} %</Text>;
  return (
    <View style={{ padding: 24, gap: 12 }}>
      <TextInput placeholder="Address of a photo" value={address} onChangeText={setAddress} />
      <Button title="Classify" disabled={isGenerating} onPress={ask} />
      <Text>{result}</Text>
    </View>
  );
}
