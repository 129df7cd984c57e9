// The demo's comparison of two models in a browser: what a visitor does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SITE, giveFile, panel, siteModels, startDemo } from '../lib/demo-page.mjs';
import { lacks } from '../lib/engines.mjs';

const skip = lacks('locators');

let demo;
let models;
before(async () => {
  if (skip) return;
  models = siteModels();
  demo = await startDemo();
});
after(() => demo?.close());

const drawn = (task, precision) =>
  models.builtin.find(
    (one) => one.task === task && one.group === 'drawn' && one.precision === precision,
  );
const side = (page, name) => panel(page).getByRole('region', { name: `${name} model` });
const verdict = (page) => panel(page).locator('.verdict');
const figures = (page) => panel(page).getByRole('region', { name: 'Sizes and times' });

const visit = (...given) => demo.visit(...given);

/** A link to the drawn classifier in two forms. */
const drawnPair = (...precisions) => {
  const [left, right] = precisions.map((one) => drawn('classification', one).id);
  return `?left=${left}&right=${right}#compare`;
};

/** The row of the table: [title, left, right, difference]. */
const row = async (page, name) =>
  (await figures(page).getByRole('row', { name }).innerText()).split('\t');

describe('demo: compare', { skip }, () => {
  test('a photo: .pte beside .tflite', async () => {
    await visit('#compare', async (page) => {
      await verdict(page)
        .filter({ hasText: /^Both say “Egyptian cat”/ })
        .waitFor();
      const about = (name) => side(page, name).locator('.model-button').innerText();
      assert.match(await about('Left'), /EfficientNet-Lite0\s+int8 · \.pte/);
      assert.match(await about('Right'), /EfficientNet-Lite0\s+int8 · \.tflite/);
    });
  });

  test('fp32 beside int8: answers, agreement, sizes and times', async () => {
    await visit(drawnPair('fp32', 'int8'), async (page) => {
      await verdict(page)
        .filter({ hasText: /^Both say “\w+”/ })
        .waitFor();
      const [left, right] = ['fp32', 'int8'].map((one) => drawn('classification', one));
      for (const [name, { precision }] of [
        ['Left', left],
        ['Right', right],
      ]) {
        assert.match(
          await side(page, name).locator('.model-button').innerText(),
          new RegExp(precision),
        );
        assert.equal(await side(page, name).locator('.bars li').count(), 5);
      }
      // A machine that is too slow for several runs shows the times of one, and says so.
      await panel(page)
        .getByText(/Times (are typical of several runs|of one run)/)
        .waitFor();
      const typical = panel(page)
        .getByText(/Times are typical/)
        .waitFor({ timeout: 20_000 });
      await typical.catch(() => console.log('too slow for several runs: times of one'));
      const [, ...sizes] = await row(page, /^File/);
      assert.deepEqual(sizes, ['125 kB', '58 kB', 'right 2.2 × smaller']);
      for (const name of [/^Memory/, /^Load/, /^Run/, /^In all/])
        assert.match(
          (await row(page, name)).join(' '),
          /\d (kB|ms) <?[\d.]+ (kB|ms) (the same|(left|right) [\d.]+ ×)/,
        );
    });
  });

  test('on all samples', async () => {
    await visit(drawnPair('fp32', 'int8'), async (page) => {
      await panel(page).getByRole('button', { name: 'Compare on all samples' }).click();
      const answer = panel(page).getByText(/same on \d+ of \d+ samples/);
      await answer.waitFor();
      const [, same, all] = /on (\d+) of (\d+)/.exec(await answer.innerText());
      const drawings = models.samples.filter(({ isPhoto, isScene }) => !isPhoto && !isScene);
      assert.equal(Number(all), drawings.length);
      assert.ok(same >= all - 3, `${same} of ${all}`);
    });
  });

  test('maps: pixels of the same class', async () => {
    await visit('?task=segmentation#compare', async (page) => {
      await verdict(page)
        .filter({ hasText: /pixels the same class/ })
        .waitFor();
      const [, percent] = /([\d.]+) %/.exec(await verdict(page).innerText());
      assert.ok(percent > 95, percent);
      assert.ok((await side(page, 'Right').locator('.legend li').count()) > 2);
    });
  });

  test('.pte against .tflite: another model by file, which knows other things', async (t) => {
    const selfie = models.builtin.find(({ group }) => group === 'people');
    if (!selfie) return t.skip('@mediapipe/selfie_segmentation is missing');
    await visit('?task=segmentation#compare', async (page) => {
      await verdict(page)
        .filter({ hasText: /pixels/ })
        .waitFor();
      const bytes = readFileSync(join(SITE, 'models', selfie.file));
      await giveFile(page, 'drop', { name: 'own.tflite', type: '', bytes });
      await side(page, 'Right').locator('.model-name', { hasText: 'own.tflite' }).waitFor();
      await verdict(page)
        .filter({ hasText: /know different things/ })
        .waitFor();
      assert.match((await row(page, /^File/)).join(' '), /kB/);
      // It can be given names for its classes, here the ones that it has.
      await side(page, 'Right').getByRole('button', { name: 'Name its classes' }).waitFor();
    });
  });

  test('an answer never stands beside a model that fails', async () => {
    await visit('#compare', async (page) => {
      await verdict(page)
        .filter({ hasText: /Both say/ })
        .waitFor();
      const bytes = Buffer.from('no model at all, but long enough to be looked at');
      await giveFile(page, 'drop', { name: 'broken.pte', type: '', bytes });
      await side(page, 'Right').getByRole('alert').waitFor();
      assert.equal(await side(page, 'Right').locator('.bars li').count(), 0);
      assert.equal(await verdict(page).innerText(), '');
      assert.equal(await figures(page).count(), 0);
      // The other model still answers.
      await panel(page).locator('.gallery .sample').nth(5).click();
      await side(page, 'Left').locator('.bars li').first().waitFor();
      assert.equal(await verdict(page).innerText(), '');
    });
  });

  test('a link names both models', async () => {
    const [left, right] = ['int8', 'fp32'].map((one) => drawn('classification', one));
    await visit(drawnPair('int8', 'fp32'), async (page) => {
      await verdict(page)
        .filter({ hasText: /Both say/ })
        .waitFor();
      assert.match(await side(page, 'Left').locator('.model-button').innerText(), /int8/);
      const parameters = new URL(page.url()).searchParams;
      assert.equal(parameters.get('left'), left.id);
      assert.equal(parameters.get('right'), right.id);
      assert.equal(parameters.get('task'), 'classification');
    });
  });

  test('both models are let go when another tab is shown', { skip: lacks('workers') }, async () => {
    await visit('#compare', async (page) => {
      await verdict(page)
        .filter({ hasText: /Both say/ })
        .waitFor();
      assert.equal(page.workers().length, 2);
      await page.getByRole('tab', { name: 'Device' }).click();
      await page.waitForTimeout(500);
      assert.equal(page.workers().length, 0);
      await page.getByRole('tab', { name: 'Compare' }).click();
      await verdict(page)
        .filter({ hasText: /Both say/ })
        .waitFor();
    });
  });
});
