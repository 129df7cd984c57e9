/** Settings of downloads and stores: plain data, so that a worker can be given a copy. */
import { ErrorCode, ExecutorchError } from './errors.js';
import { didYouMean, quoted } from './option-words.js';

/** Where downloaded models are kept. */
export type StoreKind = 'indexeddb' | 'opfs' | 'memory' | 'files' | 'none';

/** The part of React Native's asset registry that turns `require('./model.pte')` into an address. */
export interface AssetRegistry {
  /** The asset of a number, or nothing. */
  getAssetByID(id: number): unknown;
}

/** What is known about a file before it is downloaded. */
export interface Pin {
  /** SHA-256 of the whole file, 64 hexadecimal digits. */
  sha256?: string;
  /** Bytes of the whole file. */
  size?: number;
}

/**
 * When the server is asked whether a stored file is still the one at its address. Files with a pinned digest, and
 * addresses of the hub with a commit or a version as revision, never change and are never asked for.
 *
 * - 'background': the stored file is used at once; once per page, after it has loaded, the server is asked, and a file
 *   that has changed is fetched for the next load;
 * - 'check': the server is asked before the stored file is used; when it cannot be reached the stored file is;
 * - 'immutable': never.
 */
export type Freshness = 'background' | 'check' | 'immutable';

/** How downloads behave; all times in milliseconds. */
export interface DownloadPolicy {
  /** Failures in a row, without a byte between them, after which a download gives up: 1..1000. Default 6. */
  attempts?: number;
  /** Longest wait before the second attempt; doubles from failure to failure. Default 500. */
  delay?: number;
  /** Longest wait of all, also for a server's Retry-After. Default 60 000. */
  maxDelay?: number;
  /** Silence after which a connection is given up and resumed. Default 20 000. */
  stallTimeout?: number;
  /** Bytes of a stored chunk, which is also what a crash may lose: 1 KiB..64 MiB. Default 4 MiB. */
  chunkSize?: number;
}

/** The part of `configure()` that is about downloads and where they are kept; all optional. */
export interface ResourceConfiguration {
  /** A mirror: stands in for `https://huggingface.co` in addresses. */
  endpoint?: string;
  /** Branch, tag or commit that replaces the one in addresses of the hub (`…/resolve/<revision>/…`). */
  revision?: string;
  /** Request headers by host, such as `{ 'models.example.com': { 'X-Key': '…' } }`. Never stored. */
  headers?: Record<string, Record<string, string>>;
  /** Bearer token: one for the hub and its mirror, or tokens by host. Never stored. */
  accessToken?: string | Record<string, string>;
  /**
   * Where models are kept. Default: 'indexeddb' where there is one, 'files' in Node, else 'none' (streamed,
   * not kept). 'opfs' is faster, in browsers that have it; 'memory' lasts as long as the thread.
   */
  store?: StoreKind;
  /** Folder of the store 'files'. Default: `executorch-web/models` in the user's cache folder. */
  storeDirectory?: string;
  /** What files must be, by address; files with a pin are verified against it. */
  pins?: Record<string, Pin>;
  /** Whether sizes and digests are asked of the hub, beside the download. Default true. */
  hubMetadata?: boolean;
  /** Whether stored files are compared with the server's. Default 'background'. */
  freshness?: Freshness;
  /** How patient downloads are. */
  download?: DownloadPolicy;
  /**
   * Resolves asset numbers: the module `@react-native/assets-registry/registry` (or react-native-web's
   * AssetRegistry). Without it numbers are no model sources.
   */
  assetRegistry?: AssetRegistry;
}

let settings: ResourceConfiguration = {};

/**
 * Changes settings for downloads that begin from now on; undefined restores a default.
 *
 * @throws ExecutorchError InvalidConfig for unknown names and impossible values.
 */
export function configureResources(changes: ResourceConfiguration): void {
  for (const [name, value] of Object.entries(changes)) check(name, value);
  const next: Record<string, unknown> = { ...settings, ...changes };
  for (const name of Object.keys(next)) if (next[name] === undefined) delete next[name];
  settings = next;
}

export function resourceConfiguration(): Readonly<ResourceConfiguration> {
  return settings;
}

/** The settings without what cannot be posted to a worker; for {@link configureResources} there. */
export function postableConfiguration(): ResourceConfiguration {
  const postable = { ...settings };
  delete postable.assetRegistry;
  return postable;
}

/** Names that {@link configureResources} takes. */
export function resourceSettings(): string[] {
  return Object.keys(CHECKS);
}

/** True for names that {@link configureResources} takes. */
export function isResourceSetting(name: string): boolean {
  return Object.hasOwn(CHECKS, name);
}

const STORES: readonly unknown[] = ['indexeddb', 'opfs', 'memory', 'files', 'none'];

const CHECKS: Record<keyof ResourceConfiguration, (value: unknown) => boolean> = {
  endpoint: isHttpAddress,
  revision: (value) => isText(value) && !value.includes('..'),
  headers: (value) => isByHost(value) && Object.values(value).every(isHeaders),
  accessToken: (value) =>
    isHeaderText(value) || (isByHost(value) && Object.values(value).every(isHeaderText)),
  store: (value) => STORES.includes(value),
  storeDirectory: isText,
  pins: (value) => isRecord(value) && Object.values(value).every(isPin),
  hubMetadata: (value) => typeof value === 'boolean',
  freshness: isFreshness,
  download: (value) => isRecord(value) && wrongIn(value) === undefined,
  assetRegistry: (value) =>
    isRecord(value) && typeof (value as unknown as AssetRegistry).getAssetByID === 'function',
};

function check(name: string, value: unknown): void {
  const isValid = Object.hasOwn(CHECKS, name) && CHECKS[name as keyof ResourceConfiguration];
  if (isValid && (value === undefined || isValid(value))) return;
  // Values may be secrets: only the name is told.
  const wrong = name === 'download' && isRecord(value) ? wrongIn(value) : undefined;
  const unknown = isValid ? wrong !== undefined && !Object.hasOwn(POLICY, wrong) : true;
  const full = wrong === undefined ? name : `${name}.${wrong}`;
  const known = wrong === undefined ? resourceSettings() : Object.keys(POLICY);
  const message = unknown
    ? `there is no setting '${quoted(full)}'${didYouMean(wrong ?? name, known)}`
    : `${full} has an impossible value`;
  throw new ExecutorchError(ErrorCode.InvalidConfig, `configure(): ${message}.`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys are hosts, with the port where it is not the usual one; addresses are a likely mistake. */
function isByHost(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && Object.keys(value).every((host) => /^[^/\s@]+$/.test(host));
}

/** What fetch() takes as headers: it would fail as if the network had. */
function isHeaders(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && isHeaderText(text),
  );
}

function isHeaderText(value: unknown): boolean {
  return typeof value === 'string' && !/[\0\r\n]|[^\0-\xff]/.test(value);
}

function isHttpAddress(value: unknown): boolean {
  return isText(value) && /^https?:\/\/[^/]/i.test(value) && canParse(value);
}

function canParse(address: string): boolean {
  try {
    return new URL(address).host !== '';
  } catch {
    return false;
  }
}

/** All values of {@link Freshness}. */
export const FRESHNESS = ['background', 'check', 'immutable'] as const;

/** True for what can be a {@link Freshness}. */
function isFreshness(value: unknown): value is Freshness {
  return FRESHNESS.includes(value as Freshness);
}

/** True for what can be a {@link Pin}. */
function isPin(value: unknown): value is Pin {
  if (!isRecord(value)) return false;
  const { sha256, size } = value;
  const digestFits = sha256 === undefined || (isText(sha256) && /^[\da-f]{64}$/i.test(sha256));
  return digestFits && (size === undefined || (Number.isSafeInteger(size) && Number(size) > 0));
}

const POLICY: Record<keyof DownloadPolicy, (value: unknown) => boolean> = {
  attempts: (value) => isWithin(value, 1, 1000) && Number.isInteger(value),
  delay: isDuration,
  maxDelay: isDuration,
  stallTimeout: (value) => isDuration(value) && value !== 0,
  chunkSize: (value) => isChunkSize(value) && Number(value) >= 1 << 10,
};

/** Name of the first entry that cannot be in a policy; undefined when there is none. */
function wrongIn(policy: Record<string, unknown>): string | undefined {
  return Object.keys(policy).find((name) => {
    const isValid = Object.hasOwn(POLICY, name) && POLICY[name as keyof DownloadPolicy];
    return !isValid || !(policy[name] === undefined || isValid(policy[name]));
  });
}

/** True for bytes that a chunk may have; two of them are in memory. */
export function isChunkSize(value: unknown): boolean {
  return isWithin(value, 1, 1 << 26) && Number.isInteger(value);
}

/** Milliseconds that a timer can wait. */
function isDuration(value: unknown): boolean {
  return isWithin(value, 0, 2 ** 31 - 1);
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
