// onnxruntime-web, its wasm backend, as its documentation sets it up (on the main thread).
import { InferenceSession, Tensor, env } from '/peers/onnxruntime.js';

/** options: {threads}. */
export function createEngine({ threads = 1 }) {
  env.wasm.numThreads = threads;
  env.wasm.wasmPaths = new URL('/peers/modules/onnxruntime-web/dist/', location.href).href;
  let session;
  return {
    async load(source) {
      session = await InferenceSession.create(source, { executionProviders: ['wasm'] });
    },
    async run({ data, shape }) {
      const [name] = session.inputNames;
      const outputs = await session.run({ [name]: new Tensor('float32', data, shape) });
      return outputs[session.outputNames[0]].data;
    },
    release: () => session.release(),
  };
}
