/** executorch-web evaluate: how often a classifier is right, on a folder of folders of labelled pictures. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrorCode, ExecutorchError, toExecutorchError } from '../base/errors.js';
import { ClassificationModule } from '../modules/ClassificationModule.js';
import { UsageError, parse } from './options.js';
import { PICTURE_OPTIONS, pictureArguments, progress } from './pictures.js';
import { printJson } from './text.js';

const PICTURE = /\.(jpe?g|png|webp|bmp|gif)$/i;

interface Labelled {
  image: string;
  label: string;
}

interface Judged extends Labelled {
  /** Place of the right class among all, from 1; null when the picture failed. */
  rank: number | null;
  found: string | null;
  error?: string;
}

export async function evaluateCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, { labels: { type: 'string' }, ...PICTURE_OPTIONS });
  const [name, folder, ...more] = positionals;
  if (folder === undefined || more.length > 0)
    throw new UsageError('evaluate takes MODEL and FOLDER');
  const pictures = await labelledPictures(folder);
  const { model } = await pictureArguments([name!, folder], values);
  const module = new ClassificationModule();
  await module.load(model, progress(values.json));
  const judged: Judged[] = [];
  for (const picture of pictures) judged.push(await judge(module, picture));
  module.delete();
  const report = summary(judged);
  if (values.json) printJson({ ...report, pictures: judged }, 2);
  else print(report, judged);
  return report.failed > 0 ? 1 : 0;
}

/** Pictures of the folders in `folder`, whose names are labels. */
async function labelledPictures(folder: string): Promise<Labelled[]> {
  const found: Labelled[] = [];
  for (const entry of await list(folder)) {
    if (!entry.isDirectory()) continue;
    for (const file of await list(join(folder, entry.name))) {
      if (!PICTURE.test(file.name)) continue;
      found.push({ image: join(folder, entry.name, file.name), label: entry.name });
    }
  }
  if (found.length > 0) return found.sort((a, b) => (a.image < b.image ? -1 : 1));
  throw new ExecutorchError(
    ErrorCode.FileReadFailed,
    `${folder} has no folders with pictures; one folder per class is expected, named as the class.`,
  );
}

async function list(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExecutorchError(ErrorCode.FileReadFailed, `Cannot read ${folder}: ${reason}`, {
      cause,
    });
  }
}

/** Names of folders are written in many ways: 'Egyptian cat', 'egyptian_cat', 'tabby, tabby cat'. */
const plain = (label: string) =>
  label
    .split(',')[0]!
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');

async function judge(module: ClassificationModule, { image, label }: Labelled): Promise<Judged> {
  try {
    const classes = await module.classify(image);
    const rank = classes.findIndex((one) => plain(one.label) === plain(label)) + 1;
    if (rank === 0)
      throw new ExecutorchError(
        ErrorCode.InvalidUserInput,
        `'${label}' is no class of this model.`,
      );
    return { image, label, rank, found: classes[0]!.label };
  } catch (error) {
    return { image, label, rank: null, found: null, error: toExecutorchError(error).message };
  }
}

function summary(judged: readonly Judged[]) {
  const ranks = judged.flatMap(({ rank }) => (rank === null ? [] : [rank]));
  const share = (most: number) => ranks.filter((rank) => rank <= most).length / (ranks.length || 1);
  return {
    count: ranks.length,
    failed: judged.length - ranks.length,
    top1: share(1),
    top5: share(5),
  };
}

function print(report: ReturnType<typeof summary>, judged: readonly Judged[]): void {
  for (const { image, label, rank, found, error } of judged) {
    if (error !== undefined) console.error(`${image}\n  ${error}`);
    else if (rank !== 1) console.log(`${image}: ${found}, ${label} is number ${rank}`);
  }
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  console.log(
    `${report.count} pictures: top-1 ${percent(report.top1)}, top-5 ${percent(report.top5)}` +
      (report.failed > 0 ? `; ${report.failed} failed` : ''),
  );
}
