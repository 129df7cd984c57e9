// Values as JSON that JSON does not know: what goes between a test and a page over WebDriver. Each function stands
// alone, because its text is sent to pages.

/** Primitives as they are, all else as [kind, content]. */
export function encode(value) {
  if (value === undefined) return ['undefined'];
  if (typeof value === 'bigint') return ['bigint', String(value)];
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return ['number', Object.is(value, -0) ? '-0' : String(value)];
  }
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function' ? ['undefined'] : value;
  }
  if (Array.isArray(value)) return ['array', value.map(encode)];
  if (value instanceof ArrayBuffer) return ['ArrayBuffer', [...new Uint8Array(value)]];
  if (ArrayBuffer.isView(value)) return [value.constructor.name, [...value].map(encode)];
  if (value instanceof Error) return ['error', [value.name, value.message]];
  return ['object', Object.entries(value).map(([name, one]) => [name, encode(one)])];
}

export function decode(value) {
  if (!Array.isArray(value)) return value;
  const [kind, content] = value;
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'bigint':
      return BigInt(content);
    case 'number':
      return Number(content);
    case 'array':
      return content.map(decode);
    case 'ArrayBuffer':
      return Uint8Array.from(content).buffer;
    case 'error':
      return Object.assign(new Error(content[1]), { name: content[0] });
    case 'object':
      return Object.fromEntries(content.map(([name, one]) => [name, decode(one)]));
    default:
      return globalThis[kind].from(content.map(decode));
  }
}
