// tfjs-tflite's WebAssembly module, by its own bindings: what @tensorflow/tfjs-core adds above it is left out.
const FOLDER = '/peers/modules/@tensorflow/tfjs-tflite/wasm/';

function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    Object.assign(element, { src: path, onload: resolve, onerror: () => reject(new Error(path)) });
    document.head.append(element);
  });
}

async function bytesOf(source) {
  if (typeof source !== 'string') return source;
  return new Uint8Array(await (await fetch(source)).arrayBuffer());
}

/** options: {threads}. */
export function createEngine({ threads = 1 }) {
  let wasm;
  let runner;
  let place = 0;

  async function start() {
    await script(`${FOLDER}tflite_web_api_cc_simd${threads > 1 ? '_threaded' : ''}.js`);
    return globalThis.tflite_web_api_ModuleFactory({ locateFile: (name) => FOLDER + name });
  }

  return {
    async load(source) {
      const [module, bytes] = await Promise.all([wasm ?? start(), bytesOf(source)]);
      wasm = module;
      place = wasm._malloc(bytes.byteLength);
      wasm.HEAPU8.set(bytes, place);
      const options = {
        numThreads: threads,
        enableProfiling: false,
        maxProfilingBufferEntries: 1,
      };
      const made = wasm.TFLiteWebModelRunner.CreateFromBufferAndOptions(
        place,
        bytes.byteLength,
        options,
      );
      if (!made.ok()) throw new Error(made.errorMessage());
      runner = made.value();
    },
    async run({ data }) {
      const inputs = runner.GetInputs();
      inputs.get(0).data().set(data);
      inputs.delete();
      if (!runner.Infer()) throw new Error('the run failed');
      const outputs = runner.GetOutputs();
      const values = outputs.get(0).data().slice();
      outputs.delete();
      return values;
    },
    heapBytes: () => wasm.HEAPU8.byteLength,
    async release() {
      runner.delete();
      wasm._free(place);
    },
  };
}
