/** Files of this package that commands copy to a folder: what somebody else made or changed there stays. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ErrorCode, ExecutorchError, isExecutorchError } from '../base/errors.js';
import { counted } from './text.js';

/** The folder of this script, in which everything lies that can be copied. */
const OWN = fileURLToPath(new URL('.', import.meta.url));
const MOST_NAMED = 5;

export interface CopyOptions {
  /** Replaces files that are there. */
  force: boolean;
  /** Name of the list of copied files, by which the next copy knows those that nobody has changed; default: none. */
  list?: string;
}

interface Plan {
  name: string;
  bytes: Uint8Array;
  /** Something is there that must go first. */
  isThere: boolean;
}

/**
 * Copies files, by their names relative to `from`, itself relative to this script.
 *
 * @returns A sentence that says what was written where.
 * @throws ExecutorchError AccessFailed, before anything is written, when others' files would be replaced.
 */
export async function copyFiles(
  from: string,
  names: readonly string[],
  folder: string,
  { force, list }: CopyOptions,
): Promise<string> {
  try {
    const known = list === undefined ? {} : await readList(join(folder, list));
    const plans: Plan[] = [];
    const taken: string[] = [];
    for (const name of names) {
      const bytes = await readFile(join(OWN, from, name));
      const found = await stateOf(folder, name);
      const isOurs = found === undefined || found === digest(bytes) || found === known[name];
      if (!isOurs) taken.push(name);
      plans.push({ name, bytes, isThere: found !== undefined });
    }
    if (taken.length > 0 && !force) throw refusal(folder, taken);
    for (const plan of plans) await write(folder, plan);
    if (list !== undefined) await writeList(folder, list, plans);
    const replaced = taken.length > 0 ? `, in place of ${named(taken)}` : '';
    return `Wrote ${counted(plans.length, 'file')} to ${folder}${replaced}.`;
  } catch (cause) {
    if (isExecutorchError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot copy to ${folder}: ${reason}`;
    throw new ExecutorchError(ErrorCode.AccessFailed, message, { cause });
  }
}

/** Names of all files below a folder of this package, but for declarations and source maps. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(join(OWN, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.(d\.ts|map)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(OWN, folder).length + 1))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

/** What is in the place of a file: its digest, 'other' for what is no plain file, undefined when nothing is. */
async function stateOf(folder: string, name: string): Promise<string | undefined> {
  for (let parent = dirname(name); parent !== '.'; parent = dirname(parent)) {
    const found = await lstat(join(folder, parent)).catch(() => undefined);
    if (found && !found.isDirectory()) {
      const message = `Cannot copy to ${folder}: ${parent} is a link or a file, not a folder.`;
      throw new ExecutorchError(ErrorCode.AccessFailed, message);
    }
  }
  const path = join(folder, name);
  const found = await lstat(path).catch(() => undefined);
  if (!found) return undefined;
  return found.isFile() ? digest(await readFile(path)) : 'other';
}

async function write(folder: string, { name, bytes, isThere }: Plan): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  if (isThere) await rm(path);
  // A new file only: no link is followed.
  await writeFile(path, bytes, { flag: 'wx' });
}

function refusal(folder: string, taken: readonly string[]): ExecutorchError {
  const are = taken.length === 1 ? 'is there already, with' : 'are there already, with';
  const message = `${named(taken)} in ${folder} ${are} other contents; --force replaces what is there.`;
  return new ExecutorchError(ErrorCode.AccessFailed, message);
}

function named(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readList(path: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return { ...(value as object) };
  } catch {
    return {};
  }
}

async function writeList(folder: string, list: string, plans: readonly Plan[]): Promise<void> {
  const before = await readList(join(folder, list));
  const now = Object.fromEntries(plans.map(({ name, bytes }) => [name, digest(bytes)]));
  const bytes = new TextEncoder().encode(`${JSON.stringify({ ...before, ...now }, null, 2)}\n`);
  const isThere = (await stateOf(folder, list)) !== undefined;
  await write(folder, { name: list, bytes, isThere });
}
