// LiteRT.js on its wasm accelerator, as its documentation sets it up (on the main thread).
import { Tensor, loadAndCompile, loadLiteRt } from '/peers/litert.js';

/** options: {threads}. */
export async function createEngine({ threads = 1 }) {
  let model;
  let started;
  return {
    async load(source) {
      started ??= loadLiteRt('/peers/modules/@litertjs/core/wasm/', { threads: threads > 1 });
      await started;
      model = await loadAndCompile(source, {
        accelerator: 'wasm',
        cpuOptions: { numThreads: threads },
      });
    },
    async run({ data, shape }) {
      const input = new Tensor(data, shape);
      const [output] = await model.run([input]);
      const values = output.toTypedArray().slice();
      input.delete();
      output.delete();
      return values;
    },
    async release() {
      model.delete();
    },
  };
}
