/** What is kept in this browser. */
import { ResourceFetcher } from '../../dist/web-core.js';
import { transferOf } from '../app/downloads.js';
import { canWorkOffline, disableOffline, enableOffline, worksOffline } from '../app/offline.js';
import { announce, el, icon } from '../lib/dom.js';
import { formatBytes } from '../lib/format.js';
import { errorNotice } from '../ui/notice.js';
import { switchCard } from '../ui/switch.js';

export function mount(container) {
  const summary = el('div', { class: 'stack' });
  const list = el('div', { class: 'stack' });
  const trouble = el('div');
  container.append(
    el('h2', { tabindex: -1 }, 'Models kept in this browser'),
    trouble,
    summary,
    list,
    switchCard({
      title: 'Offline',
      label:
        'Keep all built-in models for offline use; the page itself and the models that you use are kept already',
      isPossible: canWorkOffline(),
      state: worksOffline,
      change: keepOffline,
    }),
  );

  async function update() {
    try {
      const report = await ResourceFetcher.storage();
      summary.replaceChildren(...summaryOf(report, persist));
      list.replaceChildren(listOf(report, remove));
      trouble.replaceChildren();
    } catch (error) {
      trouble.replaceChildren(errorNotice(error));
    }
  }

  async function remove(urls, what) {
    await ResourceFetcher.deleteResources(...urls);
    await update();
    announce(`${what} deleted`);
    // The button that had the focus is gone.
    container.querySelector('h2').focus();
  }

  async function persist() {
    const agreed = await ResourceFetcher.persist();
    await update();
    announce(agreed ? 'The models will be kept.' : 'The browser does not promise to keep them.');
  }

  return { show: update };
}

async function keepOffline(isWanted) {
  await (isWanted ? enableOffline() : disableOffline());
  announce(
    isWanted
      ? 'Everything works offline now.'
      : 'Models that were not used need the network again.',
  );
}

function summaryOf({ store, problem, usage, quota, persisted, entries }, persist) {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const facts = [
    ['Models', formatBytes(bytes)],
    ['Used by this site', usage === undefined ? 'unknown' : formatBytes(usage)],
    ['Allowed', quota === undefined ? 'unknown' : formatBytes(quota)],
    [
      'Kept in',
      { indexeddb: 'a database', opfs: 'private files', memory: 'memory only' }[store] ?? store,
    ],
  ];
  const figures = facts.map(([title, value]) =>
    el('div', {}, el('dt', {}, title), el('dd', { class: 'number' }, value)),
  );
  const promise = persisted
    ? el(
        'span',
        { class: 'badge good' },
        icon('check'),
        'the browser will not delete them by itself',
      )
    : el('button', { type: 'button', onclick: persist }, 'Ask the browser to keep them');
  // Below a hundredth there is nothing to see.
  const meter =
    usage > quota / 100
      ? el('meter', { min: 0, max: quota, value: usage, 'aria-label': 'Storage used' })
      : null;
  return [
    problem && el('p', { class: 'notice' }, problem),
    el('dl', { class: 'meters card' }, figures),
    meter,
    el('div', { class: 'row' }, promise),
  ].filter(Boolean);
}

function listOf({ entries }, remove) {
  if (entries.length === 0) {
    return el(
      'p',
      { class: 'notice' },
      'Nothing yet. Models from Hugging Face or from an address are kept here after their first use.',
    );
  }
  const rows = [...entries]
    .sort((a, b) => b.lastUsed - a.lastUsed)
    .map((entry) => row(entry, remove));
  const head = [
    el('th', { scope: 'col' }, 'Model'),
    el('th', { scope: 'col', class: 'number' }, 'Size'),
    el('td'),
  ];
  const all = el(
    'button',
    {
      type: 'button',
      class: 'danger',
      onclick: () =>
        remove(
          entries.map(({ url }) => url),
          'All models',
        ),
    },
    icon('trash'),
    'Delete all',
  );
  return el(
    'div',
    { class: 'stack' },
    el(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Stored models' },
      el('table', { class: 'stored' }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows)),
    ),
    el('div', {}, all),
  );
}

/** How far a download is; servers need not tell how long a file is. */
function unfinished(url, bytes, size) {
  const states = { running: 'on its way', resuming: 'on its way', paused: 'paused' };
  const state = states[transferOf(url).value?.status] ?? 'interrupted';
  return size ? `${state}, ${Math.floor((100 * bytes) / size)} % here` : state;
}

function row({ url, bytes, size, complete, verified, sha256 }, remove) {
  const { pathname, host } = new URL(url);
  const name = decodeURIComponent(pathname.split('/').at(-1));
  const states = { pinned: 'matches its pinned digest', hub: "matches the hub's digest" };
  const state = complete ? (states[verified] ?? 'complete') : unfinished(url, bytes, size);
  return el(
    'tr',
    {},
    el(
      'th',
      { scope: 'row', title: url },
      name,
      el(
        'div',
        { class: 'muted small', title: sha256 ? `SHA-256 ${sha256}` : null },
        `${host} · ${state}`,
      ),
    ),
    el('td', { class: 'number' }, formatBytes(bytes)),
    el(
      'td',
      { class: 'number' },
      el(
        'button',
        {
          type: 'button',
          class: 'quiet danger',
          'aria-label': `Delete ${name}`,
          onclick: () => remove([url], name),
        },
        icon('trash'),
      ),
    ),
  );
}
