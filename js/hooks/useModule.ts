/** What all hooks have in common: React's view of a session. The one place with React state. */
import { useMemo, useState, useSyncExternalStore } from 'react';
import { wrongOptions } from '../base/options.js';
import { ModelPool, type LoadableModule } from './controller.js';
import { IDLE_STATE, SessionCache, type ModuleState } from './session.js';

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
  /** Loads the model again after a failure; does nothing in every other state. */
  readonly retry: () => void;
}

/**
 * Uses the model of `pool` that equals `model`; equal models are loaded once, whoever uses them.
 *
 * @param others Names of functions of the module, beside forward(), that the result has too.
 */
export function useModule<
  Model,
  Module extends LoadableModule<Model>,
  Other extends keyof Module & string = never,
>(
  pool: ModelPool<Model, Module>,
  model: Model,
  options: UseModuleOptions = {},
  others: readonly Other[] = NOTHING,
): UseModuleResult<Module['forward']> & Pick<Module, Other> {
  const { preventLoad = false, queue = false } = options;
  const [sessions] = useState(() => {
    // Others' hooks pass over such names in silence, and load in spite of `preventload`.
    void wrongOptions('A hook', options, NAMES)?.then(({ message }) =>
      console.warn(`executorch-web: ${message}`),
    );
    return new SessionCache(pool);
  });
  const session = sessions.of(model);
  const state = useSyncExternalStore(
    preventLoad ? subscribeToNothing : session.subscribe,
    preventLoad ? idleState : session.getSnapshot,
    idleState,
  );
  return useMemo(() => {
    const forward = session.runner('forward', queue);
    // A video that begins meets the last frame of one that has just been ended.
    const waits = (name: string) => queue || name === 'runOnVideo';
    const more = others.map((name) => [name, session.runner(name, waits(name))] as const);
    const extra = Object.fromEntries(more) as Pick<Module, Other>;
    return { ...state, forward, retry: session.retry, ...extra };
  }, [state, session, queue, others]);
}

/**
 * Makes the hook of a module class: components that use equal models share one instance.
 *
 * @param prop Name of the property with the model.
 * @param others Functions of the module that the hook gives beside forward(); a list that stays the same.
 */
export function createHook<
  Model,
  Module extends LoadableModule<Model>,
  Prop extends string,
  Other extends keyof Module & string = never,
>(create: () => Module, prop: Prop, others: readonly Other[] = []) {
  const pool = new ModelPool<Model, Module>(create);
  return (props: UseModuleOptions & Record<Prop, Model>) =>
    useModule(pool, props[prop], props, others);
}

const NAMES = ['model', 'modelSource', 'dataSource', 'freshness', 'preventLoad', 'queue'];
const NOTHING: readonly never[] = [];
const idleState = () => IDLE_STATE;
const subscribeToNothing = () => () => {};
