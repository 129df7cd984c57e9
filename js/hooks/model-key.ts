/**
 * A text that is the same for equal models: hooks reload when it changes, and components with the same one share.
 *
 * Data (text, numbers, plain objects and arrays) is compared by value, so object literals may be written inline;
 * URLs count as their address; things that hold bytes (Blob, ArrayBuffer …) count by identity.
 */
import { isList, tagOf } from '../base/platform.js';

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

/** Key of a model object or a source. */
export function modelKey(model: unknown): string {
  return describe(model, []);
}

function describe(value: unknown, ancestors: readonly object[]): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return String(value);
  }
  if (tagOf(value) === 'URL') return JSON.stringify(String(value));
  if (ancestors.includes(value)) return identity(value);
  const path = [...ancestors, value];
  if (isList(value)) return `[${value.map((item) => describe(item, path)).join()}]`;
  if (!isPlain(value)) return identity(value);
  const entries = Object.entries(value)
    // What is to be called makes no other model: it may be written inline, too.
    .filter(([, item]) => item !== undefined && typeof item !== 'function')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${describe(item, path)}`);
  return `{${entries.join()}}`;
}

/** Object literals of any realm, and the namespace objects of modules. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function identity(value: object): string {
  const known = identities.get(value) ?? ++lastIdentity;
  identities.set(value, known);
  return `#${known}`;
}
