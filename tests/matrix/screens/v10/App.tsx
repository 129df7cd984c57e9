import { setTelemetryEnabled } from 'react-native-executorch';
import { Home } from '../components/Home';
import Classification from './Classification';
import Detection from './Detection';
import Downloads from './Downloads';
import Embeddings from './Embeddings';
import Segmentation from './Segmentation';

setTelemetryEnabled(false);

export default function App() {
  return <Home screens={{ Classification, Segmentation, Embeddings, Downloads, Detection }} />;
}
