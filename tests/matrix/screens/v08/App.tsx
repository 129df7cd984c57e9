import { initExecutorch } from 'react-native-executorch';
import { ExpoResourceFetcher } from 'react-native-executorch-expo-resource-fetcher';
import { Home } from '../components/Home';
import Chat from './Chat';
import Classification from './Classification';
import Downloads from './Downloads';
import Embeddings from './Embeddings';
import Segmentation from './Segmentation';

initExecutorch({ resourceFetcher: ExpoResourceFetcher });

export default function App() {
  return <Home screens={{ Classification, Segmentation, Embeddings, Downloads, Chat }} />;
}
