/** Time per operator, as a table. */
import { profile } from '../app/profile.js';
import { settings } from '../app/settings.js';
import { el } from '../lib/dom.js';
import { formatMs } from '../lib/format.js';
import { errorNotice } from './notice.js';

const MOST_ROWS = 12;

export function operatorProfile(session, picture) {
  const body = el('div', { class: 'stack' });
  const button = el('button', { type: 'button', onclick: go }, 'Time per operator');
  async function go() {
    const { entry } = session.state.value;
    if (!entry || !picture()) return;
    button.disabled = true;
    body.replaceChildren(el('p', { class: 'muted small' }, 'Profiling …'));
    try {
      const operators = await profile(
        session.name,
        entry,
        picture().source,
        settings.forModel(entry),
      );
      body.replaceChildren(...operatorTable(operators));
    } catch (error) {
      body.replaceChildren(errorNotice(error));
    }
    button.disabled = false;
  }
  // What is shown belongs to one model.
  let shownFor;
  session.state.watch(({ entry }) => {
    if (entry !== shownFor) body.replaceChildren();
    shownFor = entry;
  });
  return el('div', { class: 'stack', 'aria-live': 'polite' }, el('div', {}, button), body);
}

const sum = (operators) => operators.reduce((all, { microseconds }) => all + microseconds, 0);

/** Operators of the same name are added up, the slowest come first. */
export function operatorTable({ operators, runs }) {
  const byName = new Map();
  for (const { name, microseconds } of operators) {
    const { count = 0, time = 0 } = byName.get(name) ?? {};
    byName.set(name, { count: count + 1, time: time + microseconds });
  }
  const whole = sum(operators);
  const rows = [...byName].sort(([, a], [, b]) => b.time - a.time).slice(0, MOST_ROWS);
  const cells = rows.map(([name, { count, time }]) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, name),
      el('td', { class: 'number' }, `${count} ×`),
      el('td', { class: 'number' }, formatMs(time / 1000)),
      el('td', { class: 'number' }, `${Math.round((100 * time) / whole)} %`),
    ),
  );
  const head = ['Operator', 'Count', 'Time', 'Share'].map((title, i) =>
    el('th', { scope: 'col', class: i ? 'number' : '' }, title),
  );
  return [
    el(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Time per operator' },
      el(
        'table',
        { class: 'compact' },
        el('thead', {}, el('tr', {}, head)),
        el('tbody', {}, cells),
      ),
    ),
    el(
      'p',
      { class: 'muted small' },
      `Mean of ${runs} runs, each operator timed by itself. Names are those of XNNPACK, the library that computes them.`,
    ),
  ];
}
