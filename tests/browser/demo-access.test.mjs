// The demo for everybody: axe-core on every tab in both themes, keyboard, names of controls, phone width.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { BASE, TABS, assertClean, panel, startDemo, topClasses } from '../lib/demo-page.mjs';
import { lacks } from '../lib/engines.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const skip = lacks('locators');

let demo;
before(async () => {
  if (skip) return;
  demo = await startDemo();
});
after(() => demo?.close());

/** Shows a tab. Its panel then says what it is for, and nothing moves or changes its colour any more. */
async function show(page, tab) {
  await page.locator(`#tab-${tab}`).click();
  await panel(page).locator('h2, .model-bar, .choices').first().waitFor();
  await page.waitForFunction(
    ([id, wanted, flags]) => new RegExp(wanted, flags).test(document.getElementById(id).innerText),
    [`panel-${tab}`, TABS[tab].source, TABS[tab].flags],
  );
  await atRest(page);
}

/** Colours in between are no colours of the page. */
const atRest = (page) => page.waitForFunction(() => document.getAnimations().length === 0);

/** Violations and passed rules. Evaluated by the debugger, which no security policy of the page concerns. */
async function axe(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const options = { resultTypes: ['violations'] };
    const { violations, passes } = await window.axe.run(document, options);
    const problems = violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map(({ html }) => html.slice(0, 160)),
    }));
    return { problems, passed: passes.length };
  });
}

describe('demo: accessibility', { skip }, () => {
  for (const colorScheme of ['light', 'dark']) {
    const options = { skip: colorScheme === 'dark' && lacks('media') };
    test(`axe-core finds nothing on any tab, ${colorScheme}`, options, async () => {
      const page = await demo.open('', { colorScheme });
      await topClasses(page);
      for (const tab of Object.keys(TABS)) {
        await show(page, tab);
        const { problems, passed } = await axe(page);
        console.log(
          `axe, ${colorScheme}, ${tab}: ${problems.length} violations, ${passed} rules passed`,
        );
        assert.deepEqual(problems, [], tab);
      }
      await page.locator('#tab-classify').click();
      await panel(page)
        .getByRole('button', { name: /Change model/ })
        .click();
      await page.getByRole('dialog').locator('.model-row').first().waitFor();
      await atRest(page);
      assert.deepEqual((await axe(page)).problems, [], 'the dialog of models');
      assertClean(page, demo.url);
      await page.close();
    });
  }

  test('axe-core finds nothing on the React page', async () => {
    const page = await demo.open('', { path: `${BASE}react.html` });
    await page.locator('.bars li, [role=alert]').first().waitFor();
    await atRest(page);
    assert.deepEqual((await axe(page)).problems, []);
    await page.close();
  });

  test('by keyboard: skip link, tabs by arrows, dialog and back', async () => {
    const page = await demo.open();
    await topClasses(page);
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: node } = document;
        return node.id || node.textContent.trim();
      });
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the demo');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    // Where what scrolls takes the focus, the list of tabs comes before its first tab.
    if ((await focused()) !== 'tab-classify') await page.keyboard.press('Tab');
    assert.equal(await focused(), 'tab-classify');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), 'tab-device');
    assert.equal(await page.locator('#panel-device').isVisible(), true);
    await page.keyboard.press('Home');
    assert.equal(await focused(), 'tab-classify');
    await page.keyboard.press('Tab');
    assert.match(await focused(), /Change model/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').locator('.model-row').nth(1).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.match(await focused(), /Change model/);
    assertClean(page, demo.url);
    await page.close();
  });

  test('results are announced, and every control has a name', async () => {
    const page = await demo.open();
    const [best] = await topClasses(page);
    await page.locator('#announcer', { hasText: best.label }).waitFor({ state: 'attached' });
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('button, a[href], input, select')]
        .filter((node) => node.checkVisibility())
        .filter((node) => {
          const label = node.labels?.[0]?.textContent ?? '';
          const image = node.querySelector?.('img')?.alt ?? '';
          return !`${node.textContent}${label}${image}${node.ariaLabel ?? ''}`.trim();
        })
        .map((node) => node.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(unnamed, []);
    await page.close();
  });

  for (const width of [360, 390]) {
    test(`nothing is wider than a phone of ${width} pixels, nor nameless`, async () => {
      const page = await demo.open('', { viewport: { width, height: 780 } });
      await topClasses(page);
      for (const tab of Object.keys(TABS)) {
        await show(page, tab);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${tab}: ${wide} pixels`);
        assert.deepEqual((await axe(page)).problems, [], tab);
      }
      await page.close();
    });
  }

  test('reduced motion: nothing moves by itself', { skip: lacks('media') }, async () => {
    const page = await demo.open();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await topClasses(page);
    const moving = await page.evaluate(() => {
      const lengths = (value) => value.split(',').map(parseFloat);
      return [...document.querySelectorAll('body *')].filter((node) => {
        const { transitionDuration, animationName } = window.getComputedStyle(node);
        return (
          animationName !== 'none' || lengths(transitionDuration).some((seconds) => seconds > 0)
        );
      }).length;
    });
    assert.equal(moving, 0);
    await page.close();
  });

  test(
    'the theme is the system’s until it is chosen, and the choice is kept',
    { skip: lacks('media') },
    async () => {
      const page = await demo.open('', { colorScheme: 'dark' });
      const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
      assert.equal(await theme(), 'dark');
      await page.getByRole('button', { name: /^Change to the light theme/ }).click();
      assert.equal(await theme(), 'light');
      await page.reload();
      assert.equal(await theme(), 'light');
      await page.close();
    },
  );
});
