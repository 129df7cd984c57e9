/** Compiles what configure({ wasmBinary }) was given. Fetched by pages that do so. */
import type { Configuration } from '../base/config.js';
import { asBytes } from '../base/platform.js';
import { compileBytes } from './instance.js';

export type BinarySetting = NonNullable<Configuration['wasmBinary']>;

const compilations = new WeakMap<object, Promise<WebAssembly.Module>>();

/** @throws ExecutorchError WasmLoadFailed. */
export function compileSetting(setting: BinarySetting): Promise<WebAssembly.Module> {
  const found = compilations.get(setting);
  if (found) return found;
  const compiling = compile(setting);
  compilations.set(setting, compiling);
  compiling.catch(() => compilations.delete(setting));
  return compiling;
}

async function compile(setting: BinarySetting): Promise<WebAssembly.Module> {
  const binary = typeof setting === 'function' ? await setting() : setting;
  const bytes = asBytes(binary);
  if (bytes) return compileBytes('configure({ wasmBinary })', bytes, 'a setting');
  return binary as WebAssembly.Module;
}
