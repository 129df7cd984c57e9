/**
 * Stand-ins for what React Native ExecuTorch exports and the web does not have: text generation, speech, OCR,
 * detection and so on. An app that imports them bundles, renders, and learns from `error` what is missing; the rest
 * of it works. What exists is listed in docs/migration.md.
 *
 * Kinds are those of peers.json (scripts/read-peer-exports.mjs): 'boolean', 'number' … for values, `()` and what is
 * returned for functions, with 'null' or 'undefined' before it where theirs may be absent.
 */

import { absentAddress } from '../base/absent.js';

/** Makes the error of an entry: 0.6, 0.7 to 0.9 and 0.10 each have a class of their own. */
export type AbsentError = (name: string) => Error;

/** {name: kind} */
type Kinds = Readonly<Record<string, string>>;

/**
 * What may be given to a stand-in: anything. As a type of its own, so that callbacks and objects of callbacks need no types,
 * as with the real one.
 */
export type Anything =
  | AnyFunction
  | { [name: string]: Anything }
  | Anything[]
  | object
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined;

/* eslint-disable @typescript-eslint/no-explicit-any -- stand-ins fit wherever the real thing would */

/** A callback that is given to a stand-in. */
export type AnyFunction = (...given: any[]) => any;

/** What tells that a hook is meant as 0.6 has it: it names what it gives. */
export type OfV6 =
  | { model: Anything; [option: string]: Anything }
  | { tokenizer: Anything; [option: string]: Anything };

/** A hook that is never ready; its result is the same object at each render. `error` is 0.6's text or an object. */
export function absentHook(name: string, error: AbsentError, kinds: Kinds): any {
  const result = resultOf(name, error, kinds);
  return () => result;
}

/** The same for a name that 0.6 and 0.10 have: what it is given tells which is meant. */
export function absentHookOfTwo(
  name: string,
  [errorOfV6, kindsOfV6]: readonly [AbsentError, Kinds],
  [errorOfV10, kindsOfV10]: readonly [AbsentError, Kinds],
): any {
  const ofV6 = resultOf(name, errorOfV6, kindsOfV6);
  const ofV10 = resultOf(name, errorOfV10, kindsOfV10);
  return (given?: unknown) => (isOfV6(given) ? ofV6 : ofV10);
}

/** 0.6 names what it gives (`{ model }`, `{ tokenizer }`); 0.10 gives the description itself, or an address. */
function isOfV6(given: unknown): boolean {
  return typeof given === 'object' && given !== null && ('model' in given || 'tokenizer' in given);
}

function resultOf(name: string, error: AbsentError, { error: shape, ...kinds }: Kinds): object {
  const fields = Object.entries(kinds).map(([one, kind]) => [
    one,
    neutral(kind, `${name}().${one}`, error),
  ]);
  const made = error(name);
  const found = shape === 'text' ? made.message : made;
  return Object.freeze({ ...Object.fromEntries(fields), error: found });
}

/** A class that can be constructed; what its methods and factories would give a promise of rejects. */
export function absentClass(
  name: string,
  error: AbsentError,
  methods: Kinds,
  statics: Kinds = {},
): any {
  const made = { [name]: class {} }[name] as { new (): object; prototype: object };
  const define = (target: object, kinds: Kinds, answer: typeof neutral) => {
    for (const [method, kind] of Object.entries(kinds)) {
      const value = answer(kind, `${name}.${method}`, error);
      Object.defineProperty(target, method, { value, writable: true, configurable: true });
    }
  };
  define(made.prototype, methods, neutral);
  define(made, statics, failing);
  return made;
}

/** A function. What gives its result at once throws: there is no result that would be right. */
export function absentFunction(name: string, error: AbsentError, kind = '()object'): any {
  return failing(kind, name, error);
}

/** A namespace of functions, and of constants. */
export function absentNamespace(
  name: string,
  error: AbsentError,
  functions: Kinds,
  constants: object = {},
): any {
  const entries = Object.entries(functions).map(([one, kind]) => [
    one,
    failing(kind, `${name}.${one}`, error),
  ]);
  return Object.freeze({ ...Object.fromEntries(entries), ...constants });
}

/** The numbers of an enumeration. */
export type EnumValue<E> = E[Extract<keyof E, string>];

/** An enumeration: values by name, and names by number. */
export function enumeration<T extends Readonly<Record<string, number | string>>>(
  values: T,
): T & Readonly<Record<number, string>> {
  const numbered = Object.entries(values).filter(([, value]) => typeof value === 'number');
  const names = Object.fromEntries(numbered.map(([name, value]) => [value, name] as const));
  return Object.freeze({ ...names, ...values }) as T & Readonly<Record<number, string>>;
}

/** A description of a model that nothing here can run: all its fields, with addresses that nobody can load. */
export function absentModel(name: string, fields: object = {}): any {
  const address = absentAddress(name);
  return { modelName: name, modelSource: address, ...withAddress(fields, address) };
}

/** Empty texts are addresses; see peers.json. */
function withAddress(value: unknown, address: string): any {
  if (value === '') return address;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(value);
  return Object.fromEntries(fields.map(([name, one]) => [name, withAddress(one, address)]));
}

/** What a member of a kind is, or gives, as long as nothing is loaded; a promise is one that rejects. */
function neutral(kind: string, name: string, error: AbsentError): unknown {
  const values: Record<string, unknown> = {
    boolean: false,
    number: 0,
    string: '',
    array: [],
    null: null,
    undefined: undefined,
  };
  const [absent = '', result] = kind.split('()');
  if (result === undefined || absent !== '') return values[absent];
  return result in values ? () => values[result] : failing(kind, name, error);
}

/** A function that fails in the way its result lets it: a promise rejects, a stream when it is read, others throw at once. */
function failing(kind: string, name: string, error: AbsentError): unknown {
  switch (kind) {
    case '()promise':
      return () => Promise.reject(error(name));
    case '()iterable':
      return () => stream(() => error(name));
    case '()promise|iterable':
      return () => awaitable(() => error(name));
    case '()void':
      return () => undefined;
    default:
      return () => {
        throw error(name);
      };
  }
}

function stream(error: () => Error): AsyncGenerator<never> {
  // eslint-disable-next-line require-yield -- it ends before anything comes
  return (async function* () {
    throw error();
  })();
}

/** Read as a stream by some versions and awaited by others: fails when either is done. */
function awaitable(error: () => Error): unknown {
  const start = () => Promise.reject<never>(error());
  return Object.assign(stream(error), {
    then: (...calls: Parameters<Promise<never>['then']>) => start().then(...calls),
    catch: (...calls: Parameters<Promise<never>['catch']>) => start().catch(...calls),
    finally: (...calls: Parameters<Promise<never>['finally']>) => start().finally(...calls),
  });
}
