/**
 * Stand-ins for what React Native ExecuTorch exports and the web does not have: text generation, speech, OCR,
 * detection and so on. An app that imports them bundles, renders, and learns from `error` what is missing; the rest
 * of it works. What exists is listed in docs/migration.md.
 */
import { ErrorCode, ExecutorchError } from '../base/errors.js';

/** The error of everything that is not there: code PlatformNotSupported. */
function absentError(name: string): ExecutorchError {
  return new ExecutorchError(
    ErrorCode.PlatformNotSupported,
    `${name} is not available on the web. docs/migration.md of executorch-web lists what is, and what is planned.`,
  );
}

/** Fields of a hook's result: what they are as long as nothing is loaded, and which of them are functions. */
export interface AbsentFields {
  values: Readonly<Record<string, unknown>>;
  functions: readonly string[];
}

/** What versions give as `error`: 0.6 a text, later ones an object; of hooks that 0.6 and 0.10 have, what they are given tells. */
export type ErrorShape = 'text' | 'object' | 'either';

/* eslint-disable @typescript-eslint/no-explicit-any -- stand-ins fit wherever the real thing would */

/** A hook that is never ready; its result is the same object at each render. */
export function absentHook(name: string, fields: AbsentFields, shape: ErrorShape) {
  const error = absentError(name);
  const calls = fields.functions.map((one) => [one, rejecting(`${name}().${one}`)]);
  const result = { ...fields.values, ...Object.fromEntries(calls) };
  const withText = Object.freeze({ ...result, error: error.message });
  const withObject = Object.freeze({ ...result, error });
  return (...given: any[]): any => {
    if (shape === 'either') return isOfV6(given[0]) ? withText : withObject;
    return shape === 'text' ? withText : withObject;
  };
}

/** 0.6 names what it gives (`{ model }`, `{ tokenizer }`); 0.10 gives the description itself, or an address. */
function isOfV6(given: unknown): boolean {
  return typeof given === 'object' && given !== null && ('model' in given || 'tokenizer' in given);
}

/** A class that can be constructed; its methods and factories reject. `delete` and the like do nothing. */
export function absentClass(
  name: string,
  methods: readonly string[],
  statics: readonly string[],
): any {
  const made = { [name]: class {} }[name] as { new (): object; prototype: object };
  for (const method of methods) define(made.prototype, method, `${name}.${method}`);
  for (const method of statics) define(made, method, `${name}.${method}`);
  return made;
}

/** A function that rejects: every caller of these awaits them, or renders what they threw. */
export function absentFunction(name: string): any {
  return (..._arguments: any[]): never => {
    throw absentError(name);
  };
}

/** A description of a model that nothing here can run. */
export function absentModel(name: string): any {
  return Object.freeze({ modelName: name, modelSource: `unavailable:${name}` });
}

/** A namespace of functions. */
export function absentNamespace(name: string, members: readonly string[]): any {
  const entries = members.map((one) => [one, absentFunction(`${name}.${one}`)]);
  return Object.freeze(Object.fromEntries(entries));
}

const HARMLESS = /^(delete|dispose|interrupt|stop|streamStop|configure|set\w+)$/;

function define(target: object, method: string, name: string): void {
  const value = HARMLESS.test(method) ? () => undefined : rejecting(name);
  Object.defineProperty(target, method, { value, writable: true, configurable: true });
}

function rejecting(name: string): (...values: unknown[]) => Promise<never> {
  return () => Promise.reject(absentError(name));
}
