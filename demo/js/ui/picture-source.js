/** Where pictures come from: samples, file, clipboard, camera, address. */
import { samplesFor } from '../app/catalog.js';
import { el, icon } from '../lib/dom.js';
import { askForAddress } from './address-dialog.js';
import { takePicture } from './camera-dialog.js';
import { errorNotice } from './notice.js';

/** More would push the buttons out of sight. */
const MOST_SAMPLES = 16;

/**
 * @param onPicture called with (source, name): an address or a Blob.
 * @param options.task whose samples come first.
 * @param options.current signal of the picture that is shown; the sample it came from is marked.
 * @param options.multiple several files at once.
 * @param options.skip samples that the gallery leaves out, from the first.
 */
export function pictureSource(onPicture, { task, current, multiple = false, skip = 0 } = {}) {
  const gallery = el('div', { class: 'gallery', role: 'group', 'aria-label': 'Sample pictures' });
  const trouble = el('div');
  void fillGallery(gallery, onPicture, { task, current, skip });
  const guarded = (action) => async () => {
    trouble.replaceChildren();
    try {
      await action();
    } catch (error) {
      trouble.replaceChildren(errorNotice(error));
    }
  };
  const button = (name, text, action) =>
    el('button', { type: 'button', onclick: guarded(action) }, icon(name), text);
  const canPaste = typeof navigator.clipboard?.read === 'function';
  const canFilm = typeof navigator.mediaDevices?.getUserMedia === 'function';
  const buttons = [
    fileButton(onPicture, multiple),
    canPaste && button('paste', 'Paste', () => pasteInto(onPicture)),
    canFilm && button('camera', 'Camera', () => takePicture(onPicture)),
    button('link', 'Address', () => askForAddress(onPicture)),
  ];
  return el(
    'div',
    { class: 'stack sourcing' },
    gallery,
    el('div', { class: 'row sources' }, buttons.filter(Boolean)),
    trouble,
  );
}

async function fillGallery(gallery, onPicture, { task, current, skip }) {
  const samples = (await samplesFor(task)).slice(skip, skip + MOST_SAMPLES);
  const buttons = samples.map(({ address, name }) =>
    el(
      'button',
      { type: 'button', class: 'sample', title: name, onclick: () => onPicture(address, name) },
      el('img', { src: address, alt: name, width: 56, height: 56, loading: 'lazy' }),
    ),
  );
  gallery.append(...buttons);
  const credits = samples.filter(({ credit }) => credit);
  const text = credits.map(({ name, credit }) => `${name}: ${credit}`).join('; ');
  if (text) gallery.after(credit(text));
  current?.watch((picture) => {
    for (const one of buttons) {
      one.setAttribute('aria-pressed', String(one.firstChild.src === picture?.address));
    }
  });
}

/** The authors' names, as their licences ask, without pushing the answer out of sight. */
function credit(text) {
  return el(
    'details',
    { class: 'muted small' },
    el('summary', {}, 'Who took the photos'),
    el('p', {}, `${text}.`),
  );
}

/** A label around a hidden input: the browser's own dialog, reachable by keyboard. */
function fileButton(onPicture, multiple) {
  const input = el('input', { type: 'file', accept: 'image/*', multiple, class: 'hidden' });
  input.addEventListener('change', () => {
    for (const file of input.files) onPicture(file, file.name);
    input.value = '';
  });
  return el('label', { class: 'button' }, icon('file'), multiple ? 'Files' : 'File', input);
}

async function pasteInto(onPicture) {
  const items = await navigator.clipboard.read().catch(() => {
    throw new Error(
      'The browser did not let this page look into the clipboard. Press Ctrl+V or ⌘V instead.',
    );
  });
  for (const item of items) {
    const type = item.types.find((name) => name.startsWith('image/'));
    if (type) return onPicture(await item.getType(type), 'pasted picture');
  }
  throw new Error('There is no picture in the clipboard.');
}
