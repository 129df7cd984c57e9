import type { ModelStore } from '../../js/downloads/store/types.js';

type Check = (store: ModelStore, reopen: () => Promise<ModelStore>) => Promise<void>;
export const storeContract: Record<
  'stores chunks and tells of them' | 'replaces a download by another one',
  Check
> &
  Record<string, Check>;
