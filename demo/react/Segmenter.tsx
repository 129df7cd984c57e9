import { useEffect, useRef, useState } from 'react';
import { useImageSegmentation } from 'executorch-web';
import { classShares, paintClasses } from '../js/ui/class-map.js';
import type { BuiltinModel, Sample } from './builtin.js';
import { Card } from './Card.js';

/** Of the picture; what is smaller is not worth a word. */
const LEAST_SHARE = 0.005;

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
      const shares = classShares({ classes }).filter(
        ({ index, share }) => index > 0 && share >= LEAST_SHARE,
      );
      setFound(shares.map(({ index }) => model.labels?.[index] ?? index).join(', '));
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
