// Entry of the pages with React.
import { StrictMode, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import Photo from './Photo.js';

const root = createRoot(document.getElementById('root'));
root.render(createElement(StrictMode, null, createElement(Photo)));
