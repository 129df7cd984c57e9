import { createRoot } from 'react-dom/client';
import Chosen from './Chosen';

createRoot(document.getElementById('root')!).render(<Chosen />);
