/** The page without a network, and isolated by its service worker: sw.js, which is installed at the first visit. */
import { isolate } from '../../dist/isolation.js';

const CACHE = 'executorch-web-demo';
const MODEL = /\.(pte|tflite)$/;
const workerUrl = new URL('sw.js', document.baseURI);

export const canWorkOffline = () => 'serviceWorker' in navigator && window.isSecureContext;

const registration = () =>
  canWorkOffline() ? navigator.serviceWorker.getRegistration(document.baseURI) : undefined;

/** Has the page copied, when it has nothing better to do; not for visitors who save data. */
export async function keepPage() {
  if (!navigator.connection?.saveData && canWorkOffline()) await copyPage();
}

/** Has the service worker copy the page, if there is none yet; throws when it cannot. */
async function copyPage() {
  if ((await registration())?.active) return;
  await installed(await navigator.serviceWorker.register(workerUrl));
  const cache = await window.caches.open(CACHE);
  await cache.addAll(modelsInUse());
}

/** Models that were fetched before there was a service worker to copy them. */
function modelsInUse() {
  const names = performance.getEntriesByType('resource').map(({ name }) => name);
  const folder = new URL('.', workerUrl).href;
  return names.filter((name) => name.startsWith(folder) && MODEL.test(name));
}

/** Whether all of the built-in models are copied too. */
export async function worksOffline() {
  if (!(await registration())?.active) return false;
  const missing = await missingFiles(await window.caches.open(CACHE));
  return missing.length === 0;
}

/** Resolves when everything that the page offers has been copied. */
export async function enableOffline() {
  await copyPage();
  const cache = await window.caches.open(CACHE);
  await cache.addAll(await missingFiles(cache));
}

/** The page itself stays. */
export async function disableOffline() {
  const cache = await window.caches.open(CACHE);
  const models = (await cache.keys()).filter(({ url }) => MODEL.test(url));
  await Promise.all(models.map((request) => cache.delete(request)));
}

async function missingFiles(cache) {
  const list = (await cache.match('files.json')) ?? (await fetch('files.json'));
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  return (await list.json()).filter((name) => !kept.has(new URL(name, document.baseURI).href));
}

/** Whether the service worker adds the headers of isolation. */
export async function isIsolatedByUs() {
  const url = (await registration())?.active?.scriptURL;
  return url !== undefined && new URL(url).searchParams.has('embedder');
}

/** Loads the page again with the headers of isolation; resolves to the reason when that is impossible. */
export async function startIsolation() {
  const { reason } = await isolate({ workerUrl });
  if (reason !== undefined) await plainWorker();
  return reason;
}

/** Loads the page again as its server sends it. */
export async function stopIsolation() {
  await plainWorker();
  location.reload();
}

/** Replaces the service worker by one that adds no headers. */
async function plainWorker() {
  await installed(await navigator.serviceWorker.register(workerUrl));
}

/** `ready` would wait for ever for a service worker that cannot be installed. */
async function installed({ installing, waiting, active }) {
  const worker = installing ?? waiting ?? active;
  while (worker.state === 'installing' || worker.state === 'installed') {
    await new Promise((done) => worker.addEventListener('statechange', done, { once: true }));
  }
  if (worker.state === 'redundant') {
    throw new Error('The page could not be copied: the network has failed, or there is no room.');
  }
}

/** At each start: continues where the browser did not take the first of the two policies. */
export async function resumeIsolation() {
  if (!globalThis.crossOriginIsolated && (await isIsolatedByUs())) await startIsolation();
}
