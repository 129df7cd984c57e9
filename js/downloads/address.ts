/** Addresses of models: what identifies one, what is requested for it, and what the hub can tell of it. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import type { Pin, ResourceConfiguration } from '../base/resource-config.js';
import { warnOnce } from './warn.js';

/** An http(s) address in all the forms that are needed. */
export interface Address {
  /** Identifies the file in the store: no credentials, no fragment, no mirror. */
  key: string;
  /** What is requested; the mirror's address where one is configured. */
  url: string;
  /** What is configured to be sent to the host of an address, and to no other. */
  headersFor: (url: string) => Record<string, string>;
  /** Branch, tag or commit of a hub's address. */
  revision?: string;
  /** Where the hub tells digest and size of the file, as a small text; undefined elsewhere. */
  pointerUrl?: string;
  /** Digest and size that the file must have. */
  pin: Pin;
}

const HUB = 'https://huggingface.co';
/** /owner/repository/resolve/revision/path, the hub's addresses of files. */
const HUB_PATH = /^(\/(?:datasets\/|spaces\/)?[^/]+\/[^/]+\/)resolve\/([^/]+)(\/.+)$/;

/** What identifies the file of the absolute address `href`. */
export function keyOf(href: string, config: ResourceConfiguration): string {
  return canonicalOf(href, config).href;
}

/** All forms of the absolute address `href`; `pin` goes before what is configured for it. */
export function parseAddress(href: string, config: ResourceConfiguration, pin: Pin = {}): Address {
  const { pathname, origin, href: key } = canonicalOf(href, config);
  const isHub = origin === HUB;
  const parts = isHub ? HUB_PATH.exec(pathname) : null;
  const endpoint = endpointOf(config);
  const onMirror = (address: string) =>
    isHub && endpoint ? endpoint + address.slice(HUB.length) : address;
  const url = onMirror(key);
  const hubOrigin = new URL(endpoint ?? HUB).origin;
  const address: Address = {
    key,
    url,
    headersFor: (target) => ({
      ...basicAuthorization(href, url, target),
      ...headersFor(new URL(target), hubOrigin, config),
    }),
    pin: {},
  };
  if (parts) {
    address.revision = parts[2] ?? '';
    address.pointerUrl = onMirror(key.replace('/resolve/', '/raw/'));
  }
  address.pin = { ...(config.pins?.[key] ?? config.pins?.[href]), ...defined(pin) };
  if (address.pin.sha256) address.pin.sha256 = address.pin.sha256.toLowerCase();
  return address;
}

/** Without credentials and fragment; the hub's own address in place of its mirror's, with the configured revision. */
function canonicalOf(href: string, config: ResourceConfiguration): URL {
  const canonical = parsed(href);
  canonical.hash = '';
  canonical.username = '';
  canonical.password = '';
  const endpoint = endpointOf(config);
  if (endpoint && canonical.href.startsWith(`${endpoint}/`)) {
    canonical.href = HUB + canonical.href.slice(endpoint.length);
  }
  const parts = canonical.origin === HUB ? HUB_PATH.exec(canonical.pathname) : null;
  if (parts && config.revision) {
    canonical.pathname = `${parts[1]}resolve/${encodeURIComponent(config.revision)}${parts[3]}`;
  }
  return canonical;
}

/** @throws ExecutorchError InvalidModelSource; the address may hold a secret and is not told. */
function parsed(href: string): URL {
  try {
    return new URL(href);
  } catch (cause) {
    throw new ExecutorchError(ErrorCode.InvalidModelSource, 'The address is malformed.', { cause });
  }
}

function endpointOf({ endpoint }: ResourceConfiguration): string | undefined {
  return endpoint?.replace(/\/+$/, '');
}

/** Extension of the file in lower case, without the dot; '' when there is none. */
export function extensionOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return /\.([a-z\d]{1,8})$/i.exec(path)?.[1]?.toLowerCase() ?? '';
}

/** The address without what may be secret, for messages. */
export function shownAddress(url: string): string {
  return url
    .replace(/[?#].*$/s, '')
    .replace(/\/\/[^/@]*@/, '//')
    .slice(0, 200);
}

/** What a name and a password in an address stand for; sent to the origin of that address only. */
function basicAuthorization(href: string, url: string, target: string): Record<string, string> {
  const { username, password } = new URL(href);
  if ((username === '' && password === '') || new URL(url).origin !== new URL(target).origin)
    return {};
  const bytes = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function headersFor(
  { host, hostname, origin }: URL,
  hubOrigin: string,
  { headers = {}, accessToken }: ResourceConfiguration,
): Record<string, string> {
  const tokens = typeof accessToken === 'object' ? accessToken : {};
  if (
    host !== hostname &&
    !(headers[host] ?? tokens[host]) &&
    (headers[hostname] ?? tokens[hostname])
  ) {
    warnOnce(
      `port ${host}`,
      `what is configured for '${hostname}' is not sent to '${host}': hosts are named with their port.`,
    );
  }
  const ofHub = typeof accessToken === 'string' && origin === hubOrigin ? accessToken : undefined;
  const token = tokens[host] ?? ofHub;
  return { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers[host] };
}

function defined(pin: Pin): Pin {
  return Object.fromEntries(Object.entries(pin).filter(([, value]) => value !== undefined));
}
