/** Starts the page: tabs, and each panel when it is shown for the first time. */
import { VERSION } from '../dist/web-core.js';
import { keepPage, resumeIsolation } from './app/offline.js';
import { initIntake, receiveFiles } from './app/intake.js';
import { byId, el } from './lib/dom.js';
import { showCode } from './ui/code.js';
import { initInstall } from './ui/install.js';
import { errorNotice } from './ui/notice.js';
import { initTabs } from './ui/tabs.js';
import { initThemeButton } from './ui/theme-button.js';

/** A panel module exports mount(container), which resolves to {show(), hide(), files}; all optional. */
const PANELS = {
  classify: () => import('./panels/classify.js'),
  segment: () => import('./panels/segment.js'),
  embed: () => import('./panels/embed.js'),
  compare: () => import('./panels/compare.js'),
  live: () => import('./panels/live.js'),
  benchmark: () => import('./panels/benchmark.js'),
  storage: () => import('./panels/storage.js'),
  device: () => import('./panels/device.js'),
};

const mounted = new Map();
let shown;

async function showPanel(id) {
  if (shown === id) return;
  (await mounted.get(shown))?.hide?.();
  shown = id;
  showCode(id);
  if (!mounted.has(id)) mounted.set(id, mountPanel(id));
  const panel = await mounted.get(id);
  if (shown !== id) return;
  receiveFiles(panel?.files ?? {});
  panel?.show?.();
}

async function mountPanel(id) {
  const container = byId(`panel-${id}`);
  try {
    const { mount } = await PANELS[id]();
    return await mount(container);
  } catch (error) {
    container.append(errorNotice(error));
    return undefined;
  }
}

initThemeButton();
initInstall();
initIntake();
showCode('classify');
initTabs(document.querySelector('[role=tablist]'), showPanel);
byId('version').append(el('span', {}, `version ${VERSION}`));

await resumeIsolation();
// Late, so that the first model has the network to itself.
setTimeout(() => keepPage().catch(() => undefined), 3000);
