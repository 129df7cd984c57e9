/** Downloads into the browser's store: pausable, resumable, also after the page was closed. */
import { ResourceFetcher } from '../../dist/web-core.js';
import { signal } from '../lib/signal.js';

/** {status: 'running'|'paused', resumedFrom: bytes} of the downloads of this page, by address. */
const transfers = new Map();

/** The state of a download; a signal of null while there is none. */
export function transferOf(address) {
  if (!transfers.has(address)) transfers.set(address, signal(null));
  return transfers.get(address);
}

/** @returns what is stored of an address: {bytes, size, complete} or undefined. */
export async function stored(address) {
  const { entries } = await ResourceFetcher.storage();
  return entries.find(({ url }) => url === address);
}

/**
 * Resolves when the file is stored; while it is paused, nothing happens.
 *
 * @param abort Its reason decides about what has arrived: 'cancel' forgets it, anything else keeps it.
 */
export async function download(address, onProgress, abort) {
  const state = transferOf(address);
  let stopped;
  const stop = () => (stopped = interrupt(address, abort.reason));
  abort?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const before = await stored(address);
      state.set({ status: 'running', resumedFrom: before?.complete ? 0 : (before?.bytes ?? 0) });
      const isDone = (await ResourceFetcher.fetch(onProgress, address)) !== null;
      abort?.throwIfAborted();
      if (isDone) return;
      state.set({ ...state.value, status: 'paused' });
      await resumed(state, abort);
    }
  } finally {
    abort?.removeEventListener('abort', stop);
    // What is forgotten is gone when the page says so.
    await stopped;
    state.set(null);
  }
}

function resumed(state, abort) {
  return new Promise((resolve, reject) => {
    const end = state.watch((now) => now?.status === 'resuming' && finish(resolve));
    const stop = () => finish(() => reject(abort.reason));
    const finish = (settle) => {
      end();
      abort?.removeEventListener('abort', stop);
      settle();
    };
    abort?.addEventListener('abort', stop, { once: true });
  });
}

async function interrupt(address, reason) {
  const how = reason === 'cancel' ? 'cancelFetching' : 'pauseFetching';
  // The download may have ended a moment ago; then there is nothing to stop.
  await ResourceFetcher[how](address).catch(() => undefined);
}

export const pause = (address) => interrupt(address, 'pause');

export function resume(address) {
  const state = transferOf(address);
  if (state.value?.status === 'paused') state.set({ ...state.value, status: 'resuming' });
}
