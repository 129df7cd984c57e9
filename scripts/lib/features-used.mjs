// What the library needs of a browser, by the names of MDN's compatibility data. `uses` is found in js/ as long as the row
// is true; `inside` tells of code that is not in js/.

/** Without one of these nothing works. */
export const REQUIRED = [
  { feature: 'webassembly.fixed-width-SIMD', inside: 'every build of the core (-msimd128)' },
  { feature: 'webassembly.bulk-memory-operations', inside: 'wasm/libc/memory.c' },
  { feature: 'webassembly.non-trapping-float-to-int-conversions', inside: 'the core' },
  { feature: 'webassembly.sign-extension-operations', inside: 'the core' },
  { feature: 'api.Worker.Worker.options_type_parameter', uses: /type: 'module'/ },
  { feature: 'api.AbortSignal.reason', uses: /signal\??\.reason/ },
  { feature: 'javascript.builtins.Object.hasOwn', uses: /Object\.hasOwn/ },
  { feature: 'javascript.builtins.Array.at', uses: /\.at\(-1\)/ },
  { feature: 'javascript.builtins.Error.Error.options_cause_parameter', uses: /\{ cause/ },
  { feature: 'javascript.operators.nullish_coalescing_assignment', uses: /\?\?=/ },
  { feature: 'javascript.classes.private_class_fields', inside: 'esbuild writes ES2022' },
  { feature: 'javascript.builtins.String.replaceAll', uses: /replaceAll/ },
  { feature: 'javascript.builtins.BigInt64Array', uses: /BigInt64Array/ },
  { feature: 'api.createImageBitmap', uses: /createImageBitmap/ },
  { feature: 'api.OffscreenCanvas', uses: /OffscreenCanvas/ },
];

/** Used where they are there; what happens without is in the row of the README's table, or said. */
export const OPTIONAL = [
  {
    title: 'relaxed SIMD, used where available',
    features: ['webassembly.relaxed-SIMD'],
    node: '20 (flag)',
  },
  {
    title: 'threads, on request, in isolated pages',
    features: ['webassembly.threads-and-atomics', 'javascript.builtins.SharedArrayBuffer'],
    node: '–',
  },
  {
    title: 'frames of a video without a copy by the page',
    features: ['api.VideoFrame.VideoFrame'],
    uses: /VideoFrame/,
    node: '–',
  },
  {
    title: 'tabs share a download by locks (without: by leases in the store)',
    features: ['api.LockManager'],
    uses: /navigator\.locks|LockManager/,
    node: '–',
  },
  {
    title: "models in files, `store: 'opfs'` (without: in IndexedDB)",
    features: ['api.FileSystemSyncAccessHandle'],
    uses: /createSyncAccessHandle|SyncAccessHandle/,
    node: 'files',
  },
];

/** Younger than the oldest browser of REQUIRED: not to be used. */
export const AVOIDED = [
  { feature: 'api.AbortSignal.timeout_static', uses: /AbortSignal\.timeout/ },
  { feature: 'api.AbortSignal.any_static', uses: /AbortSignal\.any/ },
  { feature: 'javascript.builtins.Promise.withResolvers', uses: /withResolvers/ },
  { feature: 'javascript.builtins.Array.toSorted', uses: /\.to(Sorted|Reversed|Spliced)\(/ },
  { feature: 'javascript.builtins.Object.groupBy', uses: /\.groupBy\(/ },
  { feature: 'api.URL.canParse_static', uses: /URL\.canParse/ },
];
