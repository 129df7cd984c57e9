/**
 * Noticing the end of a worker that no event tells of: browsers end workers that take too much memory in silence, and
 * calls would wait for ever. The worker holds a lock while it lives; the page waits for that lock.
 */

/** Takes a lock that only the end of this worker gives back; its name, or undefined where there are no locks. */
export async function holdLifeline(): Promise<string | undefined> {
  const name = `executorch-web worker ${Math.random().toString(36).slice(2)}${Date.now()}`;
  try {
    await new Promise<void>((held, failed) => {
      const forEver = () => {
        held();
        return new Promise<never>(() => undefined);
      };
      navigator.locks.request(name, forEver).catch(failed);
    });
    return name;
  } catch {
    // Insecure pages and pages from the disk have none; there a silent end stays silent.
    return undefined;
  }
}

/** Calls `onEnd` when the holder of the lock has ended, unless `signal` aborts before. */
export function watchLifeline(name: string, onEnd: () => void, signal: AbortSignal): void {
  navigator.locks.request(name, { signal }, onEnd).catch(() => undefined);
}
