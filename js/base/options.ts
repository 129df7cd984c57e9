/**
 * Checks of what callers pass. They are quick, and synchronous where nothing is wrong; what is to be said when something is
 * comes from option-words.ts.
 */
import { ErrorCode, reasonOf, worded, type ExecutorchError } from './errors.js';
import { tagOf } from './platform.js';

/** A refusal that is on its way, or undefined: `if (wrong) throw await wrong`. */
export type Refusal = Promise<ExecutorchError> | undefined;

function refusal(say: (words: typeof import('./option-words.js')) => string): Refusal {
  return worded(ErrorCode.InvalidUserInput, import('./option-words.js'), say);
}

/**
 * Refuses what is no object of options (signals, lists and maps are none), and names that are none of `names`. undefined
 * stands for no options.
 */
export function wrongOptions(call: string, options: unknown, names: readonly string[]): Refusal {
  if (options === undefined) return undefined;
  const isObject = tagOf(options) === 'Object';
  if (isObject && Object.keys(options as object).every((name) => names.includes(name)))
    return undefined;
  return refusal(({ ofOptions }) => ofOptions(call, options, names));
}

/** Refuses what is no AbortSignal; undefined is none. */
export function wrongSignal(call: string, signal: unknown): Refusal {
  if (signal === undefined) return undefined;
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return undefined;
  return refusal(({ ofSignal }) => ofSignal(call));
}

/** Refuses values of another type than `type`; undefined is none. */
export function wrongType(
  call: string,
  name: string,
  value: unknown,
  type: 'string' | 'boolean' | 'function' | 'number',
): Refusal {
  if (value === undefined || typeof value === type) return undefined;
  return refusal(({ ofType }) => ofType(call, name, value, type));
}

/** Refuses what is none of `choices`; undefined is none. */
export function wrongChoice(
  call: string,
  name: string,
  value: unknown,
  choices: readonly string[],
): Refusal {
  if (value === undefined || choices.includes(value as string)) return undefined;
  return refusal(({ ofChoice }) => ofChoice(call, name, value, choices));
}

/** Refuses what is no function; undefined is none. */
export function wrongCallback(call: string, name: string, callback: unknown): Refusal {
  return wrongType(call, name, callback, 'function');
}

/**
 * A caller's callback as this library calls it: it cannot stop what it is told of. What it throws, or rejects with, is
 * shown on the console.
 */
export function harmless<Args extends unknown[]>(
  callback: ((...args: Args) => unknown) | undefined,
): ((...args: Args) => void) | undefined {
  if (!callback) return undefined;
  return async (...args) => {
    try {
      await callback(...args);
    } catch (error) {
      console.error(`A callback has failed: ${reasonOf(error)}`);
    }
  };
}
