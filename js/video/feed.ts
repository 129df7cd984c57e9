/** What the loop needs of a source of frames, wherever their pixels are read. */
import type { ModelInfo } from '../core/types.js';
import type { FrameResult, ModelHost, TaskOptions } from '../worker/host.js';

/** The task that runs on each frame. */
export interface FrameTask {
  host: ModelHost;
  info: ModelInfo;
  /** Row of src/task/tasks.def. */
  name: string;
  options: TaskOptions;
}

export interface Feed {
  /**
   * Waits for a frame that is newer than the last one and runs the task on it. Undefined: there will be none any more.
   *
   * @throws ExecutorchError AccessFailed, InvalidImage, Aborted, and the codes of the task.
   */
  next(signal: AbortSignal): Promise<FrameResult | undefined>;
  /** Frames from now to resume() count neither as seen nor as dropped. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Now, on a clock that page and worker share: milliseconds since 1970. */
export function epochNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Lets one wait for what another notices. */
export class Bell {
  private ring: () => void = () => undefined;

  /** Ends the wait, if anybody waits. */
  wake(): void {
    this.ring();
  }

  /** Until it is woken, `signal` aborts, or so many milliseconds have passed. */
  wait(signal: AbortSignal, most: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.ring(), most);
      this.ring = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', this.ring);
        resolve();
      };
      signal.addEventListener('abort', this.ring, { once: true });
    });
  }
}
