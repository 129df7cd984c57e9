/** The React page: each card is what an app would write with a hook. */
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { configure } from 'executorch-web';
import { loadBuiltin, type Builtin, type Sample } from './builtin.js';
import { highlight } from '../js/ui/highlight.js';
import { initThemeButton } from '../js/ui/theme-button.js';
import { Classifier } from './Classifier.js';
import { Embedder } from './Embedder.js';
import { Segmenter } from './Segmenter.js';

// This bundle is not beside the library's files, so it says where they are.
configure({ workerUrl: 'dist/worker.js', wasmBaseUrl: 'dist/wasm' });

function App() {
  const [builtin, setBuiltin] = useState<Builtin>();
  const [sample, setSample] = useState<Sample>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    loadBuiltin().then(
      (loaded) => {
        setBuiltin(loaded);
        setSample(loaded.samples[0]);
      },
      (error: unknown) => setProblem(String(error)),
    );
  }, []);
  if (problem) return <p className="notice bad">{problem}</p>;
  if (!builtin || !sample) return <p className="notice">Loading …</p>;
  return (
    <div className="stack">
      <div className="gallery" role="group" aria-label="Sample pictures">
        {forGallery(builtin.samples).map((one) => (
          <button
            key={one.address}
            type="button"
            className="sample"
            aria-pressed={one === sample}
            title={one.name}
            onClick={() => setSample(one)}
          >
            <img src={one.address} alt={one.name} width={56} height={56} />
          </button>
        ))}
      </div>
      <div className="columns">
        <Classifier model={builtin.classification} picture={sample} />
        <Segmenter model={builtin.segmentation} picture={sample} />
        <Embedder
          model={builtin.embeddings}
          picture={sample}
          others={builtin.samples.filter((one) => one !== sample)}
        />
      </div>
    </div>
  );
}

/** One of each kind, and the scenes. */
const forGallery = (samples: Sample[]) =>
  samples.filter(({ name }, i) => samples.findIndex((one) => one.name === name) === i);

initThemeButton();
for (const code of document.querySelectorAll('pre code')) highlight(code);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
