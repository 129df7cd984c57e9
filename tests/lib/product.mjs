// The built package as Node users import it.
import * as api from '../../dist/core.js';

export { api };

/** Chooses the build of the core for models that are loaded from now on. */
export function useVariant(variant) {
  api.configure({ variant });
}
