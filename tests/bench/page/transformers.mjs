// transformers.js on its wasm device, with a model from a local folder (on the main thread).
import { AutoModel, Tensor, env } from '/peers/transformers.js';

const MODULE = '/peers/modules/@huggingface/transformers/node_modules/onnxruntime-web/dist/';

/** options: {threads}; a model's address is that of a folder below /hub/. */
export function createEngine({ threads = 1 }) {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = '/hub/';
  env.backends.onnx.wasm.numThreads = threads;
  env.backends.onnx.wasm.wasmPaths = new URL(MODULE, location.href).href;
  let model;
  return {
    async load(source) {
      const name = new URL(source, location.href).pathname.replace(/^\/hub\//, '');
      model = await AutoModel.from_pretrained(name, { device: 'wasm', dtype: 'fp32' });
    },
    async run({ data, shape }) {
      const [session] = Object.values(model.sessions);
      const outputs = await model({ [session.inputNames[0]]: new Tensor('float32', data, shape) });
      return Object.values(outputs)[0].data;
    },
    release: () => model.dispose(),
  };
}
