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

// Nobody waits for it: in Firefox it ends only when the threads of a model do, which answer nobody while they rest.
self.addEventListener('activate', () => void self.clients.claim());

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOurs = request.method === 'GET' && request.url.startsWith(self.registration.scope);
  if (!isOurs) return;
  event.respondWith(answer(request).then((response) => self.withIsolation(request, response)));
});

/** files.json lists what the page is made of, relative to this script. For isolation alone nothing is copied again. */
async function copyPage() {
  const cache = await self.caches.open(CACHE);
  const isCopied = await cache.match('files.json');
  if (isCopied && new URL(self.location.href).searchParams.has('embedder')) return;
  const files = await (await fetch('files.json')).json();
  await cache.addAll(['./', ...files.filter((name) => !LARGE.test(name))]);
  await cache.add('files.json');
}

async function answer(request) {
  try {
    const response = await fetch(request);
    if (response.status === 200) void keep(request.url.replace(/[?#].*/, ''), response.clone());
    return response;
  } catch (error) {
    const copy = await self.caches.match(request, { ignoreSearch: true });
    if (copy) return copy;
    throw error;
  }
}

/** The copy of what has just come, so that none is older than the last visit; models do not change. */
async function keep(url, response) {
  const cache = await self.caches.open(CACHE);
  const isModel = LARGE.test(url.slice(self.registration.scope.length));
  if (isModel && (await cache.match(url))) {
    // A copy that nobody reads would hold the whole file in memory while the page reads its own.
    void response.body?.cancel();
    return;
  }
  // One that cannot be kept is no reason to complain.
  await cache.put(url, response).catch(() => undefined);
}
