/** What is said of options that are wrong. Fetched when it is needed: see worded(). */
import { textOf } from './errors.js';

/** Up to three names that differ from `name` by at most a third of its letters, or begin with it; nearest first. */
export function nearNames(name: string, names: readonly string[]): string[] {
  if (name === '') return [];
  const most = Math.max(1, Math.floor(name.length / 3));
  return names
    .map((one) => ({ one, distance: distanceOf(plain(name), plain(one), most) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** "; did you mean 'cat' or 'car'" for a name of which some are near, else ''. */
export function didYouMean(name: unknown, names: readonly string[]): string {
  const near = typeof name === 'string' ? nearNames(name, names) : [];
  return near.length > 0 ? `; did you mean ${near.map((one) => `'${one}'`).join(' or ')}` : '';
}

/** ImageNet's labels are lists of synonyms: the first counts. */
function plain(name: string): string {
  return name.slice(0, 100).toLowerCase().replace(/,.*$/, '');
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

/** 'null', 'a list', 'number', 'Map' … for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return typeof value;
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** "1 label", "2 labels". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A value of the caller's as it may stand in a message: texts that could be taken for something else in quotes. */
export function shownValue(value: unknown): string {
  return typeof value === 'string' ? `'${quoted(value)}'` : quoted(value);
}

/** A text of the caller's as it may stand in a message: short, and in one line. */
export function quoted(text: unknown): string {
  const shown = textOf(text);
  return JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown)
    .slice(1, -1)
    .replaceAll('\\"', '"');
}

/** What is wrong with `options`, of which `names` are known. */
export function ofOptions(call: string, options: unknown, names: readonly string[]): string {
  const isObject = Object.prototype.toString.call(options) === '[object Object]';
  if (!isObject) return `${call}: options are an object, got ${kindOf(options)}.`;
  const unknown = Object.keys(options as object).find((name) => !names.includes(name));
  return `${call}: there is no option '${quoted(unknown)}'${didYouMean(unknown, names)}.`;
}

const TYPES = {
  number: 'a number',
  string: 'a name',
  boolean: 'true or false',
  function: 'a function',
};

/** What is wrong with a value of another type than `type`. */
export function ofType(
  call: string,
  name: string,
  value: unknown,
  type: keyof typeof TYPES,
): string {
  return `${call}: ${name} is ${TYPES[type]}, got ${kindOf(value)}.`;
}

/** What is wrong with a value that is none of `choices`. */
export function ofChoice(
  call: string,
  name: string,
  value: unknown,
  choices: readonly string[],
): string {
  const list = choices.map((one) => `'${one}'`).join(', ');
  return `${call}: ${name} is one of ${list}, got ${shownValue(value)}${didYouMean(value, choices)}.`;
}

/** What is wrong with a signal. */
export function ofSignal(call: string): string {
  return `${call}: signal is an AbortSignal.`;
}
