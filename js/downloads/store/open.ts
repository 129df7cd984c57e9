/** Chooses and opens the store; one per thread and kind. */
import { hasNode } from '../../base/platform.js';
import type { ResourceConfiguration, StoreKind } from '../../base/resource-config.js';
import type { ModelStore } from './types.js';

export interface OpenedStore {
  /** Undefined where nothing can be kept. */
  store: ModelStore | undefined;
  /** Why it is not the store that was asked for. */
  problem?: string;
}

const opened = new Map<string, Promise<ModelStore>>();

/** Never fails: where no store can be opened, models are streamed and not kept, and `problem` says why. */
export async function openStore(config: ResourceConfiguration): Promise<OpenedStore> {
  const kind = config.store ?? defaultStore();
  try {
    return { store: await openKind(kind, config) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const problem = `The store '${kind}' cannot be used here: ${reason}`;
    const instead = kind === 'opfs' && typeof indexedDB === 'object' ? 'indexeddb' : 'none';
    const store = await openKind(instead, config).catch(() => undefined);
    return { store, problem };
  }
}

/** What `configure({ store })` leaves undefined. Node's EXECUTORCH_WEB_STORE is for tests and containers. */
function defaultStore(): StoreKind {
  if (__EW_TARGET__ !== 'module' && hasNode() && process.env.EXECUTORCH_WEB_STORE) {
    return process.env.EXECUTORCH_WEB_STORE as StoreKind;
  }
  if (typeof indexedDB === 'object' && indexedDB !== null) return 'indexeddb';
  return hasNode() ? 'files' : 'none';
}

async function openKind(
  kind: StoreKind,
  { storeDirectory = '' }: ResourceConfiguration,
): Promise<ModelStore | undefined> {
  if (kind === 'none') return undefined;
  const name = `${kind}:${storeDirectory}`;
  const opening = opened.get(name) ?? create(kind, storeDirectory || undefined);
  opened.set(name, opening);
  // What failed once may work later, when the user has allowed it.
  opening.catch(() => opened.delete(name));
  return opening;
}

async function create(kind: StoreKind, directory: string | undefined): Promise<ModelStore> {
  switch (kind) {
    case 'indexeddb':
      return (await import('./indexeddb.js')).openIndexedDbStore();
    case 'memory':
      return new (await import('./memory.js')).MemoryStore();
    case 'opfs': {
      const { FileStore } = await import('./files.js');
      return new FileStore(kind, await (await import('./opfs-folder.js')).openOpfsFolder());
    }
    case 'files': {
      // Builds for pages leave Node's files out.
      if (__EW_TARGET__ === 'node' || __EW_TARGET__ === 'commonjs') {
        const { FileStore } = await import('./files.js');
        const { openNodeFolder } = await import('./node-folder.js');
        return new FileStore(kind, await openNodeFolder(directory));
      }
      throw new Error('pages have no folders to keep models in');
    }
    default:
      throw new Error(`there is no store '${kind}'`);
  }
}
