import resolve from '@rollup/plugin-node-resolve';

export default {
  input: 'classify.js',
  output: { dir: 'dist' },
  plugins: [resolve({ browser: true })],
};
