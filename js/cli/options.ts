/** Arguments of the command line. */
import { createReadStream, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import * as constants from '../constants/index.js';
import { ErrorCode, ExecutorchError, isExecutorchError } from '../base/errors.js';
import type { PictureModel } from '../constants/model-types.js';
import { counted, nearNames } from '../base/option-words.js';

/** Name → model, of the constants that are models. */
const MODELS = new Map(
  Object.entries<unknown>(constants).filter(
    (entry): entry is [string, PictureModel] =>
      typeof entry[1] === 'object' && entry[1] !== null && 'modelSource' in entry[1],
  ),
);

/** The command was written wrongly. */
export class UsageError extends Error {}

interface OptionSpec {
  type: 'string' | 'boolean';
  multiple?: boolean;
  default?: string | boolean | string[];
}

type OptionValue<S extends OptionSpec> = S['type'] extends 'boolean'
  ? boolean
  : S['multiple'] extends true
    ? string[]
    : string;

/** Values by name; an option without a default may be absent. */
type OptionValues<T extends Record<string, OptionSpec>> = {
  [K in keyof T]: OptionValue<T[K]> | (T[K] extends { default: unknown } ? never : undefined);
};

/** Written out, because the type that Node's declarations infer cannot be named in ours. */
export interface Arguments<T extends Record<string, OptionSpec>> {
  values: OptionValues<T>;
  positionals: string[];
}

/** @throws UsageError for options that are unknown or lack their value. */
export function parse<const T extends Record<string, OptionSpec>>(
  args: string[],
  options: T,
): Arguments<T> {
  try {
    const config: ParseArgsConfig = { args, options, allowPositionals: true };
    return parseArgs(config) as unknown as Arguments<T>;
  } catch (error) {
    const [, unknown] = /^Unknown option '(--?[^']*)'/.exec((error as Error).message ?? '') ?? [];
    if (unknown !== undefined)
      throw unknownName(`unknown option '${unknown}'`, unknown, optionNames(options));
    // Node puts its advice on lines of their own.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.replace(/\s*\n\s*/g, ' '));
  }
}

const optionNames = (options: object) => Object.keys(options).map((name) => `--${name}`);

/** A name that does not exist, and those that are like it. */
export function unknownName(problem: string, name: string, names: readonly string[]): UsageError {
  const near = nearNames(name, [...names]);
  return new UsageError(near.length > 0 ? `${problem}; near: ${near.join(', ')}` : problem);
}

/**
 * The folder that a command takes as its only argument.
 *
 * @throws UsageError
 */
export function folderOf(command: string, positionals: readonly string[]): string {
  const [folder, ...rest] = positionals;
  if (folder !== undefined && folder !== '' && rest.length === 0) return folder;
  throw new UsageError(`${command} takes one folder`);
}

/** @throws UsageError for an `--output` without a name. */
export function outputOption(folder: string | undefined): string | undefined {
  if (folder !== '') return folder;
  throw new UsageError('--output is a folder; its name is empty');
}

/** Bytes of one argument: more than any model, and an end to what has none (`/dev/zero`). */
const MOST_BYTES = 2 ** 31 - 1;

let isStdinTaken = false;

/**
 * All of stdin, for the one argument that is `-`.
 *
 * @throws UsageError for a second one, ExecutorchError OutOfResources.
 */
export async function readStdin(most = MOST_BYTES): Promise<Uint8Array> {
  if (isStdinTaken) throw new UsageError("only one argument can be '-' (stdin)");
  isStdinTaken = true;
  return readAtMost(process.stdin, 'stdin', most);
}

async function readAtMost(
  stream: AsyncIterable<unknown>,
  name: string,
  most: number,
): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part as Buffer);
    size += (part as Buffer).byteLength;
    if (size > most) {
      const message = `${name} has more than ${counted(most, 'byte')}, which is more than can be used here.`;
      throw new ExecutorchError(ErrorCode.OutOfResources, message);
    }
  }
  return new Uint8Array(Buffer.concat(parts, size));
}

/**
 * A model constant by name, stdin for `-`, or a model by path or address; `data` is that of its data file.
 *
 * @throws UsageError, also for what looks like a constant, is none, and is no file.
 */
export async function modelOf(name: string | undefined, data?: string): Promise<PictureModel> {
  if (name === undefined) throw new UsageError('which MODEL?');
  if (data !== undefined) return { ...(await modelOf(name)), dataSource: data };
  if (name === '-') return { modelSource: await readStdin() };
  const known = MODELS.get(name);
  if (known) return fromPackage(known);
  if (/^[A-Z][A-Z\d_]+$/.test(name) && !existsSync(name)) throw unknownConstant(name);
  return { modelSource: name };
}

/** A model that this package carries comes from its own folder: that needs no network. */
function fromPackage(model: PictureModel): PictureModel {
  const file = /\/executorch-web@[^/]+\/dist\/(models\/[^/]+)$/.exec(
    String(model.modelSource),
  )?.[1];
  if (file === undefined) return model;
  return { ...model, modelSource: fileURLToPath(new URL(file, import.meta.url)) };
}

function unknownConstant(name: string): UsageError {
  const problem = `'${name}' is neither a model constant nor a file`;
  return unknownName(problem, name, [...MODELS.keys()]);
}

/**
 * All bytes of a file, a pipe or `-`.
 *
 * @throws ExecutorchError FileReadFailed; OutOfResources for more than `most` bytes.
 */
export async function readBytes(path: string, most = MOST_BYTES): Promise<Uint8Array> {
  try {
    return path === '-'
      ? await readStdin(most)
      : await readAtMost(createReadStream(path), path, most);
  } catch (cause) {
    if (isExecutorchError(cause) || cause instanceof UsageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExecutorchError(ErrorCode.FileReadFailed, `Cannot read ${path}: ${reason}`, {
      cause,
    });
  }
}

const MOST_LABEL_BYTES = 1 << 26;

/** Labels from a JSON array or from lines. */
export async function readLabels(path: string): Promise<string[]> {
  const text = new TextDecoder().decode(await readBytes(path, MOST_LABEL_BYTES)).trim();
  if (text === '') return [];
  if (!text.startsWith('[') && !text.startsWith('{')) return text.split(/\r?\n/);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ExecutorchError(ErrorCode.InvalidConfig, `${path} is not JSON.`, { cause });
  }
  const list = Array.isArray(value) ? value : (value as { labels?: unknown }).labels;
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new ExecutorchError(ErrorCode.InvalidConfig, `${path} is not a JSON array of labels.`);
}

export function numberOption(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`--${name} is a positive integer, got '${text}'`);
}

export function tripleOption(name: string, text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const values = text.split(',').map(Number);
  if (values.length === 3 && values.every(Number.isFinite)) return values;
  throw new UsageError(`--${name} is three numbers R,G,B, got '${text}'`);
}
