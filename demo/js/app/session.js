/** The model of a task: which one, how far its loading is, and pictures run one after another. */
import { ErrorCode, configure, isExecutorchError } from '../../dist/web-core.js';
import { signal } from '../lib/signal.js';
import { settings } from './settings.js';
import { TASKS } from './tasks.js';

export class Session {
  /** {status: 'idle'|'loading'|'ready'|'failed', entry, progress, error, report}; see session states below. */
  state = signal({ status: 'idle' });
  #task;
  #module;
  #abort;
  #loading = Promise.resolve();
  #waiting = null;
  #running = false;

  /** @param task Name of its row in TASKS; entries of models name it, too. */
  constructor(task) {
    this.name = task;
    this.#task = TASKS[task];
  }

  get module() {
    return this.#module;
  }

  /** Loads a model of the catalogue in place of the one before. Resolves when it is ready or has failed. */
  use(entry, { profile = false } = {}) {
    this.#loading = this.#load(entry, profile);
    return this.#loading;
  }

  /** Gives up loading; what has been downloaded is forgotten. */
  cancel() {
    this.#abort?.abort('cancel');
  }

  dispose() {
    this.#abort?.abort('replaced');
    this.#module?.delete();
    this.#module = undefined;
    this.state.set({ status: 'idle' });
  }

  async #load(entry, profile) {
    this.dispose();
    const abort = (this.#abort = new AbortController());
    const module = this.#task.create();
    const isCurrent = () => this.#abort === abort;
    this.state.set({ status: 'loading', entry, progress: 0 });
    const onProgress = (progress) => {
      if (isCurrent()) this.state.set({ status: 'loading', entry, progress });
    };
    try {
      configure(settings.forModel(entry));
      const model = await entry.open(onProgress, abort.signal);
      await module.load(model, onProgress, { signal: abort.signal, profile });
      if (!isCurrent()) throw abort.signal.reason;
      this.#module = module;
      const { variant, threads, resource } = module.loadReport;
      const bytes = fileBytes(resource) || entry.bytes;
      const report = { variant, threads, bytes, loadTime: readingTime(module.loadReport) };
      this.state.set({ status: 'ready', entry, report, info: module.info });
    } catch (error) {
      module.delete();
      if (!isCurrent()) return;
      const wasAborted = abort.signal.aborted || isExecutorchError(error, ErrorCode.Aborted);
      this.state.set(wasAborted ? { status: 'idle' } : { status: 'failed', entry, error });
    }
  }

  /**
   * Runs on a video until `signal` aborts; `show(result, frame)` is told each result. When the model is replaced
   * meanwhile, the next one continues.
   */
  async film(source, show, signal) {
    while (!signal.aborted) {
      await this.#loading;
      const module = this.#module;
      if (!module) throw this.state.value.error ?? new Error('There is no model.');
      const { entry } = this.state.value;
      const tell = (result, frame) => show({ ...result, entry }, frame);
      try {
        await this.#task.film(module, source, entry, tell, { signal });
        return;
      } catch (error) {
        if (this.#module === module) throw error;
      }
    }
  }

  /**
   * Runs one picture. While one is running, only the latest of those that wait is kept; the others resolve
   * to undefined. So does everything when the model is not (or no longer) there.
   */
  async run(picture) {
    await this.#loading;
    if (!this.#module) return undefined;
    if (this.#running) return this.#queue(picture);
    this.#running = true;
    try {
      return await this.#runNow(picture);
    } finally {
      this.#running = false;
      const next = this.#waiting;
      this.#waiting = null;
      if (next) this.run(next.picture).then(next.resolve, next.reject);
    }
  }

  #queue(picture) {
    this.#waiting?.resolve(undefined);
    return new Promise((resolve, reject) => (this.#waiting = { picture, resolve, reject }));
  }

  async #runNow(picture) {
    const { entry } = this.state.value;
    const module = this.#module;
    const isCurrent = () => this.#module === module;
    const started = performance.now();
    try {
      const result = await this.#task.run(module, picture, entry);
      const total = performance.now() - started;
      // An answer may come just when its model is let go.
      return isCurrent() ? { ...result, timings: module.timings, total, entry } : undefined;
    } catch (error) {
      if (!isCurrent()) return undefined;
      throw error;
    }
  }
}

/** Bytes of a file that came from the network or the store; 0 for what was handed over. */
const fileBytes = ({ networkBytes = 0, storedBytes = 0 } = {}) => networkBytes + storedBytes;

/** Loading without the time in which bytes were awaited. */
function readingTime({ loadTime, resource }) {
  return loadTime - (resource?.waitTime ?? 0);
}

/** One per task, for all panels, and one for people before a background. */
export const sessions = {
  people: new Session('segmentation'),
  classification: new Session('classification'),
  segmentation: new Session('segmentation'),
  embeddings: new Session('embeddings'),
};
