// This package, as an app uses it: the model lives in a worker.
import * as api from '/dist/web-core.js';

/** ScalarType, and what holds such numbers. */
const TYPES = { f32: 6, u8: 0, i8: 1 };
const ARRAYS = { 6: Float32Array, 0: Uint8Array, 1: Int8Array };

/** options: {variant, threads, profile, store}. */
export function createEngine({ variant, threads = 1, profile = false, store }) {
  api.configure({ variant, threads, store });
  let module;
  return {
    async load(source) {
      module = new api.ExecutorchModule();
      await module.load(source, undefined, { profile });
      const { info, ...report } = module.loadReport;
      const [{ sizes, type }] = info.inputs;
      return {
        ...report,
        packedBytes: info.memory.packedBytes,
        input: { shape: sizes, type, layout: sizes.at(-1) === 3 ? 'NHWC' : 'NCHW' },
      };
    },
    async run({ data, shape, type }) {
      const tensor = { dataPtr: data, sizes: shape, scalarType: TYPES[type] };
      const [output] = await module.forward([tensor]);
      return new ARRAYS[output.scalarType](output.dataPtr);
    },
    heapBytes: () => module.memoryUse(),
    profile: () => module.profile(),
    async release() {
      module.delete();
    },
  };
}
