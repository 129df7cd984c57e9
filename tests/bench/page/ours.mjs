// This package, as an app uses it: the model lives in a worker.
import * as api from '/dist/web-core.js';

const FLOAT = 6;

/** options: {variant, threads, profile, store}. */
export function createEngine({ variant, threads = 1, profile = false, store }) {
  api.configure({ variant, threads, store });
  let module;
  return {
    async load(source) {
      module = new api.ExecutorchModule();
      await module.load(source, undefined, { profile });
      const { info, ...report } = module.loadReport;
      const [{ sizes }] = info.inputs;
      return {
        ...report,
        packedBytes: info.memory.packedBytes,
        input: { shape: sizes, type: 'f32' },
      };
    },
    async run({ data, shape }) {
      const tensor = { dataPtr: data, sizes: shape, scalarType: FLOAT };
      const [output] = await module.forward([tensor]);
      return new Float32Array(output.dataPtr);
    },
    heapBytes: () => module.memoryUse(),
    profile: () => module.profile(),
    async release() {
      module.delete();
    },
  };
}
