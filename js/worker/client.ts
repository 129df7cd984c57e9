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
    return this.call('run', [inputs], callbacks);
  }
  task(
    name: string,
    image: WireImage,
    options: TaskOptions,
    callbacks: HostCallbacks = {},
  ): Promise<TaskResult> {
    return this.call('task', [name, image, options], callbacks, bitmapOf(image));
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
    const all = this.buffers.get(buffer) ?? new Uint8Array(0);
    const piece = all.subarray(offset, offset + length);
    const reused = memory && memory.byteLength >= piece.byteLength ? memory : undefined;
    const bytes = new Uint8Array(reused ?? new ArrayBuffer(piece.byteLength), 0, piece.byteLength);
    bytes.set(piece);
    this.post({ type: 'piece', id, bytes }, [bytes.buffer]);
  }
}

function bitmapOf(image: WireImage): Transferable[] {
  return image.kind === 'bitmap' ? [image.bitmap] : [];
}
