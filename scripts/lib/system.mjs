// Programs that come with the system's package manager.
import { existsSync } from 'node:fs';
import { installPackages } from './apt.mjs';
import { which } from './run.mjs';

const PROGRAMS = [
  { program: 'cmake', name: 'cmake' },
  { program: 'ninja', name: 'ninja-build' },
  { program: 'gcc', name: 'gcc' },
  { program: 'g++', name: 'g++' },
  { program: 'python3', name: 'python3' },
  { program: 'xz', name: 'xz-utils' },
];

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium for the browser tests: EW_CHROMIUM, else the first on PATH, else ''. */
export function chromiumPath() {
  const chosen = process.env.EW_CHROMIUM;
  if (chosen && existsSync(chosen)) return chosen;
  return BROWSERS.map(which).find(Boolean) ?? '';
}

/** Installs what is missing to build; with browser, also Chromium. */
export async function ensureSystem({ browser = false } = {}) {
  const missing = PROGRAMS.filter(({ program }) => !which(program)).map(({ name }) => name);
  if (browser && !chromiumPath()) missing.push('chromium');
  if (missing.length > 0) await installPackages(missing);
}
