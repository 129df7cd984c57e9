import { el, icon } from '../lib/dom.js';

/** Adds a button to the links of the page: dark or light by hand. The choice is kept for the next visit. */
export function initThemeButton() {
  const root = document.documentElement;
  const button = el(
    'button',
    { type: 'button', class: 'quiet' },
    icon('moon'),
    el('span', { class: 'wide' }, 'Dark'),
  );
  const show = () => button.setAttribute('aria-pressed', String(root.dataset.theme === 'dark'));
  button.addEventListener('click', () => {
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      window.localStorage.setItem('executorch-web-demo-theme', root.dataset.theme);
    } catch {
      // It then holds for this visit only.
    }
  });
  new window.MutationObserver(show).observe(root, { attributeFilter: ['data-theme'] });
  show();
  document.querySelector('.links').append(button);
}
