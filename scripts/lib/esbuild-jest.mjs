// Jest transform: TypeScript to ES modules by esbuild, with source maps. Types are checked by tsc.
import { transform, transformSync } from 'esbuild';

const options = (path) => ({
  loader: path.endsWith('x') ? 'tsx' : 'ts',
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  sourcemap: 'inline',
  sourcefile: path,
});

export default {
  process: (source, path) => ({ code: transformSync(source, options(path)).code }),
  processAsync: async (source, path) => ({ code: (await transform(source, options(path))).code }),
};
