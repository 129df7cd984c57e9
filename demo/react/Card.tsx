import type { ReactNode } from 'react';

interface Props {
  title: string;
  error: string | null;
  isReady: boolean;
  progress: number;
  children: ReactNode;
}

/** A hook's state in words, and what it makes of the picture. */
export function Card({ title, error, isReady, progress, children }: Props) {
  return (
    <section className="card surface" aria-label={title}>
      <div className="row spread">
        <h2 className="card-title">
          <code>{title}</code>
        </h2>
        {isReady && <span className="badge good">ready</span>}
      </div>
      {error && (
        <p className="notice bad" role="alert">
          {error}
        </p>
      )}
      {!isReady && !error && <progress value={progress} aria-label="Loading the model" />}
      {children}
    </section>
  );
}
