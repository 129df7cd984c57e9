/** The picture that classification and segmentation look at. */
import { signal } from '../lib/signal.js';

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

/** Replaces the picture; an address that was made for the one before stays valid for late readers. */
export function showPicture(picture) {
  const before = currentPicture.value;
  currentPicture.set(picture);
  if (before?.address.startsWith('blob:') && before.address !== picture.address) {
    setTimeout(() => URL.revokeObjectURL(before.address), 10_000);
  }
}
