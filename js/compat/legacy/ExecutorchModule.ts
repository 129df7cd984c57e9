import type { ResourceSource } from '../../base/types.js';
import { ExecutorchModule as Raw, type TensorPtr } from '../../modules/ExecutorchModule.js';
import { withLegacyErrors } from './errors.js';

/** ExecutorchModule of 0.7 to 0.10's legacy API: raw tensors, errors of 0.9. */
export class ExecutorchModule {
  private readonly raw = new Raw();

  /** @throws RnExecutorchError with the codes of 0.9. */
  load(
    modelSource: ResourceSource,
    onDownloadProgress?: (progress: number) => void,
    options?: { signal?: AbortSignal },
  ): Promise<void> {
    return withLegacyErrors(() => this.raw.load(modelSource, onDownloadProgress, options));
  }

  /** Runs the model. Outputs have memory of their own. */
  forward(inputTensor: TensorPtr[]): Promise<TensorPtr[]> {
    return withLegacyErrors(() => this.raw.forward(inputTensor));
  }

  /** Shape of an input of the loaded method. */
  getInputShape(methodName: string, index: number): Promise<number[]> {
    return withLegacyErrors(() => this.raw.getInputShape(methodName, index));
  }

  /** Frees the model. */
  delete(): void {
    this.raw.delete();
  }
}
