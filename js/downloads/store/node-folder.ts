/** A folder of Node's file system. */
import { nodeModule } from '../../base/platform.js';
import type { Folder } from './files.js';

type Fs = typeof import('node:fs/promises');

/** Opens the folder, and makes it when it is not there; undefined stands for the one in the user's cache. */
export async function openNodeFolder(path?: string): Promise<Folder> {
  const fs = await nodeModule<Fs>('node:fs/promises');
  const directory = path ?? (await defaultDirectory());
  await fs.mkdir(directory, { recursive: true });
  return new NodeFolder(fs, directory);
}

/** `executorch-web/models` in the user's cache folder, by the custom of each system. */
async function defaultDirectory(): Promise<string> {
  const { homedir } = await nodeModule<typeof import('node:os')>('node:os');
  const { join } = await nodeModule<typeof import('node:path')>('node:path');
  const { env, platform } = process;
  const bySystem =
    platform === 'win32'
      ? (env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
      : platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : join(homedir(), '.cache');
  return join(env.XDG_CACHE_HOME || bySystem, 'executorch-web', 'models');
}

class NodeFolder implements Folder {
  private lastTemporary = 0;

  constructor(
    private readonly fs: Fs,
    private readonly directory: string,
  ) {}

  names(): Promise<string[]> {
    return this.fs.readdir(this.directory);
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array | undefined> {
    const handle = await absent(this.fs.open(this.path(name), 'r'));
    if (!handle) return undefined;
    try {
      const bytes = new Uint8Array(length);
      const result = await absent(handle.read(bytes, 0, length, offset));
      return result && bytes.subarray(0, result.bytesRead);
    } finally {
      await handle.close();
    }
  }

  async write(name: string, offset: number, bytes: Uint8Array): Promise<void> {
    const handle =
      (await absent(this.fs.open(this.path(name), this.keeping()))) ?? (await this.make(name));
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(
          bytes,
          done,
          bytes.length - done,
          offset + done,
        );
        done += bytesWritten;
      }
    } finally {
      await handle.close();
    }
  }

  readText(name: string): Promise<string | undefined> {
    return absent(this.fs.readFile(this.path(name), 'utf8'));
  }

  async writeText(name: string, text: string): Promise<void> {
    const temporary = this.path(`${name}.${process.pid}-${++this.lastTemporary}.tmp`);
    try {
      await this.fs.writeFile(temporary, text);
      await this.fs.rename(temporary, this.path(name)).catch(async (error: unknown) => {
        if (!isNoFile(error)) throw error;
        await this.remove(name);
        await this.fs.rename(temporary, this.path(name));
      });
    } catch (error) {
      await this.fs.rm(temporary, { force: true });
      throw error;
    }
  }

  remove(name: string): Promise<void> {
    return this.fs.rm(this.path(name), { force: true, recursive: true });
  }

  async age(name: string): Promise<number | undefined> {
    const stat = await absent(this.fs.stat(this.path(name)));
    return stat && Date.now() - stat.mtimeMs;
  }

  /** Opens for writing and keeps what is there, but for a link: what that leads to is somebody else's. */
  private keeping(): number {
    const { O_RDWR, O_NOFOLLOW = 0 } = this.fs.constants;
    return O_RDWR | O_NOFOLLOW;
  }

  /** A new file; a folder or a link that is in its place goes. */
  private async make(name: string) {
    await this.remove(name);
    return this.fs.open(this.path(name), 'w');
  }

  private path(name: string): string {
    return `${this.directory}/${name}`;
  }
}

/** The result, or undefined when the file is not there, or a folder is in its place. */
async function absent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || isNoFile(error)) return undefined;
    throw error;
  }
}

/** A folder or a link in a file's place. */
function isNoFile(error: unknown): boolean {
  return ['EISDIR', 'ENOTEMPTY', 'EEXIST', 'ELOOP'].includes(codeOf(error) as string);
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
