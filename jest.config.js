import { existsSync, readFileSync } from 'node:fs';
import { wasmProbes } from './scripts/lib/probes.mjs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

// Suites must not fill the user's cache, nor find what is there.
process.env.EXECUTORCH_WEB_STORE ??= 'none';

// Modules are ES modules; sources import each other with the extension .js, as the output does.
const base = {
  transform: { '\\.tsx?$': '<rootDir>/scripts/lib/esbuild-jest.mjs' },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: {
    '^ew-wasm/simd$': '<rootDir>/build/wasm/simd/ew.js',
    '^(\\.{1,2}/(?!.*dist/).*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/build/(?!wasm/)'],
  globals: { __EW_VERSION__: version, __EW_TARGET__: 'node', __EW_PROBES__: await wasmProbes() },
};

const projects = [
  { displayName: 'js', testMatch: ['<rootDir>/tests/js/**/*.test.ts?(x)'], folder: 'tests/js' },
  {
    displayName: 'react',
    testMatch: ['<rootDir>/tests/react/**/*.test.ts?(x)'],
    folder: 'tests/react',
    testEnvironment: 'jsdom',
  },
  { displayName: 'wasm', testMatch: ['<rootDir>/tests/wasm/**/*.test.ts'], folder: 'tests/wasm' },
];

export default {
  projects: projects
    .filter(({ folder }) => existsSync(new URL(folder, import.meta.url)))
    .map(({ folder: _folder, ...project }) => ({ ...base, ...project })),
  testTimeout: 120_000,
};
