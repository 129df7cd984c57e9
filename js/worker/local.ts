/** An engine in this thread: what runs inside the worker, and what Node uses directly. */
import { ErrorCode, isExecutorchError, notLoaded, throwIfAborted } from '../base/errors.js';
import { Engine } from '../core/engine.js';
import { instantiate, type WasmLocation } from '../core/instance.js';
import type { EngineLoadOptions, ModelInfo, OperatorTime, TensorData } from '../core/types.js';
import { decodeImage } from '../images/decode.js';
import type { PictureSize, WireImage } from '../images/types.js';
import { openSource } from '../downloads/open.js';
import { resourceConfiguration } from '../base/resource-config.js';
import { parseAddress } from '../downloads/address.js';
import { refresh } from '../downloads/freshness.js';
import { openJoined } from '../sources/joined.js';
import type { ByteSource, OpenOptions, ResourceReport } from '../sources/source.js';
import type { ResourceSource } from '../base/types.js';
import { MAP_SIZES } from '../tasks/map-sizes.js';
import { warnOfFields } from './fields.js';
import { FrameStream } from './frames.js';
import {
  CLOSE_MS,
  type FrameResult,
  type FramesRequest,
  type HostCallbacks,
  type HostLoadOptions,
  type LoadedModel,
  type MemoryUse,
  type ModelHost,
  type TaskOptions,
  type TaskResult,
} from './host.js';

type Open = (source: ResourceSource, options: OpenOptions) => Promise<ByteSource>;

export class LocalHost implements ModelHost {
  private engine: Engine | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly streams = new Map<number, FrameStream>();
  /** When close() was called. */
  private closedAt: number | undefined;

  /** `open` replaces how sources are opened; `onCompiled` is told the compiled binary, to share it. */
  constructor(
    private readonly location: WasmLocation,
    private readonly open: Open = openSource,
    private readonly onCompiled: (module: WebAssembly.Module) => void = () => undefined,
  ) {}

  load(
    source: ResourceSource,
    { freshness, dataSource, fields = [], ...options }: HostLoadOptions,
    callbacks: HostCallbacks = {},
  ): Promise<LoadedModel> {
    return this.enqueue(callbacks.signal, async () => {
      const start = performance.now();
      warnOfFields(fields);
      // The download begins while the core compiles.
      const settings = { ...callbacks, freshness };
      const open = () =>
        dataSource === undefined
          ? this.open(source, settings)
          : openJoined(this.open, [source, dataSource], settings);
      const { variant, threads } = this.location;
      const said: Said = { ...options, hasLabels: fields.includes('labels') };
      const load = async (bytes: ByteSource) => {
        const engine = await this.start();
        const info = await engine.load(bytes, { ...options, threads }, callbacks.signal);
        await callbacks.check?.(info);
        return info;
      };
      for (let isSecond = false; ; isSecond = true) {
        const opening = open();
        opening.catch(() => undefined);
        await this.start();
        const bytes = timed(await opening);
        try {
          const info = await loadWhole(() => load(bytes), bytes, said);
          const end = performance.now();
          const times = { loadTime: end - start, finishTime: end - bytes.lastRead };
          const resource = bytes.report && { ...bytes.report, waitTime: bytes.waitTime };
          return { info, variant, threads, ...times, ...(resource && { resource }) };
        } catch (error) {
          if (isSecond || !(await this.isOutdated(source, bytes.report))) throw error;
        } finally {
          bytes.close();
        }
      }
    });
  }

  /** Whether the server has another file than the stored one, which a load has refused; it is stored then. */
  private async isOutdated(source: ResourceSource, used?: ResourceReport): Promise<boolean> {
    if (!used?.kept || !used.mayBeOld) return false;
    const found = await this.refresh(String(source)).catch(() => undefined);
    return found?.sha256 !== undefined && found.sha256 !== used.sha256;
  }

  run(inputs: readonly TensorData[], { signal }: HostCallbacks = {}): Promise<TensorData[]> {
    return this.enqueue(signal, async () => {
      const engine = this.loaded();
      await engine.fit(
        inputs.map(({ sizes }) => sizes),
        signal,
      );
      return engine.run(inputs);
    });
  }

  task(
    name: string,
    image: WireImage,
    options: TaskOptions,
    { signal }: HostCallbacks = {},
  ): Promise<TaskResult> {
    return this.enqueue(signal, () => this.perform(name, image, options, signal));
  }

  private async perform(
    name: string,
    image: WireImage,
    { numbers, ...options }: TaskOptions,
    signal: AbortSignal | undefined,
  ): Promise<TaskResult> {
    const engine = this.loaded();
    const clock = stopwatch();
    const picture = await decodeImage(engine, image, options, signal);
    const decode = clock();
    try {
      await engine.fitPicture(picture, options.inputSize, signal);
      engine.setImage(picture, options);
    } finally {
      engine.freeImage(picture);
    }
    const prepare = clock();
    engine.execute();
    const run = clock();
    const outputs = resultOf(engine, name, picture, numbers);
    return { outputs, timings: { decode, prepare, run, task: clock() } };
  }

  async frames(
    request: FramesRequest,
    { signal }: HostCallbacks = {},
  ): Promise<FrameResult | undefined> {
    if ('next' in request) return this.nextFrame(request, signal);
    const id = 'open' in request ? request.open : request.close;
    this.streams.get(id)?.close();
    this.streams.delete(id);
    if ('open' in request) this.streams.set(id, new FrameStream(request.source));
    return undefined;
  }

  private async nextFrame(
    { next, name, options }: Extract<FramesRequest, { next: number }>,
    signal: AbortSignal | undefined,
  ): Promise<FrameResult | undefined> {
    const stream = this.streams.get(next);
    // Another call may have its turn first, and a stream may end meanwhile.
    while (await stream?.ready(signal)) {
      const found = await this.enqueue(signal, () => this.runFrame(stream!, name, options, signal));
      if (found) return found;
    }
    return undefined;
  }

  private async runFrame(
    stream: FrameStream,
    name: string,
    options: TaskOptions,
    signal: AbortSignal | undefined,
  ): Promise<FrameResult | undefined> {
    const taken = stream.take();
    if (!taken) return undefined;
    const { frame, seen, shownAt } = taken;
    const takenAt = performance.timeOrigin + performance.now();
    const [mediaTime, width, height] = [
      frame.timestamp / 1e6,
      frame.displayWidth,
      frame.displayHeight,
    ];
    const result = await this.perform(
      name,
      { kind: 'bitmap', bitmap: frame },
      options,
      signal,
    ).finally(() => frame.close());
    return { ...result, mediaTime, width, height, seen, shownAt, takenAt };
  }

  /** Beside the queue: it needs no engine. */
  async refresh(url: string): ReturnType<ModelHost['refresh']> {
    const config = resourceConfiguration();
    const address = parseAddress(url, config);
    const stored = await refresh(address, config);
    return stored && { ...stored, key: address.key };
  }

  profile(): Promise<OperatorTime[]> {
    return this.enqueue(undefined, () => this.loaded().profile());
  }

  dump(): Promise<string> {
    return this.enqueue(undefined, () => this.loaded().dump());
  }

  memory(): Promise<MemoryUse> {
    return this.enqueue(undefined, () => ({ heapBytes: this.engine?.heapBytes ?? 0 }));
  }

  async close(): Promise<void> {
    this.closedAt ??= performance.now();
    for (const stream of this.streams.values()) stream.close();
    await this.queue;
    this.engine?.unload();
    this.engine = undefined;
  }

  private async start(): Promise<Engine> {
    if (!this.engine) {
      const { raw, compiled } = await instantiate(this.location);
      this.onCompiled(compiled);
      this.engine = new Engine(raw);
    }
    return this.engine;
  }

  private loaded(): Engine {
    if (!this.engine) throw notLoaded();
    return this.engine;
  }

  /** One call at a time, in order; a failed one does not stop the next. */
  private enqueue<T>(signal: AbortSignal | undefined, work: () => T | Promise<T>): Promise<T> {
    if (this.closedAt !== undefined) return Promise.reject(notLoaded());
    const result = this.queue.then(() => {
      throwIfAborted(signal);
      const isLate = this.closedAt !== undefined && performance.now() - this.closedAt > CLOSE_MS;
      if (isLate) throw notLoaded();
      return work();
    });
    this.queue = result.catch(() => undefined);
    return result;
  }
}

/** What a caller said of a model, which may be wrong although the file is right. */
type Said = Pick<EngineLoadOptions, 'method' | 'maxOutputBytes' | 'inputSize'> & {
  hasLabels: boolean;
};

/** Loads and waits for the file's verification; once more where the file turns out to be another one. */
async function loadWhole(
  load: () => Promise<ModelInfo>,
  source: ByteSource,
  said: Said,
): Promise<ModelInfo> {
  for (;;) {
    try {
      const info = await load();
      await source.complete?.();
      return info;
    } catch (error) {
      const isOwn = isSaid(error, said);
      if (await source.restart?.(error, isOwn)) continue;
      // The engine has read all of it: it stays for the load that says the right thing.
      const isLoaded = isOwn && isExecutorchError(error, ErrorCode.InvalidConfig);
      if (isLoaded) await source.complete?.().catch(() => undefined);
      throw error;
    }
  }
}

/** True for an error that comes of what the caller said, as far as its code tells. */
function isSaid(error: unknown, { method, maxOutputBytes, inputSize, hasLabels }: Said): boolean {
  if (!isExecutorchError(error)) return false;
  switch (error.code) {
    case ErrorCode.InvalidArgument:
    case ErrorCode.InvalidUserInput:
      return true;
    case ErrorCode.NotFound:
      return method !== undefined;
    case ErrorCode.OutOfResources:
      return maxOutputBytes !== undefined;
    case ErrorCode.InvalidConfig:
      return hasLabels || inputSize !== undefined;
    default:
      return false;
  }
}

/** What a task makes of the last run; a class map alone at the picture's size is a result of its own. */
function resultOf(
  engine: Engine,
  name: string,
  picture: PictureSize,
  numbers: readonly number[],
): TensorData[] {
  const { model, picture: resized, classMapAlone } = MAP_SIZES;
  const [first, ...classes] = numbers;
  if (name !== 'segment' || first !== classMapAlone) return engine.task(name, picture, numbers);
  const [, ...planes] = engine.task(name, picture, [model, ...classes]);
  return [...engine.task(name, picture, [resized]), ...planes];
}

/** Milliseconds since the previous call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const elapsed = now - last;
    last = now;
    return elapsed;
  };
}

/** The source, with the time that reading it takes. */
function timed(source: ByteSource) {
  let [lastRead, waitTime] = [performance.now(), 0];
  return {
    get lastRead() {
      return lastRead;
    },
    get waitTime() {
      return waitTime;
    },
    get size() {
      return source.size;
    },
    get dataSize() {
      return source.dataSize;
    },
    get report() {
      return source.report;
    },
    async read(offset: number, length: number) {
      const start = performance.now();
      const bytes = await source.read(offset, length);
      lastRead = performance.now();
      waitTime += lastRead - start;
      return bytes;
    },
    complete: async () => source.complete?.(),
    restart: async (error: unknown, isSaid?: boolean) =>
      (await source.restart?.(error, isSaid)) ?? false,
    close: () => source.close(),
  };
}
