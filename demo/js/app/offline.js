/** The page without a network: a service worker that is installed when the visitor asks for it. */
const CACHE = 'executorch-web-demo';

export const canWorkOffline = () => 'serviceWorker' in navigator && window.isSecureContext;

const registration = () => navigator.serviceWorker.getRegistration(document.baseURI);

export async function worksOffline() {
  return canWorkOffline() && Boolean((await registration())?.active);
}

/** Resolves when everything that the page needs has been copied. */
export async function enableOffline() {
  await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
  await navigator.serviceWorker.ready;
}

export async function disableOffline() {
  await (await registration())?.unregister();
  await window.caches.delete(CACHE);
}
