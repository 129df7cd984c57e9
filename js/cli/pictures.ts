/** What the commands on pictures share. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeName, toExecutorchError } from '../base/errors.js';
import type { PictureModel } from '../constants/model-types.js';
import type { ImageSource } from '../images/types.js';
import { UsageError, modelOf, readLabels, readStdin, tripleOption } from './options.js';
import { complain, print, printJson } from './text.js';

/** Options of every command that takes MODEL IMAGE…. */
export const PICTURE_OPTIONS = {
  data: { type: 'string' },
  mean: { type: 'string' },
  std: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

interface PictureValues {
  data?: string | undefined;
  labels?: string | undefined;
  mean?: string | undefined;
  std?: string | undefined;
}

/** A result per picture, or why there is none. */
export type Outcome<T> = { image: string } & (
  T | { error: { code: number; name: string; message: string } }
);

const PICTURE_NAME = /^data:image\/|\.(jpe?g|png|gif|bmp|webp|avif|heic|tiff?)$/i;

/** MODEL and the pictures; without MODEL, that is when pictures come first, the photo model of this package. */
function splitModel(names: string[], fallback: string | undefined): string[] {
  const [first] = names;
  const isAlone = first === '-' && names.length === 1;
  const startsWithPicture = first !== undefined && (isAlone || PICTURE_NAME.test(first));
  return fallback !== undefined && startsWithPicture ? [fallback, ...names] : names;
}

/** What one argument alone was taken for. @throws UsageError when it cannot be what is wanted. */
async function explainOne(name: string, fallback: string | undefined): Promise<void> {
  const isPicture = PICTURE_NAME.test(name);
  if (fallback === undefined && isPicture) {
    throw new UsageError(`which MODEL? '${shown(name)}' is a picture`);
  }
  if (isPicture || name === '-') return;
  if (await isFolder(name)) {
    throw new UsageError(
      `'${name}' is a folder: name its pictures, such as ${join(name, '*.jpg')}`,
    );
  }
  const isModel = fallback === undefined || /\.(pte|tflite)$|^[A-Z][A-Z\d_]+$/.test(name);
  const advice = ` '${shown(name)}' does not end as pictures do (.jpg, .png …) and was taken for the MODEL`;
  throw new UsageError(`which IMAGE?${isModel ? '' : advice}`);
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * The model with labels and normalisation of the command line, and the pictures. `fallback` is the constant of the
 * model for command lines that start with a picture.
 *
 * @throws UsageError, ExecutorchError FileReadFailed and InvalidConfig (labels).
 */
export async function pictureArguments(
  names: string[],
  values: PictureValues,
  fallback?: string,
): Promise<{
  name: string;
  model: PictureModel & { labels?: readonly string[] };
  images: string[];
}> {
  if (names.length === 1) await explainOne(names[0]!, fallback);
  if (names.length === 0 && fallback !== undefined) throw new UsageError('which IMAGE?');
  const [name, ...images] = splitModel(names, fallback) as [string?, ...string[]];
  if ([name, ...images].filter((argument) => argument === '-').length > 1) {
    throw new UsageError("only one argument can be '-' (stdin)");
  }
  const model = await modelOf(name, values.data);
  if (images.length === 0) throw new UsageError('which IMAGE?');
  const normMean = tripleOption('mean', values.mean);
  const normStd = tripleOption('std', values.std);
  const preprocessor = normMean || normStd ? { normMean, normStd } : model.preprocessor;
  const labels = values.labels === undefined ? undefined : await readLabels(values.labels);
  return { name: name!, images, model: { ...model, preprocessor, ...(labels ? { labels } : {}) } };
}

/** Runs `work` for each picture; one that cannot be read does not stop the others. */
export async function eachPicture<T extends object>(
  images: readonly string[],
  json: boolean,
  work: (source: ImageSource, image: string) => Promise<T>,
): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  for (const image of images) {
    try {
      const source = image === '-' ? await readStdin() : image;
      outcomes.push({ image, ...(await work(source, image)) });
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const { code, message } = toExecutorchError(error);
      if (!json) {
        print();
        complain(shown(image));
        complain(`  ${forCommandLine(message)}`);
      }
      outcomes.push({ image, error: { code, name: errorCodeName(code), message } });
    }
  }
  return outcomes;
}

/** Prints JSON if asked for; the exit code: 1 when a picture failed. */
export function finish(outcomes: readonly Outcome<object>[], json: boolean): number {
  if (json) printJson(outcomes, 2);
  return outcomes.some((outcome) => 'error' in outcome) ? 1 : 0;
}

/** Shows the download on terminals. */
export function progress(json: boolean): ((fraction: number) => void) | undefined {
  if (json || !process.stderr.isTTY) return undefined;
  return (fraction) => {
    const text = `${(fraction * 100).toFixed(0).padStart(3)} %`;
    process.stderr.write(`\r${text}${fraction === 1 ? '\r     \r' : ''}`);
  };
}

/** Advice of the library in terms of the command line. */
export function forCommandLine(message: string): string {
  return message
    .replace(/load\(\{ modelSource, labels \}\)/g, '--labels FILE')
    .replace(', or does not let this page read it (CORS)', '')
    .replace('load({ maxOutputBytes })', 'run --max-output MIB');
}

/** An address that fits a line. */
export function shown(image: string): string {
  return image.length > 80 ? `${image.slice(0, 77)}…` : image;
}
