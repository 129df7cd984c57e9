import { IMAGENET1K_LABELS } from '../../constants/generated/imagenet.js';
import type { Imagenet1kLabel as Declared } from '../generated/imagenet-label.js';
import { imagenetKeys } from './labels.js';

/** TENCH: 0, GOLDFISH: 1 …: the number of each ImageNet class, and its key by the number, as enumerations have. */
export const Imagenet1kLabel = /* @__PURE__ */ numbered();
/** The number of an ImageNet class. */
export type Imagenet1kLabel = Declared;

function numbered(): typeof Declared {
  const keys = imagenetKeys(IMAGENET1K_LABELS);
  const numbers = Object.fromEntries(keys.map((key, index) => [key, index]));
  return Object.freeze({ ...keys, ...numbers }) as unknown as typeof Declared;
}
