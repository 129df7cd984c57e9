/** One writer per file, and no eviction of what is being read, over all threads of the origin. */
import { throwIfAborted } from '../base/errors.js';
import type { ModelStore } from './store/types.js';

/** Gives a lock back; harmless when repeated. */
export type Release = () => void;

export interface Locks {
  /** Waits for its turn; rejects with the signal's reason when that aborts first. */
  acquire(name: string, signal: AbortSignal): Promise<Release>;
  /** Marks something as in use. */
  use(name: string): Promise<Release>;
  /** Does the work unless `name` is in use; returns whether it was done. */
  unlessUsed(name: string, work: () => Promise<void>): Promise<boolean>;
}

/**
 * Web Locks end with their thread, so a killed tab never blocks the others. Leases stand in where they lack, and
 * where a store reaches further than they do: files are shared by processes.
 */
export function locksOf(store: ModelStore): Locks {
  const { locks } = (globalThis.navigator ?? {}) as { locks?: LockManager };
  const isOfOrigin = store.kind === 'indexeddb' || store.kind === 'opfs';
  return locks && isOfOrigin ? new WebLocks(locks) : new LeaseLocks(store);
}

const PREFIX = 'executorch-web:';

class WebLocks implements Locks {
  constructor(private readonly locks: LockManager) {}

  acquire(name: string, signal: AbortSignal): Promise<Release> {
    return this.hold(`${PREFIX}write:${name}`, { signal });
  }

  use(name: string): Promise<Release> {
    return this.hold(`${PREFIX}use:${name}`, { mode: 'shared' });
  }

  async unlessUsed(name: string, work: () => Promise<void>): Promise<boolean> {
    return this.locks.request(`${PREFIX}use:${name}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return false;
      await work();
      return true;
    });
  }

  private hold(name: string, options: LockOptions): Promise<Release> {
    return new Promise((resolve, reject) => {
      const held = () => new Promise<void>((release) => resolve(release));
      this.locks.request(name, options, held).catch(reject);
    });
  }
}

/** A lease that is not renewed for so long is another's to take: its owner is gone. */
const LEASE_MS = 6000;
const RENEW_MS = 2000;
const RETRY_MS = 300;

/** Queues and marks of this thread, by store: leases are for other threads only. */
const queues = new WeakMap<ModelStore, Map<string, Promise<void>>>();
const uses = new WeakMap<ModelStore, Map<string, number>>();

class LeaseLocks implements Locks {
  private readonly queue: Map<string, Promise<void>>;
  private readonly used: Map<string, number>;

  constructor(private readonly store: ModelStore) {
    this.queue = entryOf(queues, store);
    this.used = entryOf(uses, store);
  }

  async acquire(name: string, signal: AbortSignal): Promise<Release> {
    const before = this.queue.get(name) ?? Promise.resolve();
    let leave: Release = () => undefined;
    const mine = new Promise<void>((resolve) => (leave = resolve));
    this.queue.set(
      name,
      before.then(() => mine),
    );
    try {
      await orAborted(before, signal);
      const giveBack = await this.claim(name, signal);
      return () => {
        // Others of this thread wait until the lease is free, too.
        void giveBack().finally(leave);
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async use(name: string): Promise<Release> {
    this.used.set(name, (this.used.get(name) ?? 0) + 1);
    let done = false;
    return () => {
      if (!done) this.used.set(name, (this.used.get(name) ?? 1) - 1);
      done = true;
    };
  }

  async unlessUsed(name: string, work: () => Promise<void>): Promise<boolean> {
    if ((this.used.get(name) ?? 0) > 0) return false;
    await work();
    return true;
  }

  private async claim(name: string, signal: AbortSignal): Promise<() => Promise<void>> {
    const owner = Math.random().toString(36).slice(2);
    const take = () => this.store.claim(name, owner, Date.now() + LEASE_MS);
    while (!(await take())) await pause(RETRY_MS, signal);
    const timer = setInterval(() => void take().catch(() => undefined), RENEW_MS);
    // Node must not stay alive for a lease.
    (timer as unknown as { unref?: () => void }).unref?.();
    return async () => {
      clearInterval(timer);
      await this.store.release(name, owner).catch(() => undefined);
    };
  }
}

function entryOf<T>(all: WeakMap<ModelStore, Map<string, T>>, store: ModelStore): Map<string, T> {
  const found = all.get(store) ?? new Map<string, T>();
  all.set(store, found);
  return found;
}

/** Resolves after some milliseconds; rejects as soon as the signal aborts. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  return orAborted(waited, signal).finally(() => clearTimeout(timer));
}

/** The promise, unless the signal aborts first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  return new Promise<T>((resolve, reject) => {
    const abort = () => {
      try {
        throwIfAborted(signal);
      } catch (error) {
        reject(error);
      }
    };
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
