// The engines that a model is measured on.

/** Threads of the builds with threads, ours and the peers'. */
export const THREADS = 2;

export const VARIANTS = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];

function ours(variant) {
  const threads = variant.endsWith('-threads') ? THREADS : 1;
  // The peers keep nothing, so neither do we; the store is a subject of its own.
  const options = { variant, threads, store: 'none' };
  return { key: variant, engine: 'ours', options, threads };
}

function peer(engine, threads, url, extra = {}) {
  return { key: `${engine}-${threads}t`, engine, options: { threads }, threads, url, ...extra };
}

/**
 * Entries {key, engine, options, threads, url, input, sameWeights} for one model. `urls` are the addresses of
 * its files: {pte, onnx, tflite, hub}.
 */
export function entriesFor(model, urls) {
  const variants = model.edition ? ['relaxed'] : VARIANTS;
  const list = variants.map((variant) => ({ ...ours(variant), url: urls.pte }));
  if (urls.onnx) {
    const same = { sameWeights: true };
    list.push(
      peer('onnxruntime', 1, urls.onnx, same),
      peer('onnxruntime', THREADS, urls.onnx, same),
    );
  }
  if (urls.hub) list.push(peer('transformers', 1, urls.hub, { sameWeights: true }));
  if (urls.tflite) {
    const {
      shape: [n, c, h, w],
    } = model.input;
    const input = { shape: [n, h, w, c], type: 'u8', layout: 'NHWC' };
    list.push(
      peer('litert', 1, urls.tflite, { input }),
      peer('litert', THREADS, urls.tflite, { input }),
    );
    list.push(peer('mediapipe', 1, urls.tflite, { input }));
  }
  return list.map((entry) => ({ input: model.input, ...entry }));
}
