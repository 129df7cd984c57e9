/**
 * A download that is killed at every step: whatever is left is absent, resumable or whole, never wrong, and the next
 * attempt completes it.
 */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Folder } from '../../../js/downloads/store/files.js';
import type { RemoteFile } from '../../../js/downloads/file.js';
import type { ModelRecord, ModelStore } from '../../../js/downloads/store/types.js';
import { fakeModel } from '../../lib/hub.mjs';
import { CHUNK, load, openRemoteFile, readAll, withHub } from './file-tools.js';
import { PLACES, type Place } from './stores.js';

const SIZE = 3 * CHUNK + 1234;
const bytes = fakeModel(SIZE);
const context = withHub();

/** Counts steps; from step `at` on nothing ever answers, as in a process that is gone. */
class Killer {
  steps = 0;
  onDeath: () => void = () => undefined;
  constructor(readonly at: number) {}
  get isDead() {
    return this.steps >= this.at;
  }
  async step(): Promise<void> {
    this.steps++;
    if (this.steps === this.at) this.onDeath();
    if (this.isDead) await new Promise(() => undefined);
  }
  /** Every call of a method is a step before and one after. */
  wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value = Reflect.get(object, name, object) as unknown;
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          await this.step();
          const result: unknown = await Promise.resolve(value.apply(object, args)).catch(
            async (error: unknown) => {
              await this.step();
              throw error;
            },
          );
          await this.step();
          return result;
        };
      },
    });
  }
  /** A folder whose writes may also end in the middle. */
  wrapFolder(folder: Folder): Folder {
    const half = async (name: string, offset: number, data: Uint8Array) => {
      await folder.write(name, offset, data.subarray(0, data.length >> 1));
      await this.step();
      await folder.write(name, offset, data);
    };
    return this.wrap(Object.assign(Object.create(folder) as Folder, { write: half }));
  }
}

const { fetch: realFetch } = globalThis;
const { put } = IDBObjectStore.prototype;
afterEach(() => {
  globalThis.fetch = realFetch;
  IDBObjectStore.prototype.put = put;
  jest.restoreAllMocks();
});

/** Requests, and the pieces of their answers, are steps. */
function killFetch(killer: Killer): void {
  globalThis.fetch = (async (...args: Parameters<typeof realFetch>) => {
    await killer.step();
    const response = await realFetch(...args);
    await killer.step();
    const reader = response.body?.getReader();
    const body = reader && {
      getReader: () => ({
        async read() {
          const result = await reader.read();
          await killer.step();
          return result;
        },
        cancel: () => reader.cancel(),
      }),
      cancel: () => reader?.cancel(),
    };
    const { status, ok, headers, type } = response;
    return { status, ok, headers, type, body, text: () => response.text() };
  }) as unknown as typeof globalThis.fetch;
}

/** Each write of a transaction is a step: a process that dies there takes the transaction with it. */
function killTransactions(killer: Killer): void {
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: [unknown, IDBValidKey?]) {
    killer.steps++;
    if (killer.steps === killer.at) killer.onDeath();
    if (killer.isDead) this.transaction.abort();
    return put.apply(this, args);
  };
}

/** Runs until the end or the death; returns whether the end was reached. */
async function attempt(place: Place, url: string, at: number): Promise<boolean> {
  const killer = new Killer(at);
  const died = new Promise<boolean>((resolve) => (killer.onDeath = () => resolve(false)));
  const store = await place.open((folder) => killer.wrapFolder(folder));
  killFetch(killer);
  killTransactions(killer);
  let file: RemoteFile | undefined;
  const run = async () => {
    file = await openRemoteFile(url, { store: killer.wrap(store) });
    await readAll(file);
    return !killer.isDead;
  };
  const ended = await Promise.race([run(), died]);
  // What the dead process had under way gets the chance to do harm.
  await new Promise((resolve) => setTimeout(resolve, 2));
  file?.close();
  globalThis.fetch = realFetch;
  IDBObjectStore.prototype.put = put;
  return ended;
}

async function expectNoPoison(store: ModelStore, key: string): Promise<string> {
  const record: ModelRecord | undefined = await store.get(key);
  if (!record) return 'absent';
  for (let index = 0; index < record.digests.length; index++) {
    const chunk = await store.read(record, index);
    const start = index * CHUNK;
    const end = Math.min(record.stored, start + CHUNK);
    expect(Buffer.from(chunk ?? []).equals(Buffer.from(bytes.subarray(start, end)))).toBe(true);
  }
  if (record.state === 'complete') expect(record.stored).toBe(SIZE);
  return record.state;
}

describe.each(PLACES)('%s', (name, create) => {
  test('killed at every step', async () => {
    const path = `/o/r/resolve/main/${name.length}.pte`;
    const { url } = context.hub.put(path, bytes);
    // Leases of the dead run out at once.
    const { now } = Date;
    let ahead = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
    const outcomes: Record<string, number> = {};
    let steps = 0;
    for (let ended = false; !ended;) {
      const at = ++steps;
      const place = create();
      ended = await attempt(place, url, at);
      ahead += 60_000;
      const store = await place.open();
      const outcome = await expectNoPoison(store, url);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      const second = await load(url, { store });
      expect(second.bytes.equals(Buffer.from(bytes))).toBe(true);
      context.hub.forget();
      const third = await load(url, { store });
      expect(third.bytes.equals(Buffer.from(bytes))).toBe(true);
      expect(third.report.kept).toBe(true);
      expect(context.hub.requests).toEqual([]);
      store.close();
      place.remove();
    }
    console.log(`${name}: killed at ${steps - 1} steps; left behind ${JSON.stringify(outcomes)}`);
    expect(steps).toBeGreaterThan(20);
    expect(outcomes.partial).toBeGreaterThan(5);
  }, 120_000);
});
