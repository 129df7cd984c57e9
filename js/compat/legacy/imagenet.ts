import { IMAGENET1K_LABELS } from '../../constants/generated/imagenet.js';
import { imagenetKeys } from './labels.js';

/** TENCH: 0, GOLDFISH: 1 …: the number of each ImageNet class. */
export const Imagenet1kLabel: Readonly<Record<string, number>> = /* @__PURE__ */ numbered();

function numbered(): Record<string, number> {
  const entries = imagenetKeys(IMAGENET1K_LABELS).map((key, index) => [key, index]);
  return Object.freeze(Object.fromEntries(entries) as Record<string, number>);
}
