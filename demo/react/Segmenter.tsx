import { useEffect, useRef, useState } from 'react';
import { useImageSegmentation } from 'executorch-web';
import { paintClasses } from '../js/ui/class-map.js';
import type { BuiltinModel, Sample } from './builtin.js';
import { Card } from './Card.js';

export function Segmenter({ model, picture }: { model: BuiltinModel; picture: Sample }) {
  const { isReady, error, downloadProgress, forward } = useImageSegmentation({
    model,
    queue: true,
  });
  const canvas = useRef<HTMLCanvasElement>(null);
  const [found, setFound] = useState('');
  useEffect(() => {
    if (!isReady) return undefined;
    let isCurrent = true;
    void forward(picture.address).then((maps) => {
      const classes = maps.ARGMAX as Int32Array;
      if (!isCurrent || !canvas.current) return;
      // The built-in segmenter's map is square.
      const width = Math.sqrt(classes.length);
      paintClasses(canvas.current, { classes, width, height: width });
      const labels = [...new Set(classes)].filter(Boolean).map((i) => model.labels?.[i]);
      setFound(labels.join(', '));
    });
    return () => {
      isCurrent = false;
    };
  }, [isReady, forward, picture, model]);
  return (
    <Card title="useImageSegmentation" error={error} isReady={isReady} progress={downloadProgress}>
      <div className="frame">
        <img className="react-picture" src={picture.address} alt={picture.name} />
        <canvas ref={canvas} className="overlay translucent" />
      </div>
      <p>{found}</p>
    </Card>
  );
}
