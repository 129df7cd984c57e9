/**
 * Typed arrays for what 0.6 and 0.7 gave as `number[]`.
 *
 * Code written for `number[]` must not get something else in silence: `map` of a typed array turns colours into zeros, and
 * JSON writes it as an object. So these answer such calls as `number[]` would; everything else is a typed array's.
 * `slice` and `subarray` give maps again; `Array.isArray` is false, and what changes a length (`push`, `splice`) is not there.
 */

/* eslint-disable @typescript-eslint/no-explicit-any -- the signatures are those of number[], which Int32Array's forbid */

function likeNumbers<Base extends new (...args: any[]) => Int32Array | Float32Array>(base: Base) {
  return class extends (base as new (...args: any[]) => any) {
    /** [].concat(map) lists the numbers. */
    get [Symbol.isConcatSpreadable](): boolean {
      return true;
    }

    map(
      callback: (value: number, index: number, array: any) => unknown,
      self?: unknown,
    ): unknown[] {
      return Array.from(this as unknown as ArrayLike<number>, (value, index) =>
        callback.call(self, value, index, this),
      );
    }

    filter(
      callback: (value: number, index: number, array: any) => unknown,
      self?: unknown,
    ): number[] {
      return this.toJSON().filter((value, index) => callback.call(self, value, index, this));
    }

    concat(...others: unknown[]): unknown[] {
      const lists = others.map((one) => (ArrayBuffer.isView(one) ? Array.from(one as any) : one));
      return ([] as unknown[]).concat(this.toJSON(), ...lists);
    }

    flatMap(
      callback: (value: number, index: number, array: any) => unknown,
      self?: unknown,
    ): unknown[] {
      return this.toJSON().flatMap((value, index) => callback.call(self, value, index, this));
    }

    toSorted(compare?: (a: number, b: number) => number): number[] {
      return this.toJSON().sort(compare ?? ((a, b) => a - b));
    }

    toReversed(): number[] {
      return this.toJSON().reverse();
    }

    with(index: number, value: number): number[] {
      const list = this.toJSON();
      if (index < -list.length || index >= list.length)
        throw new RangeError(`There is no element ${index}.`);
      list[index < 0 ? index + list.length : index] = value;
      return list;
    }

    toJSON(): number[] {
      return Array.from(this as unknown as ArrayLike<number>);
    }
  };
}

/** The methods above, for TypeScript; they stand before those of the typed array, so that these are what a call means. */
interface NumberListMethods<Self> {
  map<T>(callback: (value: number, index: number, array: Self) => T, self?: unknown): T[];
  filter(
    callback: (value: number, index: number, array: Self) => unknown,
    self?: unknown,
  ): number[];
  concat(...others: (number | readonly number[] | ArrayLike<number>)[]): number[];
  flatMap<T>(callback: (value: number, index: number, array: Self) => T | T[], self?: unknown): T[];
  slice(start?: number, end?: number): NumberListMethods<Self> & Self;
  subarray(start?: number, end?: number): NumberListMethods<Self> & Self;
  toJSON(): number[];
}

/** Class of each pixel. */
export type ClassMap = NumberListMethods<Int32Array> & Int32Array;
/** Probability of a class at each pixel, 0..1. */
export type ProbabilityMap = NumberListMethods<Float32Array> & Float32Array;

const ClassMapArray = /* @__PURE__ */ likeNumbers(Int32Array);
const ProbabilityMapArray = /* @__PURE__ */ likeNumbers(Float32Array);

/** The same memory as a class map. */
export function asClassMap(data: Int32Array): ClassMap {
  return new ClassMapArray(data.buffer, data.byteOffset, data.length) as unknown as ClassMap;
}

/** The same memory as a map of probabilities. */
export function asProbabilityMap(data: Float32Array): ProbabilityMap {
  const made = new ProbabilityMapArray(data.buffer, data.byteOffset, data.length);
  return made as unknown as ProbabilityMap;
}
