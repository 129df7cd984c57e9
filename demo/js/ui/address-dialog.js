import { el, newId } from '../lib/dom.js';
import { openDialog } from './dialog.js';

/** Asks for the address of a picture; the library fetches it, so its server must allow that (CORS). */
export function askForAddress(onPicture) {
  const id = newId('address');
  openDialog('Picture from an address', (close) => {
    const input = el('input', {
      id,
      type: 'url',
      required: true,
      placeholder: 'https://…/photo.jpg',
      class: 'grow',
    });
    const form = el(
      'form',
      { class: 'stack', method: 'dialog' },
      el(
        'label',
        { for: id },
        'Address of a JPEG, PNG, WebP … The server must allow cross-origin reads.',
      ),
      el(
        'div',
        { class: 'row' },
        input,
        el('button', { type: 'submit', class: 'primary' }, 'Show'),
      ),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      close();
      void fetchPicture(input.value, onPicture);
    });
    return form;
  });
}

/** As a Blob: pictures of other origins could be shown but not be read from an <img>. */
async function fetchPicture(address, onPicture) {
  const name = address.split('/').at(-1);
  const blob = await fetch(address).then(
    (response) => (response.ok ? response.blob() : null),
    () => null,
  );
  // What cannot be fetched goes to the library as it is: it knows how to say why.
  onPicture(blob ?? address, name);
}
