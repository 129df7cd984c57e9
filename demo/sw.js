/**
 * Makes the page work without a network, once the visitor asks for it (storage panel). The network comes
 * first, so nothing here is ever stale; the copies are for when there is none.
 */
const CACHE = 'executorch-web-demo';

self.addEventListener('install', (event) => {
  event.waitUntil(copyAll().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOurs = request.method === 'GET' && request.url.startsWith(self.registration.scope);
  if (isOurs) event.respondWith(answer(request));
});

/** files.json lists what the page is made of, relative to this script. */
async function copyAll() {
  const files = await (await fetch('files.json')).json();
  const cache = await self.caches.open(CACHE);
  await cache.addAll(['./', 'files.json', ...files]);
}

async function answer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const copy = await self.caches.match(request, { ignoreSearch: true });
    if (copy) return copy;
    throw error;
  }
}
