type Numbers = ArrayLike<number>;
type Size = readonly [width: number, height: number];

export function softmaxPlanes(logits: Numbers, classes: number): Float64Array[];
export function argmaxOf(planes: readonly Numbers[]): Int32Array;
export function nearest(map: Numbers, from: Size, to: Size): Int32Array;
export function bilinear(map: Numbers, from: Size, to: Size): Float64Array;
export function compareMaps(
  actual: Numbers,
  expected: Numbers,
): { agreement: number; meanIou: number; leastIou: number };
export function largestDifference(actual: Numbers, expected: Numbers): number;
