// Fixtures whose tools come with many packages: `npm run matrix`. Each returns what it found out.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/lib/cache.mjs';
import { EXAMPLES } from './examples.mjs';
import { addSample, openFolder, openServer, prepare, tool, versionOf } from './kit.mjs';
import { SCREENS } from './screens.mjs';
import { runTypes } from './types.mjs';

async function vite(packed) {
  const folder = await prepare('vite', packed);
  addSample(join(folder, 'public'));
  return folder;
}

export const HEAVY = {
  ...EXAMPLES,
  ...SCREENS,
  'types of React Native ExecuTorch': { tool: 'typescript', run: runTypes },
  'vite build': {
    tool: 'vite',
    async run(packed) {
      const folder = await vite(packed);
      await tool(folder, 'vite/bin/vite.js', 'build');
      return { folder, ...(await openFolder(join(folder, 'dist'))) };
    },
  },
  'vite dev': {
    tool: 'vite',
    async run(packed) {
      const folder = await vite(packed);
      rmSync(join(folder, 'node_modules/.vite'), { recursive: true, force: true });
      const args = ['--port', '0', '--host', '127.0.0.1'];
      return { folder, ...(await openServer(folder, 'vite/bin/vite.js', args)) };
    },
  },
  webpack: {
    tool: 'webpack',
    async run(packed) {
      const folder = await prepare('webpack', packed);
      const dist = join(folder, 'dist');
      await tool(folder, 'webpack/bin/webpack.js', '--mode', 'production', '--entry', './main.js');
      cpSync(join(folder, 'index.html'), join(dist, 'index.html'));
      addSample(dist);
      return { folder, ...(await openFolder(dist)) };
    },
  },
  'next (Turbopack)': { tool: 'next', run: (packed) => next(packed, '--turbopack') },
  'next (webpack)': { tool: 'next', run: (packed) => next(packed, '--webpack') },
  parcel: {
    tool: 'parcel',
    async run(packed) {
      const folder = await prepare('parcel', packed);
      rmSync(join(folder, '.parcel-cache'), { recursive: true, force: true });
      const args = ['build', 'index.html', '--no-cache'];
      await tool(folder, 'parcel/lib/bin.js', ...args);
      addSample(join(folder, 'dist'));
      return { folder, ...(await openFolder(join(folder, 'dist'))) };
    },
  },
  rollup: {
    tool: 'rollup',
    configured: 'executorch-web copy-assets dist',
    async run(packed) {
      const folder = await prepare('rollup', packed);
      const dist = join(folder, 'dist');
      await tool(folder, 'rollup/dist/bin/rollup', '-c');
      await tool(folder, 'executorch-web/dist/cli.js', 'copy-assets', dist);
      cpSync(join(folder, 'index.html'), join(dist, 'index.html'));
      addSample(dist);
      return { folder, ...(await openFolder(dist)) };
    },
  },
  'expo web (Metro)': {
    tool: 'expo',
    configured: 'the alias of react-native-executorch',
    async run(packed) {
      const folder = await prepare('expo', packed);
      for (const file of ['index.js', 'metro.config.js']) {
        cpSync(join(ROOT, 'examples/expo', file), join(folder, file));
      }
      await tool(folder, 'expo/bin/cli', 'export', '--platform', 'web', '--clear');
      addSample(join(folder, 'dist'));
      return { folder, ...(await openFolder(join(folder, 'dist'))) };
    },
  },
};

async function next(packed, bundler) {
  const folder = await prepare('next', packed);
  addSample(join(folder, 'public'));
  rmSync(join(folder, '.next'), { recursive: true, force: true });
  await tool(folder, 'next/dist/bin/next', 'build', bundler);
  const args = ['start', '--port', '0', '--hostname', '127.0.0.1'];
  return { folder, ...(await openServer(folder, 'next/dist/bin/next', args)) };
}

/** Version of the tool that a fixture used. */
export const toolVersion = (name, folder) => versionOf(folder, HEAVY[name].tool);
