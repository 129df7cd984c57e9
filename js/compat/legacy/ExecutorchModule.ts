import type { ResourceSource } from '../../base/types.js';
import { ExecutorchModule as Raw, type TensorPtr } from '../../modules/ExecutorchModule.js';
import { withLegacyErrors } from './errors.js';
import { LegacyModule, type Translated } from './legacy-module.js';

/** ExecutorchModule of 0.7 to 0.10's legacy API: raw tensors, errors of 0.9. */
export class ExecutorchModule extends LegacyModule<ResourceSource, ResourceSource, Raw> {
  constructor() {
    super(new Raw());
  }

  /** Runs the model. Outputs have memory of their own. */
  forward(inputTensor: TensorPtr[]): Promise<TensorPtr[]> {
    return withLegacyErrors(() => this.ours.forward(inputTensor));
  }

  protected translate(modelSource: ResourceSource): Translated<ResourceSource> {
    return [modelSource];
  }
}
