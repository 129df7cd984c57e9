/** What hooks say of models that cannot run now. Fetched when it is needed: see worded(). */

/** Why a model in this state cannot run. Messages begin as react-native-executorch's did. */
export function ofState(
  status: 'idle' | 'loading' | 'ready' | 'failed',
  reason = 'it failed to load.',
): string {
  const reasons = {
    idle: 'the model is not loaded; mount the component without preventLoad and wait for isReady.',
    loading: 'the model is still loading; wait for isReady before calling forward().',
    ready: 'the model has been replaced by another one.',
    failed: `the model is not available: ${reason}`,
  };
  return `ModuleNotLoaded: ${reasons[status]}`;
}

/** Of a call while another one goes on. */
export function ofRunning(): string {
  return 'ModelGenerating: the model is running; wait for the previous forward() to finish, or let calls queue.';
}
