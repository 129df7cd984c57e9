// Finds or installs everything that the build needs: `npm run setup [-- --browser]`.
import { CACHE } from './lib/cache.mjs';
import { ensureEmscripten } from './lib/emscripten.mjs';
import { entry, say } from './lib/run.mjs';
import { ensureSources } from './lib/sources.mjs';
import { ensureSystem } from './lib/system.mjs';

export async function setup({ browser = false } = {}) {
  await ensureSystem({ browser });
  const [emscripten] = await Promise.all([ensureEmscripten(), ensureSources()]);
  say(`Emscripten ${emscripten.version} (${emscripten.source}), cache ${CACHE}`);
}

if (import.meta.filename === process.argv[1]) {
  await entry(() => setup({ browser: process.argv.includes('--browser') }));
}
