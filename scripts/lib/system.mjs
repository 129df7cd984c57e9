// Programs that come with the system's package manager.
import { installPackages } from './apt.mjs';
import { ensureBrowsers } from './browsers.mjs';
import { which } from './run.mjs';

const PROGRAMS = [
  { program: 'cmake', name: 'cmake' },
  { program: 'ninja', name: 'ninja-build' },
  { program: 'gcc', name: 'gcc' },
  { program: 'g++', name: 'g++' },
  { program: 'python3', name: 'python3' },
  { program: 'xz', name: 'xz-utils' },
];

/** Installs what is missing to build; with browser, also the browsers that tests run in. */
export async function ensureSystem({ browser = false } = {}) {
  const missing = PROGRAMS.filter(({ program }) => !which(program)).map(({ name }) => name);
  if (missing.length > 0) await installPackages(missing);
  if (browser) await ensureBrowsers();
}
