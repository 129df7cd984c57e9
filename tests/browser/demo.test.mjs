// The demo in Chromium, from below a path and without cross-origin isolation: what a visitor does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { serve, serveAtOrNear } from '../../scripts/lib/server.mjs';
import {
  BASE,
  SITE,
  assertClean,
  giveFile,
  panel,
  siteModels,
  startDemo,
  topClasses,
} from '../lib/demo-page.mjs';

let demo;
let models;
before(async () => {
  models = siteModels();
  const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  demo = await startDemo({ args: camera });
});
after(() => demo?.close());

const offers = (task) => models.builtin.some((model) => model.task === task);
const sampleBytes = (sample) => readFileSync(join(SITE, 'models', sample.file));
const singles = () => models.samples.filter(({ isScene }) => !isScene);

/** Opens the demo at a tab, does something, and finds nothing to complain about. */
async function visit(hash, action, options) {
  const page = await demo.open(hash, options);
  try {
    await action(page);
    assertClean(page, demo.url);
  } finally {
    await page.close();
  }
}

describe('demo: tasks', () => {
  test('first paint: the sample is classified without a click', async () => {
    await visit('', async (page) => {
      const [sample] = singles();
      const [best] = await topClasses(page);
      assert.equal(best.label, sample.name);
      assert.ok(best.percent > 50, `${best.percent} %`);
      assert.equal(await page.evaluate(() => window.crossOriginIsolated), false);
      const facts = await page.locator('#facts').innerText();
      assert.match(facts, /\d ms\s+to run[\s\S]*\d ms\s+to load/);
    });
  });

  test('times are those of runs that follow the first one', async () => {
    await visit('', async (page) => {
      const timing = panel(page).getByRole('region', { name: 'Timing' });
      const note = timing.getByText(/Typical of \d+ runs/);
      await note.waitFor();
      const [, runs] = /of (\d+) runs/.exec(await note.innerText());
      assert.ok(runs >= 3, runs);
      const milliseconds = (text) => parseFloat(text.replace('<', ''));
      const fact = await page.locator('[data-fact=run]').innerText();
      const cell = timing.getByRole('row', { name: /Run the model/ }).getByRole('cell');
      assert.equal(milliseconds(fact), milliseconds(await cell.innerText()));
    });
  });

  test('every sample of one object is recognised', async () => {
    await visit('', async (page) => {
      await topClasses(page);
      const buttons = panel(page).locator('.gallery .sample');
      const count = await buttons.count();
      let right = 0;
      for (let i = 0; i < count; i++) {
        const name = await buttons.nth(i).getAttribute('title');
        if (name.includes(',')) continue;
        await buttons.nth(i).click();
        const [best] = await topClasses(page, name).catch(() => [{}]);
        right += best.label === name ? 1 : 0;
      }
      console.log(`recognised ${right} of ${count} samples`);
      assert.ok(right >= count - 1, `${right} of ${count}`);
    });
  });

  test('a model in int8, and time per operator', async () => {
    await visit('', async (page) => {
      await topClasses(page);
      await panel(page)
        .getByRole('button', { name: /Change model/ })
        .click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /int8 .*built in/ })
        .click();
      await panel(page).locator('.model-button', { hasText: 'int8' }).waitFor();
      const [best] = await topClasses(page, singles()[0].name);
      assert.equal(best.label, singles()[0].name);
      await panel(page).getByRole('button', { name: 'Time per operator' }).click();
      const region = panel(page).getByRole('region', { name: 'Time per operator' });
      await region.locator('tbody tr').first().waitFor();
    });
  });

  test('segmentation: legend, probe by keyboard, a class switched off', async (t) => {
    if (!offers('segmentation')) return t.skip('there is no built-in segmenter');
    await visit('#segment', async (page) => {
      const legend = panel(page).locator('.legend li');
      await legend.nth(1).waitFor();
      const names = await legend.locator('label').allInnerTexts();
      const scene = models.samples.find(({ isScene }) => isScene);
      const found = scene.name.split(', ').filter((kind) => names.includes(kind));
      console.log(`segmented ${found.join(', ')} of ${scene.name}`);
      assert.ok(found.length >= scene.name.split(', ').length - 1, names.join());
      /** Pixels of areas, which are translucent, and of their outlines. */
      const painted = () =>
        panel(page)
          .locator('canvas.overlay')
          .evaluate((canvas) => {
            const { data } = canvas
              .getContext('2d')
              .getImageData(0, 0, canvas.width, canvas.height);
            const alphas = data.filter((_, i) => i % 4 === 3);
            const lines = alphas.filter((value) => value === 255).length;
            return { lines, areas: alphas.filter((value) => value > 0).length - lines };
          });
      const all = await painted();
      assert.ok(0 < all.lines && all.lines < all.areas, JSON.stringify(all));
      await legend.nth(1).getByRole('checkbox').uncheck();
      const rest = await painted();
      assert.ok(rest.areas < all.areas && rest.lines < all.lines, JSON.stringify(rest));
      await panel(page).locator('.frame').focus();
      await page.keyboard.press('ArrowRight');
      assert.match(await panel(page).locator('.readout').innerText(), / at \d+, \d+$/);
    });
  });

  test('embeddings: the nearest neighbour is of the same kind', async (t) => {
    if (!offers('embeddings')) return t.skip('there is no built-in embedder');
    await visit('#embed', async (page) => {
      const shelf = panel(page).locator('.shelf .sample');
      await panel(page).locator('.shelf .sample:enabled').nth(9).waitFor();
      const count = await shelf.count();
      let right = 0;
      for (let i = 0; i < count; i++) {
        await shelf.nth(i).click();
        const name = await shelf.nth(i).getAttribute('title');
        const nearest = await panel(page).locator('.neighbours li').first().innerText();
        right += nearest.startsWith(name) ? 1 : 0;
      }
      console.log(`nearest neighbour of the same kind: ${right} of ${count}`);
      assert.ok(right >= count - 1, `${right} of ${count}`);
      assert.equal(await panel(page).locator('.matrix td.number').count(), count * count);
      assert.equal(await panel(page).locator('.map .spot').count(), count);
      await panel(page)
        .getByRole('button', { name: /^Remove/ })
        .first()
        .click();
      assert.equal(await shelf.count(), count - 1);
    });
  });
});

describe('demo: pictures', () => {
  for (const event of ['drop', 'paste']) {
    test(`a picture by ${event}`, async () => {
      await visit('', async (page) => {
        await topClasses(page);
        const other = singles().find(({ name }) => name !== singles()[0].name);
        const bytes = sampleBytes(other);
        await giveFile(page, event, { name: 'mine.jpg', type: 'image/jpeg', bytes });
        const [best] = await topClasses(page, other.name);
        assert.equal(best.label, other.name);
        assert.equal(await panel(page).locator('.frame img').getAttribute('alt'), 'mine.jpg');
        // A picture of the visitor's own: a published model is offered, of a stated size.
        await panel(page)
          .getByRole('button', { name: /^Load .+ \((about )?\d+ MB\)$/ })
          .waitFor();
      });
    });
  }

  test('what is no picture is an error in words', async () => {
    await visit('', async (page) => {
      await topClasses(page);
      const bytes = Buffer.from('no picture at all');
      await giveFile(page, 'drop', { name: 'x.jpg', type: 'image/jpeg', bytes });
      const alert = panel(page).getByRole('alert');
      await alert.waitFor();
      assert.match(await alert.innerText(), /Image/);
      // Neither a broken picture nor the answer to the one before.
      assert.equal(await panel(page).locator('.frame img').isVisible(), false);
      assert.equal(await panel(page).locator('.bars').isVisible(), false);
    });
  });

  test('a model by drop, without labels', async () => {
    await visit('', async (page) => {
      await topClasses(page);
      const model = models.builtin.find(({ task }) => task === 'classification');
      const bytes = readFileSync(join(SITE, 'models', model.file));
      await giveFile(page, 'drop', { name: 'own.pte', type: '', bytes });
      const [best] = await topClasses(page, /^class \d+$/);
      assert.equal(best.label, `class ${model.labels.indexOf(singles()[0].name)}`);
    });
  });

  test('the camera: a still, and live with the newest frame', async () => {
    await visit('', async (page) => {
      await topClasses(page);
      await panel(page).getByRole('button', { name: 'Camera' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Take picture' }).click();
      await panel(page).locator('.frame img[alt="camera picture"]').waitFor();
      await page.getByRole('tab', { name: 'Live camera' }).click();
      await panel(page).getByRole('button', { name: 'Start the camera' }).click();
      const rates = panel(page).locator('.meters dd');
      await page.waitForFunction(() => {
        const values = document.querySelectorAll('#panel-live .meters dd');
        return values.length === 3 && [...values].every((node) => /\d/.test(node.textContent));
      });
      console.log(`live: ${(await rates.allInnerTexts()).join(' | ')}`);
      assert.ok(parseFloat(await rates.first().innerText()) > 0);
      await panel(page).getByRole('button', { name: 'Stop the camera' }).click();
      await page.getByRole('button', { name: 'Start the camera' }).waitFor();
    });
  });
});

describe('demo: tools', () => {
  test('the install command is copied', async () => {
    await visit('', async (page) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy the command' }).click();
      await page.locator('#announcer', { hasText: 'Copied.' }).waitFor({ state: 'attached' });
      const text = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(text, 'npm install executorch-web');
    });
  });

  test('benchmark: a row per build, and JSON to keep', async () => {
    await visit('#benchmark', async (page) => {
      await panel(page).getByRole('button', { name: 'Measure' }).click();
      const save = panel(page).getByRole('button', { name: 'Save as JSON' });
      await save.waitFor();
      const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
      const report = JSON.parse(readFileSync(await download.path(), 'utf8'));
      assert.deepEqual(
        report.rows.map(({ variant }) => variant),
        ['simd', 'relaxed'],
      );
      for (const { median, p10, p90, runs } of report.rows) {
        assert.ok(p10 <= median && median <= p90 && runs >= 5);
      }
      assert.equal(await panel(page).locator('.chart .median').count(), 2);
    });
  });

  test('capabilities: threads are missing, and the page says why', async () => {
    await visit('#device', async (page) => {
      const row = panel(page).locator('tr', {
        has: page.getByRole('rowheader', { name: 'Threads' }),
      });
      assert.match(await row.innerText(), /no[\s\S]*not cross-origin isolated/);
    });
  });

  test('the React page: three hooks answer', async (t) => {
    if (!offers('segmentation') || !offers('embeddings'))
      return t.skip('a built-in model is missing');
    await visit(
      '',
      async (page) => {
        await page.locator('.badge.good').nth(2).waitFor();
        await page.locator('.bars li').first().waitFor();
        assert.match(
          await page.locator('.bars li').first().innerText(),
          new RegExp(models.samples[0].name),
        );
        await page.locator('.neighbours li').nth(2).waitFor();
      },
      { path: `${BASE}react.html` },
    );
  });

  test('a reload without a network, after the visitor asked for that', async () => {
    const server = await serve({ [BASE]: SITE });
    const page = await demo.open('#storage', { origin: server.url });
    const box = panel(page).getByRole('switch');
    await box.check();
    await page.waitForFunction(() => {
      const input = document.querySelector('[role=switch]');
      return input.checked && !input.disabled;
    });
    await server.close();
    await page.goto(`${server.url}${BASE}`);
    await page.reload();
    const [best] = await topClasses(page);
    assert.equal(best.label, singles()[0].name);
    await page.close();
  });

  test('a page that is isolated: the same, and threads are offered', async () => {
    const isolated = await startDemo({ isolated: true });
    try {
      const page = await isolated.open();
      const [best] = await topClasses(page);
      assert.equal(best.label, singles()[0].name);
      await page.getByRole('tab', { name: 'Device' }).click();
      const row = panel(page).locator('tr', {
        has: page.getByRole('rowheader', { name: 'Threads' }),
      });
      assert.match(await row.innerText(), /yes/);
      assertClean(page, isolated.url);
    } finally {
      await isolated.close();
    }
  });

  test('a port that is taken: another one', async () => {
    const first = await serve({ '/': SITE });
    const port = Number(new URL(first.url).port);
    const second = await serveAtOrNear({ '/': SITE }, { port });
    assert.notEqual(second.url, first.url);
    await Promise.all([first.close(), second.close()]);
  });
});
