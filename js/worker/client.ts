/** A model in a worker, as the page sees it. */
import type { WasmLocation } from '../core/instance.js';
import { asBytes } from '../base/platform.js';
import type { TensorData } from '../core/types.js';
import type { WireImage } from '../images/types.js';
import { postableConfiguration } from '../base/resource-config.js';
import type { ResourceSource } from '../base/types.js';
import type {
  FrameResult,
  FramesRequest,
  HostCallbacks,
  HostLoadOptions,
  LoadedModel,
  MemoryUse,
  ModelHost,
  TaskOptions,
  TaskResult,
} from './host.js';
import { WorkerLink } from './link.js';
import type { FromWorker, RemoteBuffer } from './protocol.js';

/** Compiled binaries by address: the second worker need not compile again. */
const compiled = new Map<string, WebAssembly.Module>();

export class WorkerHost extends WorkerLink implements ModelHost {
  private readonly buffers = new Map<number, Uint8Array>();
  private lastBuffer = 0;

  /** An abort of `signal` gives up waiting for the worker to start. */
  constructor(
    private readonly location: WasmLocation,
    signal?: AbortSignal,
  ) {
    const known = compiled.get(location.wasmUrl);
    const start = { type: 'start', resources: postableConfiguration() } as const;
    super({ ...start, location: known ? { compiled: known, ...location } : location }, signal);
  }

  load(
    source: ResourceSource,
    options: HostLoadOptions,
    callbacks: HostCallbacks = {},
  ): Promise<LoadedModel> {
    this.buffers.clear();
    const { dataSource } = options;
    const data = dataSource === undefined ? {} : { dataSource: this.lend(dataSource) };
    return this.call('load', [this.lend(source), { ...options, ...data }], callbacks);
  }
  run(inputs: readonly TensorData[], callbacks: HostCallbacks = {}): Promise<TensorData[]> {
    const sent = inputs.map((one) => ({ ...one, data: this.copy(new Uint8Array(one.data)) }));
    return this.call(
      'run',
      [sent],
      callbacks,
      sent.map(({ data }) => data),
    );
  }
  task(
    name: string,
    image: WireImage,
    options: TaskOptions,
    callbacks: HostCallbacks = {},
  ): Promise<TaskResult> {
    const [sent, transfer] = this.packed(image);
    return this.call('task', [name, sent, options], callbacks, transfer);
  }
  frames(
    request: FramesRequest,
    callbacks: HostCallbacks = {},
    transfer: Transferable[] = [],
  ): Promise<FrameResult | undefined> {
    return this.call('frames', [request], callbacks, transfer);
  }
  refresh(url: string): ReturnType<ModelHost['refresh']> {
    return this.call('refresh', [url]);
  }
  profile(): ReturnType<ModelHost['profile']> {
    return this.call('profile', []);
  }
  dump(): Promise<string> {
    return this.call('dump', []);
  }
  memory(): Promise<MemoryUse> {
    return this.call('memory', []);
  }

  protected answer(message: FromWorker): void {
    if (message.type === 'compiled') compiled.set(this.location.wasmUrl, message.module);
    if (message.type === 'read') this.sendPiece(message);
  }

  /** Bytes of the caller stay here; the worker asks for pieces. */
  private lend(source: ResourceSource): ResourceSource | RemoteBuffer {
    const bytes = asBytes(source);
    if (!bytes) return source;
    const remoteBuffer = ++this.lastBuffer;
    this.buffers.set(remoteBuffer, bytes);
    return { remoteBuffer, size: bytes.byteLength };
  }

  private sendPiece({ id, buffer, offset, length, memory }: FromWorker & { type: 'read' }): void {
    if (memory) this.spare.push(memory);
    const all = this.buffers.get(buffer) ?? new Uint8Array(0);
    const bytes = new Uint8Array(this.copy(all.subarray(offset, offset + length)));
    this.post({ type: 'piece', id, bytes }, [bytes.buffer]);
  }

  /** What is sent for a picture, and what of it is given away. */
  private packed(image: WireImage): [WireImage, Transferable[]] {
    if (image.kind === 'bitmap') return [image, [image.bitmap]];
    if (image.kind !== 'pixels') return [image, []];
    const data = new Uint8Array(this.copy(image.pixels.data));
    return [{ kind: 'pixels', pixels: { ...image.pixels, data } }, [data.buffer]];
  }

  /** A copy to give away, in memory that the worker has given back where it fits: fresh memory costs more than to copy. */
  private copy(bytes: Uint8Array): ArrayBuffer {
    const { byteLength } = bytes;
    const found = this.spare.findIndex((one) => one.byteLength === byteLength);
    const [memory = new ArrayBuffer(byteLength)] = found < 0 ? [] : this.spare.splice(found, 1);
    new Uint8Array(memory).set(bytes);
    return memory;
  }
}
