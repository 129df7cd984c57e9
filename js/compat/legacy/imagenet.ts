import { IMAGENET1K_LABELS } from '../../constants/generated/imagenet.js';
import { imagenetKeys } from './labels.js';

/** An enumeration: numbers by key, keys by number. */
export type NumberedKeys = Readonly<Record<string, number>> & Readonly<Record<number, string>>;

/** TENCH: 0, GOLDFISH: 1 …: the number of each ImageNet class, and its key by the number, as enumerations have. */
export const Imagenet1kLabel = /* @__PURE__ */ numbered();

function numbered(): NumberedKeys {
  const keys = imagenetKeys(IMAGENET1K_LABELS);
  const numbers = Object.fromEntries(keys.map((key, index) => [key, index]));
  return Object.freeze({ ...keys, ...numbers }) as unknown as NumberedKeys;
}
