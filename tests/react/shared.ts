/** What tests with the real engine need: the built package, and models and pictures beside the repository. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe } from '@jest/globals';
import type * as Index from '../../js/index.js';
import { ROOT } from './typecheck.js';

const SHARED = join(ROOT, '../shared');
const DIST = join(ROOT, 'dist/index.js');

/** `file:` address of something in ../shared. */
export const shared = (path: string) => pathToFileURL(join(SHARED, path)).href;
export const sharedPath = (path: string) => join(SHARED, path);

export const MODELS = {
  classifier: 'models/real/mobilenet_v2_imagenet1k_fp32.pte',
  segmenter: 'models/real/deeplabv3_mobilenet_v2_pascal_fp32.pte',
  embedder: 'models/real/mobilenet_v2_embedding_fp32.pte',
};
export const TENCH = 'data/images/imagenet/n01440764_tench.JPEG';
export const GOLDFISH = 'data/images/imagenet/n01443537_goldfish.JPEG';
export const TABBY = 'data/images/imagenet/n02123045_tabby.JPEG';

const missing = [DIST, join(SHARED, MODELS.classifier)].filter((path) => !existsSync(path));

/** describe(), skipped where the package is not built or ../shared is not there. */
export const withEngine = missing.length === 0 ? describe : describe.skip;

export type Package = typeof Index;
/** The package as it is published. */
export const importPackage = async () => (await import(pathToFileURL(DIST).href)) as Package;
