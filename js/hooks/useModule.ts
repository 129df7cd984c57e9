/** What all hooks have in common: React's view of a session. The one place with React state. */
import { useMemo, useState, useSyncExternalStore } from 'react';
import type { LoadableModule, ModelPool } from './controller.js';
import { IDLE_STATE, SessionCache } from './session.js';
import type { ModuleState } from './session.js';

/** Options that every hook takes beside its model. */
export interface UseModuleOptions {
  /** True keeps the model from being loaded, and lets go of it when it is. Default false. */
  preventLoad?: boolean;
  /**
   * True lets calls of forward() wait for the previous ones; otherwise they reject with ModelGenerating.
   * Default false.
   */
  queue?: boolean;
}

/** What every hook returns. */
export interface UseModuleResult<Forward> extends ModuleState {
  /** Runs the model. The same function as long as the model is the same. */
  readonly forward: Forward;
}

/** Uses the model of `pool` that equals `model`; equal models are loaded once, whoever uses them. */
export function useModule<Model, Module extends LoadableModule<Model>>(
  pool: ModelPool<Model, Module>,
  model: Model,
  { preventLoad = false, queue = false }: UseModuleOptions = {},
): UseModuleResult<Module['forward']> {
  const [sessions] = useState(() => new SessionCache(pool));
  const session = sessions.of(model);
  const state = useSyncExternalStore(
    preventLoad ? subscribeToNothing : session.subscribe,
    preventLoad ? idleState : session.getSnapshot,
    idleState,
  );
  const forward = queue ? session.enqueue : session.forward;
  return useMemo(() => ({ ...state, forward }), [state, forward]);
}

const idleState = () => IDLE_STATE;
const subscribeToNothing = () => () => {};
