// Tensors by the names of their scalar types, as numbers.
const VIEWS = {
  byte: [0, Uint8Array],
  char: [1, Int8Array],
  short: [2, Int16Array],
  int: [3, Int32Array],
  long: [4, BigInt64Array],
  half: [5, Uint16Array],
  float: [6, Float32Array],
  double: [7, Float64Array],
  bool: [11, Uint8Array],
} as const;

export function scalarTypeOf(name: string): number {
  const entry = VIEWS[name as keyof typeof VIEWS];
  if (entry === undefined) throw new Error(`unknown scalar type ${name}`);
  return entry[0];
}

export function elements(scalarType: number, data: ArrayBuffer): number[] {
  const entry = Object.values(VIEWS).find(([number]) => number === scalarType);
  if (entry === undefined) throw new Error(`unknown scalar type ${scalarType}`);
  const numbers = Array.from(new entry[1](data) as ArrayLike<number | bigint>, Number);
  return scalarType === VIEWS.half[0] ? numbers.map(fromHalf) : numbers;
}

/** The number that the bits of an IEEE half stand for. */
function fromHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return (
    sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
  );
}

/** A copy of its own: Node's small buffers lie in a shared pool, at any offset. */
export function bytesOf(base64: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(base64, 'base64')).buffer;
}

export function sameBytes(a: ArrayBuffer, b: ArrayBuffer): boolean {
  return Buffer.from(a).equals(Buffer.from(b));
}
