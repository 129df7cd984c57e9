/** Downloads into the browser's store. */

export async function download(_address, _onProgress, _signal) {}

/** Whether a published or own model is stored already. */
export async function isCached(_entry) {
  return false;
}
