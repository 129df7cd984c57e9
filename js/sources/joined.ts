/** A model and its data file (`.ptd`) as one source: the data lies behind the model, as the core numbers bytes. */
import type { ResourceSource } from '../base/types.js';
import { openMemory } from './plain.js';
import { weightedProgress } from './progress.js';
import type { ByteSource, OpenOptions, ResourceReport } from './source.js';
import { readWhole } from './whole.js';

type Open = (source: ResourceSource, options: OpenOptions) => Promise<ByteSource>;
type Pair = readonly [model: ByteSource, data: ByteSource];

/** Opens both files at once, with one progress over the bytes of both. */
export async function openJoined(
  open: Open,
  sources: readonly [model: ResourceSource, data: ResourceSource],
  { onProgress = () => undefined, ...options }: OpenOptions,
): Promise<ByteSource> {
  const report = weightedProgress(2, onProgress);
  const opening = sources.map((source, i) =>
    open(source, { ...options, onProgress: (fraction, size) => report(i, fraction, size) }),
  );
  try {
    const joined = new JoinedSource((await Promise.all(opening)) as unknown as Pair);
    await joined.measure();
    return joined;
  } catch (error) {
    for (const one of opening) {
      one.then(
        (source) => source.close(),
        () => undefined,
      );
    }
    throw error;
  }
}

class JoinedSource implements ByteSource {
  /** The files, or all of their bytes where nobody told their size. */
  private parts: Pair;

  constructor(private readonly files: Pair) {
    this.parts = files;
  }

  get size(): number {
    return this.parts[0].size!;
  }

  get dataSize(): number {
    return this.parts[1].size!;
  }

  get report(): ResourceReport | undefined {
    const [model, data] = this.files.map(({ report }) => report);
    return model && data ? both(model, data) : (model ?? data);
  }

  /** Finds out both sizes, which the core must know before it can tell where the data file lies. */
  async measure(): Promise<void> {
    this.parts = (await Promise.all(this.files.map(sized))) as unknown as Pair;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    const [model, data] = this.parts;
    const { size } = this;
    if (offset >= size) return data.read(offset - size, length);
    return model.read(offset, Math.min(length, size - offset));
  }

  async complete(): Promise<void> {
    for (const file of this.files) await file.complete?.();
  }

  async restart(error: unknown, isSaid?: boolean): Promise<boolean> {
    let again = false;
    // Where one of them was a newer file, it is to blame, and the other is as good as before.
    for (const file of this.files) again = ((await file.fallBack?.(error)) ?? false) || again;
    if (!again) {
      for (const file of this.files)
        again = ((await file.restart?.(error, isSaid)) ?? false) || again;
    }
    if (again) await this.measure();
    return again;
  }

  close(): void {
    for (const file of this.files) file.close();
  }
}

/** A download knows its size when its first bytes are there, if its server tells it. */
async function sized(file: ByteSource): Promise<ByteSource> {
  if (file.size === undefined) await file.read(0, 1);
  return file.size === undefined ? openMemory(await readWhole(file), {}) : file;
}

/** What the model's report says, with the work of both. */
function both(model: ResourceReport, data: ResourceReport): ResourceReport {
  return {
    ...model,
    kept: model.kept && data.kept,
    problem: model.problem ?? data.problem,
    refused: model.refused ?? data.refused,
    requests: model.requests + data.requests,
    networkBytes: model.networkBytes + data.networkBytes,
    storedBytes: model.storedBytes + data.storedBytes,
    readTime: model.readTime + data.readTime,
    verifyTime: model.verifyTime + data.verifyTime,
  };
}
