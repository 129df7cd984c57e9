/** Names that mean nothing, in places where others' code may have them without harm. */
import { wrongOptions } from './options.js';

const told = new Set<string>();

/** Tells of the first name that is none of `names` on the console, once, with what may have been meant. */
export function tellStrangeNames(call: string, given: object | undefined, names: string[]): void {
  void wrongOptions(call, given, names)?.then(({ message }) => {
    if (told.has(message)) return;
    told.add(message);
    console.warn(`executorch-web: ${message}`);
  });
}
