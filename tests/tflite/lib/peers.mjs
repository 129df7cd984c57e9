// Two other runtimes of `.tflite` files, in Node: LiteRT.js (of 2026) and tfjs-tflite (TensorFlow Lite of 2022). Both are
// driven through the bindings of their WebAssembly modules, below the public API, which knows fewer data types.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

/** @typedef {{ dtype: string, shape: number[], data: ArrayBufferView }} PeerTensor */

const VIEWS = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  int16: Int16Array,
  int8: Int8Array,
  float64: Float64Array,
};

/** LiteRT's ElementType. */
const ELEMENT_TYPES = {
  1: 'float32',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  6: 'bool',
  7: 'int16',
  9: 'int8',
  12: 'float64',
};

/** Both loaders are CommonJS inside packages that may say otherwise, so that `require` cannot be asked. */
function loadModule(folder, file) {
  const path = join(folder, `${file}.js`);
  const wrapper = vm.runInThisContext(
    `(function (module, exports, require, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`,
    { filename: path },
  );
  const module = { exports: {} };
  wrapper(module, module.exports, createRequire(path), path, folder);
  return module.exports({
    locateFile: (name) => join(folder, name),
    wasmBinary: readFileSync(join(folder, `${file}.wasm`)),
    print: () => {},
    printErr: () => {},
  });
}

function toArray(vector) {
  const items = Array.from({ length: vector.size() }, (_, i) => vector.get(i));
  vector.delete();
  return items;
}

function shapeOf(tensorType) {
  const layout = tensorType.layout();
  return {
    dtype: ELEMENT_TYPES[tensorType.elementType().value],
    shape: toArray(layout.dimensions()),
  };
}

/**
 * Opens LiteRT.js. `run(bytes, inputs, signature = 0)` gives the outputs as {@link PeerTensor}s; `inputs` are typed arrays
 * in the model's order.
 */
export async function openLiteRt(modules) {
  const folder = join(modules, '@litertjs/core/wasm');
  const wasm = await loadModule(folder, 'litert_wasm_compat_internal');
  const environment = wasm.LiteRtEnvironment.create(null);

  function feed(type, data) {
    const buffer = wasm.LiteRtTensorBuffer.createManaged(
      environment,
      wasm.LiteRtTensorBufferType.HOST_MEMORY,
      type,
      data.byteLength,
    );
    const at = buffer.lock(wasm.LiteRtTensorBufferLockMode.WRITE);
    wasm.HEAPU8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    buffer.unlock();
    return buffer;
  }

  function read(buffer) {
    const { dtype, shape } = shapeOf(buffer.tensorType());
    const at = buffer.lock(wasm.LiteRtTensorBufferLockMode.READ);
    const bytes = wasm.HEAPU8.slice(at, at + buffer.packedSize());
    buffer.unlock();
    buffer.delete();
    return { dtype, shape, data: new VIEWS[dtype](bytes.buffer) };
  }

  return {
    name: 'litert',
    async run(bytes, inputs, signature = 0) {
      const at = wasm._malloc(bytes.byteLength);
      wasm.HEAPU8.set(bytes, at);
      let model, compiled;
      try {
        model = wasm.loadModel(environment, at, bytes.byteLength);
        compiled = await wasm.compileModel(environment, model, {
          accelerator: 'wasm',
          cpuOptions: { numThreads: 1 },
          gpuOptions: {},
          webNNOptions: {},
        });
        const fed = inputs.map((data, i) => feed(model.getInputTensorType(signature, i), data));
        const outputs = await compiled.run(signature, fed);
        for (const buffer of fed) buffer.delete();
        return outputs.map(read);
      } finally {
        compiled?.delete();
        model?.delete();
        wasm._free(at);
      }
    },
  };
}

/** Opens tfjs-tflite; the same shape as {@link openLiteRt}. */
export async function openTfjsTflite(modules) {
  const folder = join(modules, '@tensorflow/tfjs-tflite/wasm');
  const wasm = await loadModule(folder, 'tflite_web_api_cc_simd');
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1 };
  return {
    name: 'tfjs-tflite',
    async run(bytes, inputs) {
      const at = wasm._malloc(bytes.byteLength);
      wasm.HEAPU8.set(bytes, at);
      let runner;
      try {
        const result = wasm.TFLiteWebModelRunner.CreateFromBufferAndOptions(
          at,
          bytes.byteLength,
          options,
        );
        if (!result.ok()) throw new Error(`tfjs-tflite: ${result.errorMessage()}`);
        runner = result.value();
        const targets = toArray(runner.GetInputs());
        inputs.forEach((data, i) => {
          const target = targets[i].data();
          new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(
            new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
          );
        });
        if (!runner.Infer()) throw new Error('tfjs-tflite: the run failed');
        return toArray(runner.GetOutputs()).map((info) => ({
          dtype: info.dataType,
          shape: info.shape === '' ? [] : info.shape.split(',').map(Number),
          data: info.data().slice(),
        }));
      } finally {
        runner?.delete();
        wasm._free(at);
      }
    },
  };
}
