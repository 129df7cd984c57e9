import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'node_modules/', 'wasm/', 'js/constants/generated/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { rules: { 'no-duplicate-imports': 'error' } },
  {
    files: ['js/**/*.{ts,tsx}', 'demo/react/*.{ts,tsx}', 'tests/{js,react,wasm}/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      // Node's modules are imported late and only there, so their types are named in place.
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Plain scripts run by Node, and pages served as they are.
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'Buffer',
          'URL',
          'fetch',
          'AbortSignal',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'performance',
          'document',
          'window',
          'navigator',
          'globalThis',
          'Blob',
          'File',
          'location',
          'Worker',
          'WebAssembly',
          'TextDecoder',
          'TextEncoder',
          'self',
          'indexedDB',
          'crossOriginIsolated',
          'createImageBitmap',
          'HTMLElement',
          'Image',
          'structuredClone',
          'requestAnimationFrame',
          'queueMicrotask',
          'AbortController',
          'URLSearchParams',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: {
      'no-unused-vars': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
);
