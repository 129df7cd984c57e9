/**
 * The suites of this folder again, on React 18.
 *
 * React 18 comes from the packages react-18 and react-dom-18 (aliases of react and react-dom), or from the folder
 * react-18 of the cache: `npm install --prefix "$EW_CACHE/react-18" react@18.3.1 react-dom@18.3.1`.
 *
 * @jest-environment node
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { ROOT } from './typecheck.js';

interface JestConfig {
  testTimeout: number;
  projects: { displayName: string; moduleNameMapper: Record<string, string> }[];
}

const CACHE =
  process.env.EW_CACHE ??
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'executorch-web');

/** Folders of the two packages, or undefined when they are not installed. */
function findReact18(): { react: string; reactDom: string } | undefined {
  const places = [
    { react: 'react-18', reactDom: 'react-dom-18', folder: join(ROOT, 'node_modules') },
    { react: 'react', reactDom: 'react-dom', folder: join(CACHE, 'react-18/node_modules') },
  ].map(({ folder, react, reactDom }) => ({
    react: join(folder, react),
    reactDom: join(folder, reactDom),
  }));
  return places.find(({ react, reactDom }) => existsSync(react) && existsSync(reactDom));
}

const found = findReact18();
const isNested = process.env.EW_REACT !== undefined;

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

(found && !isNested ? test : test.skip)('all suites pass on React 18', async () => {
  const { react, reactDom } = found!;
  const url = new URL('../../jest.config.js', import.meta.url).href;
  const { default: base } = (await import(url)) as { default: JestConfig };
  const project = base.projects.find(({ displayName }) => displayName === 'react')!;
  const config = {
    ...project,
    rootDir: ROOT,
    testTimeout: base.testTimeout,
    moduleNameMapper: {
      '^react$': react,
      '^react/(.*)$': `${react}/$1`,
      '^react-dom$': reactDom,
      '^react-dom/(.*)$': `${reactDom}/$1`,
      ...project.moduleNameMapper,
    },
  };
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--no-warnings'];
  const patterns = ['controller', 'useModule', 'server', 'engine', 'seeds'];
  const run = spawnSync(
    process.execPath,
    [...flags, jest, '--json', '--config', JSON.stringify(config), ...patterns],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, EW_REACT: '18' }, maxBuffer: 1 << 28 },
  );
  const report = JSON.parse(run.stdout) as Report;
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => fullName);
  expect(failed).toEqual([]);
  expect(report.numRuntimeErrorTestSuites).toBe(0);
  expect(report.numPassedTests).toBeGreaterThan(90);
});
