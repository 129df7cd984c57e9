/** A folder of the origin private file system, by synchronous access handles: in workers only. */
import type { Folder } from './files.js';

/** What TypeScript's library for pages leaves out, as workers alone have it. */
interface SyncHandle {
  read(bytes: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
  getSize(): number;
}
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };
type Listing = FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };

/** How long to wait for a file that another worker has open; each holds it for one read or write. */
const BUSY_MS = 10_000;

/** @throws where the platform has no OPFS or no synchronous access to it. */
export async function openOpfsFolder(name = 'executorch-web'): Promise<Folder> {
  const folder = new OpfsFolder(name, await openDirectory(name));
  await folder.probe();
  return folder;
}

async function openDirectory(name: string): Promise<Listing> {
  const root = await navigator.storage.getDirectory();
  const open = () => root.getDirectoryHandle(name, { create: true });
  return (await open().catch(async (error: unknown) => {
    if (!isOtherKind(error)) throw error;
    await root.removeEntry(name);
    return open();
  })) as Listing;
}

class OpfsFolder implements Folder {
  constructor(
    private readonly name: string,
    private directory: Listing,
  ) {}

  async probe(): Promise<void> {
    await this.withFile('probe', true, (handle) => handle.getSize());
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (const name of this.directory.keys()) names.push(name);
    } catch (error) {
      ignoreAbsence(error);
    }
    return names;
  }

  read(
    name: string,
    offset: number,
    length: number,
    memory?: ArrayBuffer,
  ): Promise<Uint8Array | undefined> {
    return this.withFile(name, false, (handle) => {
      const fits = memory && memory.byteLength >= length;
      const bytes = new Uint8Array(fits ? memory : new ArrayBuffer(length), 0, length);
      return bytes.subarray(0, handle.read(bytes, { at: offset }));
    });
  }

  async write(name: string, offset: number, bytes: Uint8Array): Promise<void> {
    await this.withFile(name, true, (handle) => writeAll(handle, bytes, offset));
  }

  readText(name: string): Promise<string | undefined> {
    return this.withFile(name, false, (handle) => {
      const bytes = new Uint8Array(handle.getSize());
      handle.read(bytes, { at: 0 });
      return new TextDecoder().decode(bytes);
    });
  }

  async writeText(name: string, text: string): Promise<void> {
    await this.withFile(name, true, (handle) => {
      // Emptied first: text that was cut by a crash is no JSON, and counts as absent.
      handle.truncate(0);
      writeAll(handle, new TextEncoder().encode(text), 0);
    });
  }

  async remove(name: string): Promise<void> {
    const remove = () => this.directory.removeEntry(name, { recursive: true });
    await patiently(remove).catch(ignoreAbsence);
  }

  async age(name: string): Promise<number | undefined> {
    const file = await this.directory.getFileHandle(name).catch(ignoreAbsence);
    const content = await file?.getFile().catch(ignoreAbsence);
    return content && Date.now() - content.lastModified;
  }

  private async withFile<T>(
    name: string,
    create: boolean,
    work: (handle: SyncHandle) => T,
  ): Promise<T | undefined> {
    const handle = create
      ? await this.make(name)
      : await this.open(name, false).catch(ignoreAbsence);
    if (!handle) return undefined;
    try {
      return work(handle);
    } finally {
      handle.close();
    }
  }

  private async open(name: string, create: boolean): Promise<SyncHandle> {
    const file = await this.directory.getFileHandle(name, { create });
    return patiently(() => (file as SyncFile).createSyncAccessHandle());
  }

  /** Opens a file for writing, whatever is in its place, and though the origin's storage was cleared. */
  private async make(name: string): Promise<SyncHandle> {
    try {
      return await this.open(name, true);
    } catch (error) {
      if (isOtherKind(error)) await this.remove(name);
      else if (isAbsence(error)) this.directory = await openDirectory(this.name);
      else throw error;
      return this.open(name, true);
    }
  }
}

function writeAll(handle: SyncHandle, bytes: Uint8Array, offset: number): void {
  const written = handle.write(bytes, { at: offset });
  if (written !== bytes.byteLength) {
    throw new DOMException('The file system took a part only.', 'QuotaExceededError');
  }
  handle.flush();
}

/** Tries again while another worker has the file open. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** WebKit has a name of its own for it. */
function isBusy(error: unknown): boolean {
  return /^(NoModificationAllowed|InvalidState)Error$/.test((error as Error)?.name);
}

/** Also where a folder is in the place of the file. */
function ignoreAbsence(error: unknown): undefined {
  if (isAbsence(error) || isOtherKind(error)) return undefined;
  throw error;
}

function isAbsence(error: unknown): boolean {
  return (error as Error)?.name === 'NotFoundError';
}

function isOtherKind(error: unknown): boolean {
  return (error as Error)?.name === 'TypeMismatchError';
}
