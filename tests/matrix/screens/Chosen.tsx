'use client';
// The app that the address names: /?app=v06.
import { useEffect, useState, type ComponentType } from 'react';
import { APPS } from './apps';

export default function Chosen() {
  const [name, setName] = useState('');
  // In an effect: servers that render ahead know no address.
  useEffect(() => setName(new URLSearchParams(location.search).get('app') ?? ''), []);
  const App = (APPS as Record<string, ComponentType>)[name];
  return App ? <App /> : null;
}
