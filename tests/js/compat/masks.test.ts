/** Maps answer what code written for `number[]` asks. */
import { describe, expect, test } from '@jest/globals';
import { asClassMap, asProbabilityMap } from '../../../js/tasks/masks.js';

type Numbers = number[];
const numbers = [0, 1, 2, 1];
const classes = asClassMap(Int32Array.from(numbers)) as unknown as Numbers;
const shares = asProbabilityMap(Float32Array.from([0.25, 0.5])) as unknown as Numbers;

describe('as number[]', () => {
  const colours = ['#000', '#f00', '#0f0'];

  test.each<[string, (list: Numbers) => unknown]>([
    ['map to texts', (list) => list.map((c) => colours[c])],
    ['map to fractions', (list) => list.map((c) => c / 2)],
    ['filter', (list) => list.filter((c) => c === 1)],
    ['filter keeps an array', (list) => list.filter((c) => c > 0).map((c) => colours[c])],
    ['concat', (list) => list.concat([7], 8)],
    ['flatMap', (list) => list.flatMap((c) => [c, c])],
    ['JSON', (list) => JSON.stringify({ list })],
    ['spread', (list) => [...list]],
    ['reduce', (list) => list.reduce((sum, c) => sum + c, 0)],
    ['indexOf, includes, join', (list) => [list.indexOf(2), list.includes(3), list.join()]],
    ['slice and map', (list) => list.slice(1, 3).map((c) => colours[c])],
    [
      'slice twice',
      (list) =>
        list
          .slice(1)
          .slice(1)
          .map((c) => colours[c]),
    ],
    ['sort, reverse, map', (list) => [...list.slice().sort((a, b) => b - a).map((c) => colours[c]), ...list.slice().reverse().map((c) => colours[c])]], // prettier-ignore
    ['concat of a list with it', (list) => ([] as Numbers).concat(list, list)],
    ['findIndex, at, lastIndexOf', (list) => [list.findIndex((c) => c > 1), list.at(-1), list.lastIndexOf(1)]], // prettier-ignore
    ['keys, values, entries', (list) => [[...list.keys()], [...list.values()], [...list.entries()]]], // prettier-ignore
    ['reduceRight, forEach', (list) => { const out: unknown[] = []; list.forEach((c, i) => out.push(colours[c], i)); return [out, list.reduceRight((sum, c) => sum - c, 9)]; }], // prettier-ignore
    ['toString and templates', (list) => [list.toString(), `${list}`]], // prettier-ignore
    ['Math.max', (list) => Math.max(...list)],
    ['for of', (list) => { const out = []; for (const c of list) out.push(c); return out; }], // prettier-ignore
    ['Array.from', (list) => Array.from(list, (c) => colours[c])],
    ['Object.keys', (list) => Object.keys(list)],
    ['some, every, find', (list) => [list.some((c) => c > 1), list.every((c) => c < 2), list.find((c) => c > 0)]], // prettier-ignore
  ])('%s', (_, use) => {
    expect(use(classes)).toEqual(use(numbers));
  });

  test('probabilities are not cut to integers or to f32 on the way', () => {
    expect(shares.map((p) => p / 3)).toEqual([0.25 / 3, 0.5 / 3]);
  });
});

test('they are typed arrays still, over the same memory', () => {
  const data = Int32Array.from([1, 2, 3]);
  const map = asClassMap(data);
  expect(map).toBeInstanceOf(Int32Array);
  map[0] = 9;
  expect(data[0]).toBe(9);
  expect(map.buffer).toBe(data.buffer);
});

test('copies that newer engines make are arrays of anything, too', () => {
  const map = asClassMap(Int32Array.from([2, 0, 1]));
  const list = map as unknown as { toSorted(): number[]; toReversed(): number[] };
  expect(list.toSorted().map((c) => `${c}!`)).toEqual(['0!', '1!', '2!']);
  expect(list.toReversed().map((c) => `${c}!`)).toEqual(['1!', '0!', '2!']);
  const changed = map as unknown as { with(index: number, value: number): number[] };
  expect(changed.with(-1, 7)).toEqual([2, 0, 7]);
  expect(() => changed.with(3, 7)).toThrow(RangeError);
});

test('what changes a length fails aloud', () => {
  const map = asClassMap(Int32Array.from([1])) as unknown as Numbers;
  for (const name of ['push', 'pop', 'shift', 'unshift', 'splice'] as const) {
    expect(() => (map[name] as () => void)()).toThrow(TypeError);
  }
});
