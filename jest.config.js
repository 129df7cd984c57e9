import { existsSync } from 'node:fs';

// Modules are ES modules; sources import each other with the extension .js, as the output does.
const base = {
  transform: { '\\.tsx?$': '<rootDir>/scripts/lib/esbuild-jest.mjs' },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/(?!.*dist/).*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
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
