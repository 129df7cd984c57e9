/** The stores that tests run against, each with a way of coming back to the same data as after a reload. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'fake-indexeddb/auto';
import { FileStore, type Folder } from '../../../js/downloads/store/files.js';
import { openIndexedDbStore } from '../../../js/downloads/store/indexeddb.js';
import { MemoryStore } from '../../../js/downloads/store/memory.js';
import { openNodeFolder } from '../../../js/downloads/store/node-folder.js';
import type { ModelStore } from '../../../js/downloads/store/types.js';

export interface Place {
  /** Opens the data of this place; `wrap` may put something between a file store and its folder. */
  open(wrap?: (folder: Folder) => Folder): Promise<ModelStore>;
  /** Everything that takes room, for finding what was left behind; undefined where nobody can tell. */
  leftovers?(): string[];
  remove(): void;
}

let last = 0;

function indexedDbPlace(): Place {
  const name = `test-${++last}`;
  return { open: () => openIndexedDbStore(name), remove() {} };
}

function memoryPlace(): Place {
  const store = new MemoryStore();
  return { open: async () => store, remove() {} };
}

function filesPlace(): Place {
  const directory = mkdtempSync(join(tmpdir(), 'ew-store-'));
  return {
    async open(wrap = (folder) => folder) {
      return new FileStore('files', wrap(await openNodeFolder(directory)));
    },
    leftovers: () => readdirSync(directory),
    remove() {
      try {
        rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
      } catch {
        // A download that was killed may still be writing there: the system clears its temporary folder.
      }
    },
  };
}

export const PLACES: [string, () => Place][] = [
  ['indexeddb (fake-indexeddb)', indexedDbPlace],
  ['memory', memoryPlace],
  ['files', filesPlace],
];
