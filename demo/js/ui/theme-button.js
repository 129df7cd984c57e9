import { byId } from '../lib/dom.js';

/** Dark or light by hand; the choice is kept for the next visit. */
export function initThemeButton() {
  const root = document.documentElement;
  const button = byId('theme');
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
}
