// The documentation as pages of the site: every link inside leads somewhere, axe-core finds nothing.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BASE, SITE, assertClean, startDemo } from '../lib/demo-page.mjs';
import { lacks } from '../lib/engines.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DOCS = join(SITE, 'docs');

const htmlFiles = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(folder, name));

test('every link of the documentation leads to a page and an anchor of the site', () => {
  const files = htmlFiles(DOCS);
  assert.ok(files.length >= 20, `${files.length} pages`);
  const problems = [];
  let count = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8').replace(/<pre>.*?<\/pre>/gs, '');
    for (const [, address] of text.matchAll(/(?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(address)) continue;
      count++;
      const [path, anchor] = address.split('#');
      let target = path ? join(dirname(file), path) : file;
      if (existsSync(target) && statSync(target).isDirectory()) target = join(target, 'index.html');
      if (!existsSync(target)) problems.push(`${file}: ${address}: no such file`);
      else if (anchor && !new RegExp(`id="${anchor}"`).test(readFileSync(target, 'utf8')))
        problems.push(`${file}: ${address}: no such anchor`);
    }
  }
  console.log(`${count} links inside of ${files.length} pages`);
  assert.deepEqual(problems, []);
});

const skip = lacks('locators');

describe('documentation in the browser', { skip }, () => {
  let demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo?.close());

  for (const colorScheme of ['light', 'dark']) {
    const options = { skip: colorScheme === 'dark' && lacks('media') };
    test(`README and recipes: axe-core, phone width, ${colorScheme}`, options, async () => {
      for (const name of ['index.html', 'recipes.html']) {
        const viewport = { width: 390, height: 844 };
        const page = await demo.open('', { path: `${BASE}docs/${name}`, colorScheme, viewport });
        await page.evaluate(AXE);
        const problems = await page.evaluate(async () => {
          const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
          return violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200)]);
        });
        assert.deepEqual(problems, [], name);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= 390, `${name}: ${wide} pixels`);
        assertClean(page, demo.url);
        await page.close();
      }
    });
  }

  test('from the demo to the documentation and back', async () => {
    const page = await demo.open();
    await page.getByRole('link', { name: 'Docs' }).click();
    await page.getByRole('heading', { level: 1, name: 'executorch-web' }).waitFor();
    await page.getByRole('link', { name: 'Recipes', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Recipes' }).waitFor();
    await page.getByRole('link', { name: 'Demo', exact: true }).click();
    await page.getByRole('tab', { name: 'Classify' }).waitFor();
    await page.close();
  });
});
