/**
 * The service worker of `executorch-web/isolation`: gives pages, frames and workers of its scope the two headers that make
 * a page cross-origin isolated. It touches nothing else; what pages fetch goes past it.
 *
 * Its address says what to send: `?embedder=credentialless` or `?embedder=require-corp`; without, nothing is added. A
 * service worker of one's own takes this one in by `importScripts()` and passes its answers through `withIsolation()`.
 */

interface WorkerScope {
  location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  withIsolation: typeof withIsolation;
}
interface ExtendableEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

const worker = globalThis as unknown as WorkerScope;
const { pathname, searchParams } = new URL(worker.location.href);
const embedder = searchParams.get('embedder');

/** Whether the headers of the answer decide about isolation: those of documents and of scripts of workers. */
const decides = ({ mode, destination }: Request) =>
  mode === 'navigate' || destination.endsWith('worker');

/** The answer with the headers, where they matter and may be added. */
function withIsolation(request: Request, response: Response): Response {
  if (!embedder || !decides(request)) return response;
  // The browser follows a redirect itself; answers of other origins cannot be rebuilt.
  if (response.status === 0) return response;
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', embedder);
  return new Response(body, { status, statusText, headers });
}

worker.withIsolation = withIsolation;

// Within another service worker that one answers.
if (pathname.endsWith('/isolation-worker.js')) {
  worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
  worker.addEventListener('fetch', (event) => {
    const { request } = event;
    if (!decides(request)) return;
    event.respondWith(fetch(request).then((response) => withIsolation(request, response)));
  });
}
