/** The one place that sends requests for files. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { quoted } from '../base/option-words.js';
import { hasNode } from '../base/platform.js';
import { shownAddress, type Address } from './address.js';

const MOST_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];

interface SendOptions {
  method?: 'GET' | 'HEAD';
  /** Beside the configured ones of the host. */
  headers?: Record<string, string>;
  signal: AbortSignal;
}

/**
 * Sends a request with the headers that are configured for the address's host, and for no other: each host that the
 * server redirects to gets its own. Pages may not see where a redirect leads: there it is followed without configured
 * headers, but for the token, which browsers take away themselves when the origin changes.
 *
 * @throws what fetch() throws; ExecutorchError ResourceFetcherDownloadFailed for redirects that lead nowhere.
 */
export async function send(
  { url, headersFor }: Pick<Address, 'url' | 'headersFor'>,
  { method = 'GET', headers = {}, signal }: SendOptions,
): Promise<Response> {
  const request = (target: string, configured: Record<string, string>, redirect: RequestRedirect) =>
    fetch(target, {
      method,
      headers: { ...configured, ...headers },
      redirect,
      signal,
      // Chromium has served a stored part as the whole; our store is the cache.
      cache: 'no-store',
      credentials: 'same-origin',
      referrerPolicy: 'no-referrer',
    });
  let target = url;
  for (let hops = 0; hops < MOST_REDIRECTS; hops++) {
    const configured = headersFor(target);
    // Node sees redirects, and can say what is wrong with one.
    if (isSafe(configured) && !hasNode()) return request(target, configured, 'follow');
    const response = await request(target, configured, 'manual');
    if (response.type === 'opaqueredirect') return request(target, onlyToken(configured), 'follow');
    const location = REDIRECTS.includes(response.status) && response.headers.get('location');
    if (!location) return response;
    void response.body?.cancel().catch(() => undefined);
    target = redirected(location, target);
  }
  throw misled(url, `the server redirects more than ${MOST_REDIRECTS} times`);
}

function redirected(location: string, from: string): string {
  let target: URL | undefined;
  try {
    target = new URL(location, from);
  } catch {
    // Said below.
  }
  if (target && /^https?:$/.test(target.protocol)) return target.href;
  throw misled(from, `the server redirects to '${quoted(location)}', which is no http(s) address`);
}

function misled(url: string, reason: string): ExecutorchError {
  const message = `Cannot download ${shownAddress(url)}: ${reason}.`;
  return new ExecutorchError(ErrorCode.ResourceFetcherDownloadFailed, message);
}

/** True when the platform keeps these headers from other origins by itself. */
function isSafe(headers: Record<string, string>): boolean {
  return Object.keys(headers).every((name) => name.toLowerCase() === 'authorization');
}

function onlyToken(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isSafe({ [name]: '' })));
}
