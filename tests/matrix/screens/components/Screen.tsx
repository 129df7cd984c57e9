// What the screens share: a picture, a button that asks the model, and what it said.
import { useState } from 'react';
import { Button, Image, Text, View } from 'react-native';

interface Props {
  title: string;
  picture?: string;
  /** What is wrong or not there yet; nothing when the model can be asked. */
  status: string | null | undefined;
  ask: () => Promise<string>;
}

export function Screen({ title, picture, status, ask }: Props) {
  const [answer, setAnswer] = useState('');
  const run = async () => {
    try {
      setAnswer(await ask());
    } catch (error) {
      setAnswer(`failed: ${(error as Error).message}`);
    }
  };
  return (
    <View testID={title}>
      <Text>{title}</Text>
      {picture ? <Image source={{ uri: picture }} style={{ width: 96, height: 96 }} /> : null}
      {status ? <Text testID="status">{status}</Text> : <Button title="Run" onPress={run} />}
      <Text testID="answer">{answer}</Text>
    </View>
  );
}
