// Values that no caller should pass, and a seeded way to choose among them. Runs in Node and in pages.

/** A random number generator: next() is 0..1, pick(list) one of a list. The same seed gives the same numbers. */
export function randomOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, pick: (list) => list[Math.floor(next() * list.length)] };
}

class Trap extends Error {}
const trap = () => {
  throw new Trap('a trap of the test');
};

/** A proxy each of whose traps throws. */
function trapped(target) {
  const names = Object.getOwnPropertyNames(Reflect);
  return new Proxy(target, Object.fromEntries(names.map((name) => [name, trap])));
}

/** An object with a getter that throws. */
const throwing = (name) => Object.defineProperty({}, name, { get: trap, enumerable: true });

function cyclic(name) {
  const made = {};
  made[name] = made;
  return made;
}

function detached(View) {
  const buffer = new ArrayBuffer(16);
  const view = View ? new View(buffer) : buffer;
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const NAMES = [
  ...['modelSource', 'modelPath', 'modelOpts', 'labels', 'preprocessor', 'uri', 'default', 'src'],
  ...['signal', 'topk', 'region', 'rotation', 'maxPixels', 'data', 'width', 'dataPtr', 'sizes'],
  ...[
    'then',
    'length',
    'name',
    'code',
    'cause',
    'aborted',
    'model',
    'threads',
    'store',
    'download',
  ],
  ...['dispose', 'quant', 'resourceFetcher', 'fetch', 'toJSON', 'href'],
];

const TEXTS = [
  ...[
    '',
    ' ',
    'x',
    '0',
    '-1',
    'NaN',
    'null',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ],
  ...['http://', 'https://', 'http:', 'http://[', 'https://user:pw@', 'http://127.0.0.1:1/x.pte'],
  ...[
    'file:',
    'file://',
    'file:///nowhere/x.pte',
    'data:',
    'data:,',
    'data:;base64,%%%',
    'blob:',
    'blob:x',
  ],
  ...[
    'javascript:alert(1)',
    'about:blank',
    '../..',
    '/',
    '.',
    '\0',
    'a\0b',
    '\ud800',
    '%E0%A4%A',
    '🦄',
    '\n',
  ],
];

const NUMBERS = [
  ...[
    0,
    -0,
    1,
    -1,
    0.5,
    1.5,
    NaN,
    Infinity,
    -Infinity,
    255,
    256,
    65536,
    2 ** 31,
    2 ** 32,
    -(2 ** 31),
  ],
  ...[2 ** 53, -(2 ** 53), 1e308, 5e-324],
];

const named = (label, make) => ({ label, make });

/** [{label, make}]: each make() gives a fresh value. */
export const HOSTILE = [
  ...[undefined, null, true, false, ...NUMBERS].map((one) => named(String(one), () => one)),
  ...TEXTS.map((one) => named(JSON.stringify(one), () => one)),
  named('a long text', () => 'a'.repeat(200_000)),
  named('0n', () => 0n),
  named('10n ** 40n', () => 10n ** 40n),
  named('Symbol()', () => Symbol('hostile')),
  named('Symbol.iterator', () => Symbol.iterator),
  named('[]', () => []),
  named('[null]', () => [null]),
  named('[undefined]', () => [undefined]),
  named('[[]]', () => [[]]),
  named('[NaN, -1]', () => [NaN, -1]),
  named('[Symbol()]', () => [Symbol('hostile')]),
  named("['__proto__']", () => ['__proto__']),
  named('a sparse list', () => new Array(3)),
  named('a list of a billion holes', () => Object.assign([], { length: 1e9 })),
  named('a list with one entry, far away', () => Object.assign([], { 4e9: 'x' })),
  ...['labels', 'allowlist', 'classesOfInterest', 'sizes', 'normMean', 'modelSource'].map((name) =>
    named(`{ ${name}: a list of a billion holes }`, () => ({
      modelSource: 'data:,',
      [name]: Object.assign([], { length: 1e9 }),
    })),
  ),
  named('a list of itself', () => {
    const list = [];
    list.push(list);
    return list;
  }),
  named('a huge array-like', () => ({ length: 2 ** 53 - 1 })),
  named('a negative array-like', () => ({ length: -1 })),
  named('{}', () => ({})),
  named('Object.create(null)', () => Object.create(null)),
  named('a frozen object', () => Object.freeze({ x: 1 })),
  ...['self', 'default', 'modelSource', 'modelOpts', 'options', 'download'].map((name) =>
    named(`an object that is its own ${name}`, () => cyclic(name)),
  ),
  named('an object whose text throws', () => ({ toString: trap, valueOf: trap, toJSON: trap })),
  named('an object whose primitive throws', () => ({ [Symbol.toPrimitive]: trap })),
  named('an object whose tag throws', () =>
    Object.defineProperty({}, Symbol.toStringTag, { get: trap }),
  ),
  named('a thenable that throws', () => ({ then: trap })),
  named('a thenable that never settles', () => ({ then: () => undefined })),
  named('a proxy that throws', () => trapped({})),
  named('a list that throws', () => trapped([])),
  named('a function that throws at every touch', () => trapped(() => undefined)),
  named('a revoked proxy', revoked),
  ...NAMES.map((name) => named(`{ get ${name}() { throw } }`, () => throwing(name))),
  named('a function', () => () => undefined),
  named('a function that throws', () => trap),
  named('an async function that rejects', () => async () => trap()),
  named('a class', () => class Hostile {}),
  named('an invalid Date', () => new Date(NaN)),
  named('a RegExp', () => /x/),
  named('a Map', () => new Map([[{}, {}]])),
  named('a Set', () => new Set([1])),
  named('a WeakMap', () => new WeakMap()),
  named('an Error', () => new Error('hostile')),
  named('a resolved promise', () => Promise.resolve(1)),
  named('a rejected promise', () => {
    const made = Promise.reject(new Trap('hostile'));
    made.catch(() => undefined);
    return made;
  }),
  named('globalThis', () => globalThis),
  named('an empty ArrayBuffer', () => new ArrayBuffer(0)),
  named('bytes', () => new Uint8Array([0, 255, 1, 2])),
  named('a detached ArrayBuffer', () => detached()),
  named('a detached Uint8Array', () => detached(Uint8Array)),
  named('a detached DataView', () => detached(DataView)),
  named('a Float64Array of NaN', () => new Float64Array(3).fill(NaN)),
  named('a BigInt64Array', () => new BigInt64Array(3)),
  named('a DataView', () => new DataView(new ArrayBuffer(8))),
  named('an empty Blob', () => new Blob([])),
  named('a URL', () => new URL('http://127.0.0.1:1/nothing.pte')),
  named('an aborted signal', () => AbortSignal.abort()),
  named('a signal', () => new AbortController().signal),
  ...OPTIONS().map(([label, make]) => named(label, make)),
];

/** Options in the wrong place, with wrong values, or with names that are nearly right. */
function OPTIONS() {
  const plain = [
    ...[{ topK: 3 }, { topk: '3' }, { topk: 0 }, { top_k: 1 }, { scoreThreshold: 'x' }],
    ...[{ resize: true }, { Resize: true }, { rotation: 45 }, { rotation: 'left' }, { rotate: 90 }],
    ...[
      { maxPixels: -1 },
      { maxPixels: '9' },
      { region: {} },
      { region: { x: -1, y: 0, width: 1, height: 1 } },
    ],
    ...[{ signal: {} }, { signal: 5 }, { method: 5 }, { profile: 'yes' }, { freshness: 'never' }],
    ...[
      { onUpdate: 1 },
      { onRetry: {} },
      { modelSource: null },
      { modelSource: 5 },
      { modelSource: '' },
    ],
    ...[{ modelSource: 'http://' }, { modelSource: {} }, { modelSource: 'data:,', labels: 5 }],
    ...[
      { modelSource: 'data:,', labels: [1] },
      { modelSource: 'data:,', label: ['x'] },
      { modelSource: 'data:,', preprocessor: 7 },
    ],
    ...[
      { modelSource: 'data:,', preprocessor: { normMean: [1] } },
      { model: null },
      { model: 'x' },
    ],
    ...[{ preventLoad: 'no' }, { preventload: true }, { queue: 1 }, { download: { attempts: -1 } }],
    ...[{ threads: NaN }, { threads: -1 }, { store: 'disk' }, { acessToken: 'x' }, { headers: [] }],
    ...[{ pins: { x: { sha256: 'z' } } }, { wasmUrl: 5 }, { variant: 'fast' }, { chunkSize: 1 }],
    ...[
      { modelPath: 'x' },
      { modelPath: 'x', modelOpts: {} },
      { modelPath: 5, modelOpts: { labels: 5 } },
    ],
    ...[
      { data: 'x', width: 1, height: 1 },
      { data: new Uint8Array(3), width: -1, height: -3 },
    ],
    ...[{ data: new Uint8Array(3), width: 1, height: 1, format: 'x', layout: 'hwc' }],
  ].map((value) => [JSON.stringify(value), () => ({ ...value })]);
  const tensor = (sizes, scalarType = 6) => ({
    dataPtr: new Float32Array(4),
    sizes,
    scalarType,
  });
  const tensors = [
    ...[[], [NaN], [-1], [2 ** 53], ['4'], [4n], [null], [Symbol('s')], [[4]], [0], [1.5], [{}]],
  ].map((sizes, i) => [`a tensor with wrong sizes (${i})`, () => tensor(sizes)]);
  const types = [99, -1, NaN, '6', 6n, null, Symbol('t'), '__proto__', 'FLOAT'].map((type) => [
    `a tensor of type ${String(type)}`,
    () => tensor([4], type),
  ]);
  return [
    ...plain,
    ...tensors,
    ...types,
    [
      'a tensor without memory',
      () => ({ dataPtr: detached(Float32Array), sizes: [4], scalarType: 6 }),
    ],
    ['a tensor of text', () => ({ dataPtr: 'abcd', sizes: [4], scalarType: 0 })],
    ['pixels without memory', () => ({ data: detached(Uint8Array), width: 1, height: 1 })],
    ['cyclic options', () => cyclic('signal')],
  ];
}
