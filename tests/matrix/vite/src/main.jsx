import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import Photo from './Photo.jsx';

const model = { modelSource: '/sample/model.pte' };
createRoot(document.getElementById('root')).render(
  <StrictMode>
    <Photo model={model} picture="/sample/picture.jpg" />
  </StrictMode>,
);
