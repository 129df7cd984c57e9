import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useClassification } from 'executorch-web';
import modelSource from 'executorch-web/models/efficientnet_lite0_int8.pte?url';

function App() {
  const { isReady, error, downloadProgress, classify } = useClassification({
    model: { modelSource },
  });
  const [photo, setPhoto] = useState();
  const [classes, setClasses] = useState([]);
  const [problem, setProblem] = useState('');

  async function ask(file) {
    setPhoto(file && URL.createObjectURL(file));
    setClasses([]);
    setProblem('');
    if (!file) return;
    await classify(file, { topk: 5 }).then(setClasses, ({ message }) => setProblem(message));
  }

  if (error) return <p role="alert">{error}</p>;
  if (!isReady) return <progress value={downloadProgress} />;
  return (
    <main>
      <label>
        Photo:{' '}
        <input type="file" accept="image/*" onChange={(event) => ask(event.target.files[0])} />
      </label>
      {photo && <img src={photo} alt={classes[0]?.label ?? ''} width="320" />}
      <p role="alert">{problem}</p>
      <ol>
        {classes.map(({ label, index, score }) => (
          <li key={index}>
            {label}: {(100 * score).toFixed(1)} %
          </li>
        ))}
      </ol>
    </main>
  );
}

createRoot(document.getElementById('root')).render(<App />);
