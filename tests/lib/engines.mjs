// The engine that this process tests in (EW_BROWSER, default Chromium), and what tests can do in each.
import { BROWSERS } from '../../scripts/lib/browsers.mjs';

/** What some engines, or the ways of driving them, lack. A test names what it needs, never an engine. */
const CAPABILITIES = {
  devtools: 'the DevTools protocol (quotas, memory, process numbers)',
  locators: "Playwright's locators, input and scripts of its own",
  media: 'emulation of themes and reduced motion',
  'pasted files': 'clipboard events with files, made by a page',
  'nested workers':
    'starting workers in a worker while the browser is controlled, each time (it may never come back from it)',
  frames:
    'videos of canvases and cameras at their rate (it shows one or two frames a second, without a window)',
  workers: 'a list of the workers of a page',
  hosts: 'host names of our own',
  camera: 'a camera that is not real',
  clipboard: 'permission to read the clipboard',
  saving: 'files that a page saves',
  opfs: 'synchronous access to the origin private file system',
};

const LACKS = {
  chromium: [],
  firefox: [
    'devtools',
    'nested workers',
    'frames',
    'workers',
    'media',
    'pasted files',
    'clipboard',
    'saving',
  ],
  webkit: [
    'devtools',
    'frames',
    'locators',
    'workers',
    'media',
    'pasted files',
    'hosts',
    'camera',
    'clipboard',
    'saving',
    'opfs',
  ],
};

export const ENGINE = process.env.EW_BROWSER || 'chromium';
if (!(ENGINE in LACKS)) {
  throw new Error(`EW_BROWSER is '${ENGINE}': one of ${Object.keys(LACKS).join(', ')}`);
}
export const { title: TITLE } = BROWSERS[ENGINE];

/** Why a test that needs these capabilities is skipped here; false when it runs: test(name, { skip: lacks('hosts') }). */
export function lacks(...names) {
  const unknown = names.find((name) => !(name in CAPABILITIES));
  if (unknown) throw new Error(`there is no capability '${unknown}'`);
  const missing = names.filter((name) => LACKS[ENGINE].includes(name));
  return (
    missing.length > 0 && `not in ${TITLE}: ${missing.map((name) => CAPABILITIES[name]).join('; ')}`
  );
}

/**
 * Work of which a worker starts workers, as builds with threads do. Where that may never come back, and it does so for
 * `limit` milliseconds, it is tried again: Firefox under remote control makes the worker wait for a notice that wakes
 * another thread (in 5 of 18 loads on a busy machine; without remote control in none of 40).
 */
export async function startingThreads(work, limit = 30_000) {
  const tries = lacks('nested workers') ? 6 : 1;
  for (let i = 1; i < tries; i++) {
    const working = work(i);
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, limit)));
    const isDone = await Promise.race([working.then(() => true), late]).finally(() =>
      clearTimeout(timer),
    );
    if (isDone) return working;
    console.log(`a worker did not start in ${limit} ms, try ${i}`);
    // Nobody waits for it any more.
    working.catch(() => undefined);
  }
  return work(tries);
}

/** Why a store of this kind is not tested here, or false. */
export const without = (store) => store === 'opfs' && lacks('opfs');
