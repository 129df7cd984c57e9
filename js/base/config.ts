/** Settings of the whole library; read when a model is loaded. */
import { ErrorCode, ExecutorchError, guardedNow } from './errors.js';
import { didYouMean, quoted } from './option-words.js';
import { asBytes, tagOf } from './platform.js';
import { VARIANTS, type Variant } from './probes.js';
import {
  configureResources,
  isResourceSetting,
  resourceSettings,
  type ResourceConfiguration,
} from './resource-config.js';

/** Bytes of ew.wasm, or what was compiled from them. */
export type WasmBinary = ArrayBuffer | ArrayBufferView | WebAssembly.Module;

/** What {@link configure} takes; all optional. */
export interface Configuration extends ResourceConfiguration {
  /**
   * Folder that holds `simd/ew.wasm`, `relaxed/ew.wasm`, … Default: beside this library's own files,
   * where bundlers put them.
   */
  wasmBaseUrl?: string;
  /** Address of one binary, for a build that ships a single variant; goes with `variant`. */
  wasmUrl?: string;
  /**
   * The binary itself, or what gives it at the first load; goes with `variant`, by default 'simd'. Comes before the
   * addresses.
   */
  wasmBinary?: WasmBinary | (() => WasmBinary | Promise<WasmBinary>);
  /** Address of `worker.js`. Default: beside this library's own files. */
  workerUrl?: string;
  /** Build of the core to use. Default: the best that works here. */
  variant?: Variant | 'auto';
  /**
   * Threads per model, at most: its first runs find out how many of them help. 'auto': as many as may help where
   * the page is cross-origin isolated, else 1. Default 1.
   */
  threads?: number | 'auto';
  /** Milliseconds until a worker that does not answer is given up. Default 30 000. */
  workerTimeout?: number;
}

const settings: Configuration = {};

/**
 * Changes settings for models that are loaded from now on; undefined restores a default.
 *
 * @throws ExecutorchError InvalidConfig for unknown names and impossible values; then nothing is changed.
 *
 * @example
 * ```ts
 * configure({ threads: 'auto', wasmBaseUrl: '/static/wasm' });
 * ```
 */
export function configure(changes: Configuration): void {
  guardedNow('configure()', () => change(changes));
}

function change(changes: Configuration): void {
  if (!/^(Object|Module)$/.test(tagOf(changes))) {
    const message = 'configure() takes an object of settings, such as { threads: 2 }.';
    throw new ExecutorchError(ErrorCode.InvalidConfig, message);
  }
  const entries = Object.entries(changes);
  const own = entries.filter(([name]) => !isResourceSetting(name));
  check(Object.fromEntries(own));
  configureResources(Object.fromEntries(entries.filter(([name]) => isResourceSetting(name))));
  for (const [name, value] of own) {
    if (value === undefined) delete settings[name as keyof Configuration];
    else Object.assign(settings, { [name]: value });
  }
}

/** The settings in force. */
export function configuration(): Readonly<Configuration> {
  return settings;
}

const OWN: readonly string[] = [
  ...['wasmBaseUrl', 'wasmUrl', 'wasmBinary', 'workerUrl', 'variant', 'threads', 'workerTimeout'],
];
const ADDRESSES = ['wasmBaseUrl', 'wasmUrl', 'workerUrl'];

function check(changes: Configuration): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    if (!OWN.includes(name)) {
      const near = didYouMean(name, [...OWN, ...resourceSettings()]);
      throw invalid(`there is no setting '${quoted(name)}'${near}`);
    }
    if (!isValid(name, value)) throw invalid(`${name} cannot be ${quoted(value)}`);
  }
}

function isValid(name: string, value: unknown): boolean {
  if (ADDRESSES.includes(name)) return typeof value === 'string' || value instanceof URL;
  if (name === 'wasmBinary') return typeof value === 'function' || isBinary(value);
  if (name === 'variant') return value === 'auto' || VARIANTS.includes(value as Variant);
  if (name === 'threads') return value === 'auto' || isCount(value, 1, 64);
  if (name === 'workerTimeout') return isCount(value, 1, 2 ** 31 - 1);
  return false;
}

function invalid(reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidConfig, `configure(): ${reason}.`);
}

function isBinary(value: unknown): boolean {
  return asBytes(value) !== undefined || tagOf(value) === 'WebAssembly.Module';
}

function isCount(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
