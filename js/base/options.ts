/** Checks of what callers pass: objects of options, and names that are almost right. */
import { ErrorCode, ExecutorchError } from './errors.js';

/** "; did you mean 'cat' or 'car'" for a name of which some are near, else ''. */
export function nearNames(name: unknown, names: readonly string[]): string {
  if (typeof name !== 'string' || name === '') return '';
  const most = Math.max(1, Math.floor(name.length / 3));
  const near = names
    .map((one) => ({ one, distance: distanceOf(plain(name), plain(one), most) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ one }) => `'${one}'`);
  return near.length > 0 ? `; did you mean ${near.join(' or ')}` : '';
}

/** ImageNet's labels are lists of synonyms: the first counts. */
function plain(name: string): string {
  return name.toLowerCase().replace(/,.*$/, '');
}

/** Levenshtein distance, as far as it matters: more than `most` may come out as any larger number. */
function distanceOf(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  if (b.startsWith(a) || a.startsWith(b)) return 0;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let k = 1; k <= b.length; k++) {
      const replaced = (row[k - 1] ?? 0) + (a[i - 1] === b[k - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[k] ?? 0) + 1, (next[k - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * Refuses what is no object of options, and names that are none of `names`. undefined stands for no options.
 *
 * @throws ExecutorchError InvalidUserInput, naming the call and near names.
 */
export function checkOptions(call: string, options: unknown, names: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const what = options === null ? 'null' : Array.isArray(options) ? 'a list' : typeof options;
    throw invalid(call, `options are an object, got ${what}`);
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw invalid(call, `there is no option '${unknown}'${nearNames(unknown, names)}`);
}

/** Refuses what is no AbortSignal; undefined is none. */
export function checkSignal(call: string, signal: unknown): void {
  if (signal === undefined) return;
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return;
  throw invalid(call, 'signal is an AbortSignal');
}

/** Refuses what is no function; undefined is none. */
export function checkCallback(call: string, name: string, callback: unknown): void {
  if (callback === undefined || typeof callback === 'function') return;
  throw invalid(call, `${name} is a function, got ${callback === null ? 'null' : typeof callback}`);
}

function invalid(call: string, reason: string): ExecutorchError {
  return new ExecutorchError(ErrorCode.InvalidUserInput, `${call}: ${reason}.`);
}
