// The package as npm would publish it, where tools need no packages of their own: Node and Jest; and how large
// it is. Pages: tests/browser/pages-packed.test.mjs; other tools: `npm run matrix`.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { checkLinks } from '../../scripts/check-links.mjs';
import { ROOT } from '../../scripts/lib/cache.mjs';
import { capture } from '../../scripts/lib/run.mjs';
import { SAMPLE, packPackage, plainFolder } from '../matrix/lib/kit.mjs';

let packed;
before(() => {
  packed = packPackage();
});

// Paths would be taken as the page's in jsdom.
const files = JSON.stringify(
  [SAMPLE.model, SAMPLE.picture].map((path) => pathToFileURL(path).href),
);
const node = (folder, ...args) => capture(process.execPath, args, { cwd: folder });

/** Code that gives the best label of the sample, in a function body. */
const CLASSIFY = `
  const [modelSource, picture] = ${files};
  const classifier = new ClassificationModule();
  await classifier.load({ modelSource, labels: ${JSON.stringify(SAMPLE.labels)} });
  const best = Object.keys(await classifier.forward(picture))[0];
  classifier.delete();`;

test('links of the README and of the documentation lead to what the package has', () => {
  assert.equal(checkLinks(packed.folder), 0);
});

describe('the packed package in Node', () => {
  for (const entry of ['executorch-web', 'executorch-web/core']) {
    test(`import '${entry}'`, () => {
      const folder = plainFolder('node-esm', packed.folder);
      const code = `import { ClassificationModule } from '${entry}';\n${CLASSIFY}\nconsole.log(best);\n`;
      writeFileSync(join(folder, 'main.mjs'), code);
      assert.equal(node(folder, 'main.mjs').trim(), SAMPLE.label);
    });
    test(`require('${entry}')`, () => {
      const folder = plainFolder('node-cjs', packed.folder);
      const code = `const { ClassificationModule } = require('${entry}');
        (async () => {${CLASSIFY}\nconsole.log(best);\n})();\n`;
      writeFileSync(join(folder, 'main.cjs'), code);
      assert.equal(node(folder, 'main.cjs').trim(), SAMPLE.label);
    });
  }

  test('the embedded core', () => {
    const folder = plainFolder('node-inline', packed.folder);
    const code = `import { ClassificationModule, configure } from 'executorch-web/core';
      import { inline } from 'executorch-web/inline';
      configure(inline);\n${CLASSIFY}\nconsole.log(best);\n`;
    writeFileSync(join(folder, 'main.mjs'), code);
    assert.equal(node(folder, 'main.mjs').trim(), SAMPLE.label);
  });

  test('importing does nothing but define', () => {
    const folder = plainFolder('node-import', packed.folder);
    const code = `const before = Object.keys(globalThis).join();
      await import('executorch-web');
      console.log(before === Object.keys(globalThis).join());
      const started = Date.now();
      process.on('exit', () => console.log(Date.now() - started < 1000));`;
    writeFileSync(join(folder, 'main.mjs'), code);
    // Nothing keeps the process alive either.
    assert.equal(node(folder, 'main.mjs').trim(), 'true\ntrue');
  });
});

describe('the packed package in Jest', () => {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  for (const environment of ['node', 'jsdom']) {
    for (const format of ['cjs', 'mjs']) {
      test(`${environment}, ${format}`, () => {
        const folder = plainFolder(`jest-${environment}-${format}`, packed.folder);
        const names = '{ ClassificationModule, useClassification }';
        const load =
          format === 'cjs'
            ? `const ${names} = require('executorch-web');`
            : `import ${names} from 'executorch-web';`;
        writeFileSync(
          join(folder, `sample.test.${format}`),
          `${load}\ntest('classifies', async () => {${CLASSIFY}
            expect(best).toBe('${SAMPLE.label}');
            expect(typeof useClassification).toBe('function');\n});\n`,
        );
        const config = {
          rootDir: folder,
          testEnvironment: environment,
          testMatch: ['**/sample.test.*'],
          transform: {},
          moduleFileExtensions: ['js', 'mjs', 'cjs', 'json'],
        };
        const flags = format === 'mjs' ? ['--experimental-vm-modules', '--no-warnings'] : [];
        node(folder, ...flags, jest, '--config', JSON.stringify(config));
      });
    }
  }
});

describe('sizes of the packed package', () => {
  const dist = (path) => readFileSync(join(packed.folder, 'dist', path));

  for (const variant of ['simd', 'relaxed', 'simd-threads', 'relaxed-threads']) {
    test(`core, ${variant}: at most 800 kB, 250 kB with brotli`, () => {
      const wasm = dist(`wasm/${variant}/ew.wasm`);
      const brotli = brotliCompressSync(wasm).length;
      console.log(`${variant}: ${wasm.length} bytes, brotli ${brotli}`);
      assert.ok(wasm.length <= 800_000, `${wasm.length}`);
      assert.ok(brotli <= 250_000, `${brotli}`);
    });

    // Assertions would: each names the file that it is in.
    test(`core, ${variant}: names no folder of the machine that built it`, () => {
      const text = dist(`wasm/${variant}/ew.wasm`).toString('latin1');
      assert.deepEqual(text.match(/[\w./-]*\/src\/[\w./-]*/g) ?? [], []);
      assert.ok(!text.includes('Assertion failed'));
    });
  }

  const apps = {
    'a module': `import { ClassificationModule, EFFICIENTNET_V2_S } from 'executorch-web/core';
      globalThis.app = [ClassificationModule, EFFICIENTNET_V2_S];`,
    'a hook of classification': `import { useClassification, EFFICIENTNET_V2_S } from 'executorch-web';
      globalThis.app = [useClassification, EFFICIENTNET_V2_S];`,
    'a hook of segmentation': `import { useImageSegmentation, DEEPLAB_V3_RESNET50 } from 'executorch-web';
      globalThis.app = [useImageSegmentation, DEEPLAB_V3_RESNET50];`,
    'a hook of embeddings': `import { useImageEmbeddings, CLIP_VIT_BASE_PATCH32_IMAGE } from 'executorch-web';
      globalThis.app = [useImageEmbeddings, CLIP_VIT_BASE_PATCH32_IMAGE];`,
    'a hook of raw tensors': `import { useExecutorchModule } from 'executorch-web';
      globalThis.app = useExecutorchModule;`,
    'a stand-in of /legacy': `import { useOCR } from 'executorch-web/legacy'; globalThis.app = useOCR;`,
    'all of it': `import * as ew from 'executorch-web'; globalThis.app = ew;`,
  };
  // Stand-ins bring nothing of what is real.
  const most = { 'a stand-in of /legacy': 2300, 'all of it': Infinity };
  for (const [name, code] of Object.entries(apps)) {
    const limit = most[name] ?? 11_800;
    test(`${name}, bundled: what the page's thread loads, at most ${limit} bytes of gzip`, async () => {
      const folder = plainFolder('sizes', packed.folder);
      const { outputFiles, metafile } = await build({
        stdin: { contents: code, resolveDir: folder },
        bundle: true,
        minify: true,
        format: 'esm',
        splitting: true,
        outdir: folder,
        external: ['react'],
        write: false,
        metafile: true,
        logLevel: 'error',
      });
      const files = outputFiles.map(({ path, contents }) => ({
        path,
        gzip: gzipSync(contents, { level: 9 }).length,
      }));
      const isEntry = ({ path }) => path.endsWith('/stdin.js');
      const first = files.find(isEntry);
      const others = files.filter((file) => file !== first);
      // What the entry imports at once counts; what is imported later (label names) does not.
      const { imports } = Object.values(metafile.outputs).find(
        ({ entryPoint }) => entryPoint === '<stdin>',
      );
      const atOnce = imports
        .filter(({ kind }) => kind === 'import-statement')
        .map((found) => others.find((other) => other.path.endsWith(found.path.split('/').pop())))
        .filter(Boolean);
      const gzip = [first, ...atOnce].reduce((sum, file) => sum + file.gzip, 0);
      const later = others.reduce((sum, file) => sum + file.gzip, 0) - gzip + first.gzip;
      console.log(`${name}: ${gzip} bytes of gzip at once, ${later} later`);
      assert.ok(gzip <= limit, `${gzip}`);
    });
  }

  test('what is published is small, but for the one model in it', () => {
    const { size, unpackedSize, entryCount } = packed;
    console.log(`${size} bytes packed, ${unpackedSize} unpacked, ${entryCount} files`);
    const model = statSync(join(ROOT, 'models/photo/efficientnet_lite0_int8.pte')).size;
    assert.ok(size - model <= 3_000_000, `${size}, of which the model ${model}`);
  });
});
