import { announce, icon } from '../lib/dom.js';

const SHOWN_FOR = 2000;

/** Buttons that put the command beside them into the clipboard; where there is none, the command is still to be read. */
export function initInstall() {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = typeof navigator.clipboard?.writeText !== 'function';
    button.addEventListener('click', async () => {
      const isDone = await navigator.clipboard.writeText(button.dataset.copy).then(
        () => true,
        () => false,
      );
      announce(isDone ? 'Copied.' : 'The browser does not allow copying.');
      if (!isDone) return;
      button.replaceChildren(icon('check'));
      setTimeout(() => button.replaceChildren(icon('copy')), SHOWN_FOR);
    });
  }
}
