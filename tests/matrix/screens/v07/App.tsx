import { Home } from '../components/Home';
import Chat from './Chat';
import Classification from './Classification';
import Downloads from './Downloads';
import Embeddings from './Embeddings';
import Segmentation from './Segmentation';

export default function App() {
  return <Home screens={{ Classification, Segmentation, Embeddings, Downloads, Chat }} />;
}
