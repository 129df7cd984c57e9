// Twenty photos through worker, decoder, resize and model in a browser, against PyTorch's results.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { offers, onePage } from '../lib/one-page.mjs';
import { hasShared, readJson } from '../lib/shared.mjs';

/** stb_image and the goldens' libjpeg-turbo differ by a few units in some pixels; seen: 0.003. */
const DELTA_P = 0.01;

const golden = hasShared
  ? Object.entries(readJson('models/real/mobilenet_v2_imagenet1k_fp32.images.json').images).filter(
      ([file]) => /^n\d+_/.test(file),
    )
  : [];

const page = onePage();

/** {file: [[class, probability] × 5]}; runs in the page. */
function classifyInPage(files, variant) {
  return page().evaluate(
    async ({ files, variant }) => {
      const { ClassificationModule, configure } = await import('/dist/web-core.js');
      configure({ variant, store: 'none' });
      const module = new ClassificationModule();
      const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
      const modelSource = '/shared/models/real/mobilenet_v2_imagenet1k_fp32.pte';
      await module.load({ modelSource, labels });
      const found = {};
      for (const file of files) {
        const scores = await module.forward(`/shared/data/images/imagenet/${file}`, { topk: 5 });
        found[file] = Object.entries(scores).map(([label, p]) => [Number(label.slice(6)), p]);
      }
      const report = module.loadReport.variant;
      module.delete();
      return { found, report };
    },
    { files, variant },
  );
}

for (const variant of ['simd', 'relaxed']) {
  const options = { skip: !hasShared && 'needs ../shared' };
  describe(`20 ImageNet photos, ${variant}`, options, () => {
    test('top-1 equals the golden in 20 of 20, 19 are correct', async (t) => {
      if (!(await offers(page(), variant))) return t.skip(`no ${variant} build runs here`);
      const files = golden.map(([file]) => file);
      const { found, report } = await classifyInPage(files, variant);
      let [equal, correct, deltaP] = [0, 0, 0];
      for (const [file, { top5, true_index: truth }] of golden) {
        const probabilities = new Map(found[file]);
        const [best] = found[file][0];
        if (best === top5[0].index) equal++;
        if (best === truth) correct++;
        deltaP = Math.max(deltaP, Math.abs(probabilities.get(top5[0].index) - top5[0].p));
      }
      console.log(
        `${variant}: top-1 equal ${equal}/20, correct ${correct}/20, |Δp| of it at most ${deltaP.toFixed(5)}`,
      );
      assert.equal(report, variant);
      assert.deepEqual([golden.length, equal, correct], [20, 20, 19]);
      assert.ok(deltaP <= DELTA_P, `${deltaP}`);
    });
  });
}
