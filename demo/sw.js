/**
 * Copies of the page for when there is no network. The network comes first, so nothing here is ever stale. Where the
 * visitor asks for threads it also isolates the page (?embedder=…), by the library's own service worker.
 */
const CACHE = 'executorch-web-demo';
/** Copied when they are used, or when the visitor wants all of them (storage panel). */
const LARGE = /^models\/(photo|people)\/.*\.(pte|tflite)$/;

self.importScripts('dist/isolation-worker.js');

self.addEventListener('install', (event) => {
  event.waitUntil(copyPage().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOurs = request.method === 'GET' && request.url.startsWith(self.registration.scope);
  if (!isOurs) return;
  event.respondWith(answer(request).then((response) => self.withIsolation(request, response)));
});

/** files.json lists what the page is made of, relative to this script. */
async function copyPage() {
  const files = await (await fetch('files.json')).json();
  const cache = await self.caches.open(CACHE);
  await cache.addAll(['./', 'files.json', ...files.filter((name) => !LARGE.test(name))]);
}

async function answer(request) {
  try {
    const response = await fetch(request);
    const name = request.url.slice(self.registration.scope.length);
    if (response.status === 200 && LARGE.test(name)) void keep(request, response.clone());
    return response;
  } catch (error) {
    const copy = await self.caches.match(request, { ignoreSearch: true });
    if (copy) return copy;
    throw error;
  }
}

/** A copy that cannot be kept is no reason to refuse the file. */
async function keep(request, response) {
  const cache = await self.caches.open(CACHE);
  await cache.put(request, response).catch(() => undefined);
}
