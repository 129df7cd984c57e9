/** Constants that are generated from models/registry.json, and that bundles keep only what they use. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import * as constants from '../../js/constants/index.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { DeeplabLabel, IMAGENET1K_LABELS, ...models } = constants;

describe('models', () => {
  const host = 'https://huggingface.co/software-mansion/react-native-executorch';

  test('the names of 0.6 stand for the files of 0.6', () => {
    expect(constants.EFFICIENTNET_V2_S).toEqual({
      modelSource: `${host}-efficientnet-v2-s/resolve/v0.6.0/xnnpack/efficientnet_v2_s_xnnpack.pte`,
    });
    expect(constants.DEEPLAB_V3_RESNET50).toEqual({
      modelSource: `${host}-deeplab-v3/resolve/v0.6.0/xnnpack/deeplabV3_xnnpack_fp32.pte`,
    });
    expect(constants.CLIP_VIT_BASE_PATCH32_IMAGE).toEqual({
      modelSource: `${host}-clip-vit-base-patch32/resolve/v0.6.0/clip-vit-base-patch32-vision_xnnpack.pte`,
    });
  });

  test('docs/migration.md says which release each file is of', () => {
    const page = readFileSync(`${ROOT}docs/migration.md`, 'utf8');
    const [, section = ''] = /## Constants of several releases\n([^]*?)\n## /.exec(page) ?? [];
    const rows = [...section.matchAll(/^\| (v[\d.]+|this package's own) +\|([^|]*)\|/gm)];
    const listed = rows.flatMap(([, release, names = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, release]),
    );
    const found = Object.entries(models).map(([name, { modelSource }]) => [
      name,
      /\/resolve\/(v[\d.]+)\//.exec(modelSource)?.[1] ?? "this package's own",
    ]);
    expect(listed.sort()).toEqual(found.sort());
  });

  test('newer segmenters come with the normalisation that their caller owes them', () => {
    const imagenet = { normMean: [0.485, 0.456, 0.406], normStd: [0.229, 0.224, 0.225] };
    const names = Object.keys(models).filter((name) => /^(DEEPLAB|FCN|LRASPP)/.test(name));
    expect(names).toHaveLength(12);
    for (const name of names.filter((name) => name !== 'DEEPLAB_V3_RESNET50')) {
      const { preprocessor } = models[name as 'DEEPLAB_V3_RESNET101'];
      expect([name, preprocessor]).toEqual([name, imagenet]);
    }
  });

  test('all name different .pte files, or methods of one; int8 is called QUANTIZED', () => {
    const entries = Object.entries(models);
    const files = entries.map(([, model]) =>
      'method' in model ? `${model.modelSource} ${model.method}` : model.modelSource,
    );
    expect(new Set(files).size).toBe(entries.length);
    const hosts =
      /^https:\/\/(huggingface\.co|cdn\.jsdelivr\.net\/npm\/executorch-web@[\d.]+)\/[^\s?#]+\.pte$/;
    for (const [name, { modelSource }] of entries) {
      expect(modelSource).toMatch(hosts);
      expect(modelSource.includes('int8')).toBe(name.endsWith('_QUANTIZED'));
    }
  });
});

describe('labels', () => {
  test('ImageNet has 1000, of which two are cranes', () => {
    expect(IMAGENET1K_LABELS).toHaveLength(1000);
    expect(IMAGENET1K_LABELS[0]).toBe('tench, Tinca tinca');
    expect(IMAGENET1K_LABELS[999]).toBe('toilet tissue, toilet paper, bathroom tissue');
    const twice = IMAGENET1K_LABELS.flatMap((label, i) =>
      IMAGENET1K_LABELS.indexOf(label) === i ? [] : [[IMAGENET1K_LABELS.indexOf(label), i]],
    );
    expect(twice).toEqual([[134, 517]]);
  });

  test('DeeplabLabel is a numeric enum that can be read backwards', () => {
    expect(DeeplabLabel.CAT).toBe(8);
    expect(DeeplabLabel[8]).toBe('CAT');
    expect(DeeplabLabel.TVMONITOR).toBe(20);
    expect(DeeplabLabel.ARGMAX).toBe(21);
    expect(Object.keys(DeeplabLabel)).toHaveLength(44);
  });
});

/** Code of `source` after bundling, with what it does not use dropped. esbuild needs a realm of its own. */
function bundle(source: string): string {
  const args = ['--bundle', '--format=esm', '--platform=browser', '--external:ew-wasm/*'];
  args.push('--external:node:*', '--external:react', '--log-level=error', '--loader=ts');
  const esbuild = `${ROOT}node_modules/esbuild/bin/esbuild`;
  return execFileSync(esbuild, args, { cwd: ROOT, input: source, encoding: 'utf8' });
}

describe('bundles', () => {
  const last = 'toilet tissue';

  test('a model constant alone brings no labels and no other model', () => {
    const code = bundle(
      `import { CLIP_VIT_BASE_PATCH32_IMAGE as m } from './js/constants/index.js'; console.log(m);`,
    );
    expect(code).toContain('clip-vit-base-patch32-vision_xnnpack.pte');
    expect(code).not.toContain(last);
    expect(code).not.toContain('efficientnet');
    expect(code.length).toBeLessThan(600);
  });

  test('the segmentation hook brings no ImageNet labels, the classification hook does', () => {
    const hook = (name: string) =>
      bundle(`import { ${name} } from './js/index.js'; console.log(${name});`);
    expect(hook('useImageSegmentation')).not.toContain(last);
    expect(hook('useClassification')).toContain(last);
  });
});
