/** `models` with a stand-in for every model that is not here, so that naming one does not end an app. */
import { absentAddress } from '../base/absent.js';
import { absentModel } from './stand-ins.js';

/** The names of models, by group, that `Names` has beyond `Known`; they stand for models of any shape. */
export type WithAbsent<Known, Names> = {
  readonly [Group in keyof Known | keyof Names]: Group extends keyof Known
    ? Known[Group] & (Group extends keyof Names ? Omit<Names[Group], keyof Known[Group]> : unknown)
    : Group extends keyof Names
      ? Names[Group]
      : never;
};

/**
 * `known`, and a stand-in for every other path: 0.9's are functions (`models.llm.llama3_2_1b()`), 0.10's objects
 * (`models.llm.LLAMA3_2_1B.DEFAULT`). Each path is the same thing each time, and has a text as its JSON: hooks compare
 * what they are given from render to render.
 */
export function withAbsentModels<Names, T extends object>(
  known: T,
  path = 'models',
): WithAbsent<T, Names> {
  const entry = remembered((name) => absentEntry(`${path}.${name}`));
  const group = remembered((name) =>
    withAbsentModels(Reflect.get(known, name) as object, `${path}.${name}`),
  );
  const all = new Proxy(known, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return found;
      if (isPlain(found)) return group(name);
      return found === undefined ? entry(name) : found;
    },
  });
  return all as unknown as WithAbsent<T, Names>;
}

function absentEntry(path: string): unknown {
  const address = absentAddress(path);
  // What screens read of descriptions while they render: lists, and addresses.
  const modelOpts = { labels: [], landmarks: [] };
  const model = absentModel(path, { modelPath: '', modelOpts }) as Record<string, unknown>;
  const entry = remembered((name) => absentEntry(`${path}.${name}`));
  const target = /[a-z]/.test(path.slice(path.lastIndexOf('.'))) ? () => model : model;
  return new Proxy(target, {
    get(_, name) {
      if (name === 'toJSON') return () => address;
      if (typeof name === 'symbol' || name === 'then') return undefined;
      if (name in model) return model[name];
      return /(Path|Source|Url)$/.test(name) ? address : entry(name);
    },
  });
}

/** What `make` made of a name the first time. */
function remembered(make: (name: string) => unknown): (name: string) => unknown {
  const made = new Map<string, unknown>();
  return (name) => {
    if (!made.has(name)) made.set(name, make(name));
    return made.get(name);
  };
}

/** Groups of models; descriptions themselves (they have a source) are handed out as they are. */
function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('modelSource' in value) &&
    !('modelPath' in value) &&
    !Array.isArray(value)
  );
}
