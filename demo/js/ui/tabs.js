/** The tab pattern of ARIA: one tab is in the tab order, arrows move and activate. */

/**
 * @param onShow called with the name of the panel that is shown.
 * @returns a function that shows a panel by its name.
 */
export function initTabs(list, onShow) {
  const tabs = [...list.querySelectorAll('[role=tab]')];
  const panelOf = (tab) => document.getElementById(tab.getAttribute('aria-controls'));
  // A hash that is no id on the page does not make the browser scroll.
  const nameOf = (tab) => panelOf(tab).id.replace(/^panel-/, '');

  function select(tab, { focus = false } = {}) {
    for (const one of tabs) {
      const isChosen = one === tab;
      one.setAttribute('aria-selected', String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
      panelOf(one).hidden = !isChosen;
    }
    if (focus) tab.focus();
    list.scrollTo({ left: tab.offsetLeft - list.clientWidth / 2 + tab.offsetWidth / 2 });
    onShow(nameOf(tab));
  }

  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  list.addEventListener('keydown', (event) => {
    const at = tabs.indexOf(document.activeElement);
    let next = steps[event.key] && tabs[(at + steps[event.key] + tabs.length) % tabs.length];
    if (event.key === 'Home') next = tabs[0];
    if (event.key === 'End') next = tabs.at(-1);
    if (!next) return;
    event.preventDefault();
    choose(next, { focus: true });
  });
  for (const tab of tabs) tab.addEventListener('click', () => choose(tab));

  function choose(tab, options) {
    window.history.replaceState(null, '', `#${nameOf(tab)}`);
    select(tab, options);
  }
  const show = (name) => {
    const tab = tabs.find((one) => nameOf(one) === name);
    if (tab) select(tab);
    return Boolean(tab);
  };
  window.addEventListener('hashchange', () => show(location.hash.slice(1)));
  if (!show(location.hash.slice(1))) select(tabs[0]);
  return show;
}
