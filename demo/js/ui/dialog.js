import { el, icon, newId } from '../lib/dom.js';

/**
 * A modal dialog; it is removed when it closes. Focus is kept inside, and given back, by the browser.
 *
 * @param build called with close(); returns the content.
 */
export function openDialog(title, build, { onClose } = {}) {
  const id = newId('dialog');
  const close = () => dialog.close();
  const dialog = el(
    'dialog',
    { 'aria-labelledby': id },
    el(
      'div',
      { class: 'dialog-body' },
      el(
        'div',
        { class: 'row spread' },
        el('h2', { id }, title),
        el(
          'button',
          { type: 'button', class: 'quiet', 'aria-label': 'Close', onclick: close },
          icon('close'),
        ),
      ),
      build(close),
    ),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    onClose?.();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}
