// A list of screens, of which one is open.
import { useState, type ComponentType } from 'react';
import { Button, View } from 'react-native';

export function Home({ screens }: { screens: Record<string, ComponentType> }) {
  const [open, setOpen] = useState('');
  const Open = screens[open];
  return (
    <View>
      {Object.keys(screens).map((name) => (
        <Button key={name} title={`Open ${name}`} onPress={() => setOpen(name)} />
      ))}
      {Open ? <Open key={open} /> : null}
    </View>
  );
}
