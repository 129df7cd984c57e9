/** What is printed. Names come from files and may hold what steers a terminal or begins a line of its own. */

// Controls (C0, DEL, C1), line separators, and what turns the direction of text.
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (character: string) =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text of a file or a caller, on one line. */
export function plain(text: string): string {
  return text.replace(STEERING, escaped);
}

/** Prints one line. */
export function print(line = ''): void {
  console.log(plain(line));
}

/** Prints one line to stderr. */
export function complain(line = ''): void {
  console.error(plain(line));
}

/** Prints a value as JSON, in which the escapes mean the same characters; NaN and infinities, which JSON lacks, are text. */
export function printJson(value: unknown, indent?: number): void {
  // JSON's own escapes cover C0 but not the rest; line ends between values stay.
  console.log(
    JSON.stringify(value, named, indent).replace(STEERING, (c) => (c === '\n' ? c : escaped(c))),
  );
}

const named = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

export { counted } from '../base/option-words.js';
