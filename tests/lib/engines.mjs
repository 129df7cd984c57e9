// The engine that this process tests in (EW_BROWSER, default Chromium), and what tests can do in each.
import { BROWSERS } from '../../scripts/lib/browsers.mjs';

/** What some engines, or the ways of driving them, lack. A test names what it needs, never an engine. */
const CAPABILITIES = {
  devtools: 'the DevTools protocol (quotas, memory, process numbers)',
  locators: "Playwright's locators, input and scripts of its own",
  media: 'emulation of themes and reduced motion',
  'pasted files': 'clipboard events with files, made by a page',
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
  firefox: ['devtools', 'frames', 'workers', 'media', 'pasted files', 'clipboard', 'saving'],
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

/** Why a store of this kind is not tested here, or false. */
export const without = (store) => store === 'opfs' && lacks('opfs');
