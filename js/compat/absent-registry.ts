/** `models` with a stand-in for every model that is not here, so that naming one does not end an app. */
import { absentModel } from './stand-ins.js';

/**
 * `known`, and for every other path a thing that can be called (0.9: `models.llm.llama3_2_1b()`), read on
 * (0.10: `models.llm.LLAMA3_2_1B.DEFAULT`), and given to a stand-in. Each path is the same object each time, and has a
 * text as its JSON: hooks compare what they are given from render to render.
 */
export function withAbsentModels<T extends object>(known: T, path = 'models'): T {
  const entry = remembered((name) => absentEntry(`${path}.${name}`));
  const group = remembered((name) =>
    withAbsentModels(Reflect.get(known, name) as object, `${path}.${name}`),
  );
  return new Proxy(known, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return found;
      if (isPlain(found)) return group(name);
      return found === undefined ? entry(name) : found;
    },
  });
}

function absentEntry(path: string): unknown {
  const model = absentModel(path) as Record<string, unknown>;
  const entry = remembered((name) => absentEntry(`${path}.${name}`));
  return new Proxy(() => model, {
    get(_, name) {
      if (name === 'toJSON') return () => model.modelSource;
      if (typeof name === 'symbol' || name === 'then') return undefined;
      return name in model ? model[name] : entry(name);
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
