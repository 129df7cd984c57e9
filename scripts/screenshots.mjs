// Pictures of the demo, to be looked at: every tab, both themes, a desktop's and a phone's width.
//
//   npm run screenshots -- [--readme] [TAB …]
//
// Writes build/screenshots/TAB-THEME-WIDTH.png from build/site (npm run build). --readme makes docs/screenshot.webp instead.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { panel, startDemo } from '../tests/lib/demo-page.mjs';
import { ROOT } from './lib/cache.mjs';

const FOLDER = join(ROOT, 'build/screenshots');
const README = join(ROOT, 'docs/screenshot.webp');
const THEMES = ['light', 'dark'];
const SIZES = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];
const README_SIZE = { width: 1040, height: 860 };
const README_HEIGHT = 490;

/** What is waited for in each tab, after what was clicked: the page as a visitor has it before him. */
const TABS = {
  classify: async (page) => {
    await panel(page)
      .getByText(/Typical of|One run/)
      .waitFor();
  },
  segment: async (page) => {
    await panel(page)
      .getByText(/Typical of|One run/)
      .waitFor();
  },
  embed: async (page) => {
    await panel(page).locator('.shelf .sample:enabled').nth(9).waitFor();
  },
  compare: async (page) => {
    await panel(page)
      .getByText(/Times (are|of)/)
      .waitFor();
    await panel(page).getByRole('button', { name: 'Compare on all samples' }).click();
    await panel(page)
      .getByText(/\d+ samples/)
      .waitFor();
  },
  live: async (page) => {
    await panel(page).getByRole('button', { name: 'Start the camera' }).click();
    await page.waitForFunction(() =>
      /\d/.test(document.querySelector('#panel-live .meters dd').textContent),
    );
  },
  benchmark: async (page) => {
    await panel(page).getByRole('button', { name: 'Measure' }).click();
    await panel(page).getByRole('button', { name: 'Save as JSON' }).waitFor();
  },
  storage: async (page) => {
    await panel(page).locator('.meters').waitFor();
  },
  device: async (page) => {
    await panel(page).locator('.capabilities').waitFor();
  },
};

async function visit(demo, tab, { theme, size }, use) {
  const page = await demo.open(`#${tab}`, { viewport: size, colorScheme: theme });
  await TABS[tab](page);
  await page.waitForTimeout(500);
  await use(page);
  await page.close();
}

/** Encoded by the browser itself: what Playwright writes is PNG or JPEG. */
async function webp(page, png, quality) {
  const address = `data:image/png;base64,${png.toString('base64')}`;
  const base64 = await page.evaluate(
    async ({ address, quality }) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', quality).split(',')[1];
    },
    { address, quality },
  );
  return Buffer.from(base64, 'base64');
}

const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const unknown = names.find((name) => !(name in TABS));
if (unknown) throw new Error(`there is no tab '${unknown}': ${Object.keys(TABS).join(', ')}`);
const demo = await startDemo({ camera: true });
try {
  if (process.argv.includes('--readme')) {
    await visit(demo, 'classify', { theme: 'light', size: README_SIZE }, async (page) => {
      // Without the headline and the times: those of the machine that takes the picture say nothing.
      const { x, y, width } = await page.locator('#app').boundingBox();
      const clip = { x, y, width, height: README_HEIGHT };
      const bytes = await webp(page, await page.screenshot({ clip, fullPage: true }), 0.82);
      writeFileSync(README, bytes);
      console.log(`${README}: ${bytes.length} bytes`);
    });
  } else {
    mkdirSync(FOLDER, { recursive: true });
    for (const tab of names.length > 0 ? names : Object.keys(TABS))
      for (const theme of THEMES)
        for (const size of SIZES)
          await visit(demo, tab, { theme, size }, async (page) => {
            const path = join(FOLDER, `${tab}-${theme}-${size.width}.png`);
            await page.screenshot({ path, fullPage: true });
            console.log(path);
            if (page.problems.length > 0) throw new Error(`${tab}: ${page.problems.join('\n')}`);
          });
  }
} finally {
  await demo.close();
}
