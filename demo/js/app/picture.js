/** The picture that classification and segmentation look at. */
import { signal } from '../lib/signal.js';
import { link, linked } from './permalink.js';

/**
 * @param source what the library is given: an address or a Blob.
 * @param isDefault nobody has chosen it: another task may begin with another one.
 * @returns {source, name, address, isDefault}: address is for <img>.
 */
export function makePicture(source, name, isDefault = false) {
  const address = typeof source === 'string' ? source : URL.createObjectURL(source);
  return { source, name, address, isDefault };
}

/** Not one of the samples that come with the page. */
export const isOwnPicture = ({ address }) =>
  !address.startsWith(new URL('models/', document.baseURI).href);

/** null until the first sample is known. */
export const currentPicture = signal(null);

/** The name by which a link knows a sample. */
const fileOf = ({ address }) => address.split('/').at(-1);

/** Replaces the picture; an address that was made for the one before stays valid for late readers. */
export function showPicture(picture) {
  const before = currentPicture.value;
  currentPicture.set(picture);
  link({ picture: picture.isDefault || isOwnPicture(picture) ? undefined : fileOf(picture) });
  if (before?.address.startsWith('blob:') && before.address !== picture.address) {
    setTimeout(() => URL.revokeObjectURL(before.address), 10_000);
  }
}

/** Shows the sample that the page's address names, once. @returns whether there is one. */
export function showLinkedPicture(samples) {
  const name = currentPicture.value ? null : linked('picture');
  const sample = name && samples.find((one) => fileOf(one) === name);
  if (sample) showPicture(makePicture(sample.address, sample.name));
  return Boolean(sample);
}
