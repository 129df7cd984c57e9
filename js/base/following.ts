/** A controller that aborts with `signal` and for its reason, until `stop` is called. */
export function following(signal: AbortSignal | undefined): {
  controller: AbortController;
  stop: () => void;
} {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return { controller, stop: () => signal?.removeEventListener('abort', abort) };
}
