/** `models` with a stand-in for every model that is not here, so that naming one does not end an app. */
import { absentModel } from './stand-ins.js';

/**
 * `known`, and for every other path a thing that can be called (0.9: `models.llm.llama3_2_1b()`), read on
 * (0.10: `models.llm.LLAMA3_2_1B.DEFAULT`), and given to a stand-in.
 */
export function withAbsentModels<T extends object>(known: T, path = 'models'): T {
  return new Proxy(known, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return found;
      if (isPlain(found)) return withAbsentModels(found, `${path}.${name}`);
      return found === undefined ? absentEntry(`${path}.${name}`) : found;
    },
  });
}

function absentEntry(path: string): unknown {
  const model = absentModel(path) as Record<string, unknown>;
  return new Proxy(() => model, {
    get(_, name) {
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined;
      return name in model ? model[name] : absentEntry(`${path}.${name}`);
    },
  });
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
