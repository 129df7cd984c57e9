/** What this browser can do, and how models are run. */
import { getCapabilities } from '../../dist/web-core.js';
import { canWorkOffline, isIsolatedByUs, startIsolation, stopIsolation } from '../app/offline.js';
import { settings } from '../app/settings.js';
import { el, icon, newId } from '../lib/dom.js';
import { switchCard } from '../ui/switch.js';

export async function mount(container) {
  const capabilities = getCapabilities();
  const { reasons } = capabilities;
  const rows = [
    [
      'Vector instructions (SIMD)',
      capabilities.simd,
      reasons.simd,
      'Needed: four numbers at a time instead of one.',
    ],
    [
      'Newer vector instructions (relaxed SIMD)',
      capabilities.relaxedSimd,
      reasons.relaxedSimd,
      'Used: they multiply and add in one step.',
    ],
    ['Threads', capabilities.threads, reasons.threads, 'Used for models that gain from them.'],
    [
      'Cross-origin isolation',
      capabilities.crossOriginIsolated,
      'Needed for threads only; everything else works without.',
      'The headers that threads need are there.',
    ],
  ];
  container.append(
    el('h2', {}, 'This device'),
    el(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Capabilities' },
      el(
        'table',
        { class: 'capabilities' },
        el('caption', { class: 'hidden' }, 'Capabilities of this browser'),
        el('tbody', {}, rows.map(capabilityRow), processorRow(capabilities)),
      ),
    ),
    el('h2', {}, 'How models are run'),
    el(
      'div',
      { class: 'row fields' },
      field('Build of the library', settings.variant, variantOptions(capabilities)),
      field('Threads', settings.threads, threadOptions(capabilities)),
    ),
    el(
      'p',
      { class: 'muted small' },
      'For models that are loaded from now on. The address of this page remembers the choice.',
    ),
  );
  if (!capabilities.crossOriginIsolated || (await isIsolatedByUs())) {
    container.append(isolationSwitch(capabilities));
  }
}

/** Servers that send the headers themselves need none. */
function isolationSwitch({ crossOriginIsolated }) {
  return switchCard({
    title: 'Isolation',
    label:
      'Isolate this page with a service worker, so that threads work. The page reloads; requests to other sites carry no cookies',
    isPossible: canWorkOffline(),
    state: async () => crossOriginIsolated && (await isIsolatedByUs()),
    change: async (isWanted) => {
      const reason = await (isWanted ? startIsolation() : stopIsolation());
      if (reason !== undefined) throw new Error(`This page cannot be isolated: ${reason}.`);
    },
  });
}

function capabilityRow([title, isThere, reason, use]) {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, title),
    el(
      'td',
      {},
      el(
        'span',
        { class: isThere ? 'badge good' : 'badge' },
        icon(isThere ? 'check' : 'close'),
        isThere ? 'yes' : 'no',
      ),
    ),
    el('td', { class: 'muted small' }, isThere ? use : (reason ?? '')),
  );
}

function processorRow({ hardwareConcurrency }) {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, 'Logical processors'),
    el('td', {}, String(hardwareConcurrency)),
    el('td', { class: 'muted small' }, 'As the browser reports them.'),
  );
}

function variantOptions({ relaxedSimd, threads }) {
  const options = [
    ['auto', 'the best one here', true],
    ['simd', 'for all browsers (SIMD)', true],
    ['relaxed', 'for newer browsers (relaxed SIMD)', relaxedSimd],
    ['simd-threads', 'for all browsers, with threads', threads],
    ['relaxed-threads', 'for newer browsers, with threads', relaxedSimd && threads],
  ];
  return options.map(([value, title, isUsable]) =>
    el('option', { value, disabled: !isUsable }, title),
  );
}

function threadOptions({ threads, hardwareConcurrency }) {
  const counts = [1, 2, 4, 8].filter(
    (count) => count === 1 || (threads && count <= hardwareConcurrency),
  );
  return [
    el('option', { value: 'auto' }, 'as many as help'),
    ...counts.map((count) => el('option', { value: count }, String(count))),
  ];
}

function field(title, setting, options) {
  const id = newId('setting');
  const select = el('select', { id }, options);
  select.value = String(setting.value);
  select.addEventListener('change', () => {
    const number = Number(select.value);
    setting.set(Number.isNaN(number) ? select.value : number);
  });
  return el(
    'div',
    { class: 'stack tight' },
    el('label', { for: id, class: 'small' }, title),
    select,
  );
}
