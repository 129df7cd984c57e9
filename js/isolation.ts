/**
 * `executorch-web/isolation`: threads on servers that cannot send headers (GitHub Pages and the like), by a service worker
 * that adds them. It needs `isolation-worker.js` beside the page: `npx executorch-web copy-assets DIR`.
 *
 * @module
 */
import { ErrorCode, ExecutorchError } from './base/errors.js';

/** Values of the header Cross-Origin-Embedder-Policy. */
export type EmbedderPolicy = 'credentialless' | 'require-corp';

/** Options of {@link isolate}. */
export interface IsolationOptions {
  /**
   * Address of `isolation-worker.js`, or of a service worker of your own that imports it. It reaches the pages of its
   * folder and below. Default: `isolation-worker.js` beside the page.
   */
  workerUrl?: string | URL;
  /**
   * What the page may embed of other origins. `require-corp`: what is sent with CORS or Cross-Origin-Resource-Policy.
   * `credentialless`: everything, asked for without cookies; not in Safari. Default `auto`: the second, where that does not
   * isolate the page the first.
   */
  embedder?: EmbedderPolicy | 'auto';
}

/** Whether the page is isolated, and if not, why. */
export interface Isolation {
  /** Whether threads can be used. */
  isolated: boolean;
  /** Why not; missing where it is. */
  reason?: string;
}

/** Policies tried in this tab with a service worker, so that a page that cannot be isolated is not loaded again and again. */
const TRIED = 'executorch-web:isolation';

/**
 * Makes the page cross-origin isolated: installs the service worker and loads the page again, once. Call it before anything
 * else: where the page is loaded again, the promise stays pending.
 *
 * Where that cannot help (no HTTPS, private windows of some browsers, another service worker in this place, a page in a
 * frame or outside of the service worker's folder), nothing happens but that the reason is told.
 *
 * @returns whether the page is isolated now.
 * @throws ExecutorchError InvalidArgument for unknown options.
 *
 * @example
 * ```ts
 * import { isolate } from 'executorch-web/isolation';
 *
 * const { isolated, reason } = await isolate();
 * if (!isolated) console.info(`One thread: ${reason}`);
 * configure({ threads: 'auto' });
 * ```
 */
export async function isolate(options: IsolationOptions = {}): Promise<Isolation> {
  const { workerUrl, policies } = checked(options);
  if (globalThis.crossOriginIsolated) {
    remember(workerUrl, []);
    return { isolated: true };
  }
  const reason = obstacle() ?? outOfReach(workerUrl) ?? (await conflict(workerUrl));
  const tried = policiesTried(workerUrl);
  if (reason !== undefined || !tried) return { isolated: false, reason: reason ?? NO_MEMORY };
  const policy = policies.find((one) => !tried.includes(one));
  if (!policy) {
    await stepBack(workerUrl);
    return { isolated: false, reason: NOT_ISOLATED };
  }
  const failure = await install(withPolicy(workerUrl, policy));
  if (failure !== undefined) return { isolated: false, reason: failure };
  remember(workerUrl, [...tried, policy]);
  location.reload();
  return new Promise(() => undefined);
}

/**
 * Takes the service worker away again; pages that are loaded from then on are as their server sends them.
 *
 * @param options of {@link isolate}, as they were given there.
 * @throws ExecutorchError InvalidArgument for unknown options.
 */
export async function endIsolation(options: IsolationOptions = {}): Promise<void> {
  const { workerUrl } = checked(options);
  if (obstacle() !== undefined) return;
  const registration = await registered(workerUrl);
  if (registration && isOurs(registration, workerUrl)) await registration.unregister();
}

const NO_MEMORY = 'the browser keeps nothing for this tab (sessionStorage)';
const NOT_ISOLATED =
  'the browser did not isolate the page: no service worker adds the headers (withIsolation), or they do not suffice';

function checked(options: IsolationOptions) {
  const { workerUrl = 'isolation-worker.js', embedder = 'auto', ...rest } = Object(options);
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw invalid(`isolate() has no option '${unknown}'`);
  if (!['auto', 'credentialless', 'require-corp'].includes(embedder)) {
    throw invalid(`embedder is 'auto', 'credentialless' or 'require-corp', got '${embedder}'`);
  }
  const policies: EmbedderPolicy[] =
    embedder === 'auto' ? ['credentialless', 'require-corp'] : [embedder];
  try {
    const base = typeof document === 'undefined' ? 'http://localhost' : document.baseURI;
    return { workerUrl: new URL(workerUrl, base), policies };
  } catch {
    throw invalid(`workerUrl is no address: '${workerUrl}'`);
  }
}

function invalid(message: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidArgument, `${message}.`);
}

function obstacle(): string | undefined {
  if (typeof document === 'undefined') return 'there is no page here';
  if (!globalThis.isSecureContext) return 'the page was not loaded by HTTPS';
  if (!('serviceWorker' in navigator)) return 'the browser has no service workers here';
  return undefined;
}

/** Where the headers would not isolate the page, it need not be loaded again. */
function outOfReach(workerUrl: URL): string | undefined {
  if (window.top !== window) return 'the page is in a frame: the page around it must be isolated';
  const folder = new URL('.', workerUrl).href;
  if (location.href.startsWith(folder)) return undefined;
  return `the page is not below ${folder}, which is all that the service worker reaches: give another workerUrl`;
}

function withPolicy(workerUrl: URL, policy: EmbedderPolicy): URL {
  const url = new URL(workerUrl);
  url.searchParams.set('embedder', policy);
  return url;
}

/** Headers that isolate no page would only keep pictures of other origins from the others. */
async function stepBack(workerUrl: URL): Promise<void> {
  const registration = await registered(workerUrl);
  if (!registration || !isOurs(registration, workerUrl)) return;
  if (workerUrl.pathname.endsWith('/isolation-worker.js')) await registration.unregister();
  // The app's own does more than that.
  else await install(workerUrl);
}

const registered = (workerUrl: URL) =>
  navigator.serviceWorker.getRegistration(new URL('.', workerUrl)).catch(() => undefined);

function isOurs(registration: ServiceWorkerRegistration, workerUrl: URL): boolean {
  const { active, waiting, installing } = registration;
  const url = (active ?? waiting ?? installing)?.scriptURL;
  return url !== undefined && new URL(url).pathname === workerUrl.pathname;
}

/** A folder has one service worker. */
async function conflict(workerUrl: URL): Promise<string | undefined> {
  const registration = await registered(workerUrl);
  const isFree =
    registration?.scope !== new URL('.', workerUrl).href || isOurs(registration, workerUrl);
  if (isFree) return undefined;
  return "another service worker is here: give it as workerUrl, with importScripts('isolation-worker.js') in it";
}

/** Resolves when the service worker answers for pages, or to the reason why it does not. */
async function install(workerUrl: URL): Promise<string | undefined> {
  try {
    const registration = await navigator.serviceWorker.register(workerUrl);
    const { installing, waiting, active } = registration;
    const worker = installing ?? waiting ?? active;
    await activated(worker!);
    return undefined;
  } catch (error) {
    const hint = 'npx executorch-web copy-assets copies isolation-worker.js';
    return `the service worker could not be installed: ${(error as Error).message} (${hint})`;
  }
}

/** How long one that is installed may take to replace the one before. */
const REPLACE_MS = 3000;

function activated(worker: ServiceWorker): Promise<void> {
  return new Promise((done, failed) => {
    const fail = (why: string) => failed(new Error(why));
    const look = () => {
      if (worker.state === 'activated') done();
      if (worker.state === 'redundant') fail('it was refused or replaced');
      if (worker.state !== 'installed') return;
      setTimeout(fail, REPLACE_MS, 'it waits for an older one to end: it must call skipWaiting()');
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

const keyOf = ({ pathname }: URL) => `${TRIED} ${pathname}`;

/** Undefined where nothing can be remembered. */
function policiesTried(workerUrl: URL): string[] | undefined {
  try {
    return (sessionStorage.getItem(keyOf(workerUrl)) ?? '').split(' ').filter(Boolean);
  } catch {
    return undefined;
  }
}

function remember(workerUrl: URL, policies: readonly string[]): void {
  try {
    if (policies.length === 0) sessionStorage.removeItem(keyOf(workerUrl));
    else sessionStorage.setItem(keyOf(workerUrl), policies.join(' '));
  } catch {
    // Then nothing was tried either.
  }
}
