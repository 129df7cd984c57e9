import { el, icon } from '../lib/dom.js';

/** Adds a button to the links of the page: dark or light by hand. The choice is kept for the next visit. */
export function initThemeButton() {
  const root = document.documentElement;
  const text = el('span', { class: 'wide' });
  const button = el('button', { type: 'button', class: 'quiet' }, icon('moon'), text);
  /** What a click does, not how things are. */
  const show = () => {
    text.textContent = root.dataset.theme === 'dark' ? 'Light theme' : 'Dark theme';
    button.setAttribute('aria-label', `Change to the ${text.textContent.toLowerCase()}`);
  };
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
