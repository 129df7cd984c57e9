import { toExecutorchError } from '../errors/index.js';
import { ClassificationModule } from '../modules/ClassificationModule.js';
import { UsageError, modelOf, numberOption, parse, readLabels, tripleOption } from './options.js';

export async function classifyCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    top: { type: 'string', default: '5' },
    labels: { type: 'string' },
    mean: { type: 'string' },
    std: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const [name, ...images] = positionals;
  const model = modelOf(name);
  if (images.length === 0) throw new UsageError('which IMAGE?');
  const topk = numberOption('top', values.top);
  const normMean = tripleOption('mean', values.mean);
  const normStd = tripleOption('std', values.std);
  const labels = values.labels === undefined ? undefined : await readLabels(values.labels);
  const module = new ClassificationModule();
  const preprocessor = normMean || normStd ? { normMean, normStd } : model.preprocessor;
  await module.load({ ...model, labels, preprocessor }, progress(values.json));
  const { variant, loadTime } = module.loadReport!;
  if (!values.json) console.log(`Loaded ${name} in ${loadTime.toFixed(0)} ms (${variant})`);
  const results = [];
  for (const image of images) results.push(await classifyOne(module, image, topk, values.json));
  if (values.json) console.log(JSON.stringify(results, null, 2));
  module.delete();
  return results.some((result) => 'error' in result) ? 1 : 0;
}

/** A picture that cannot be read does not stop the others. */
async function classifyOne(
  module: ClassificationModule,
  image: string,
  topk: number,
  json: boolean,
) {
  try {
    const found = await module.forward(image, { topk });
    const classes = Object.entries(found).map(([label, probability]) => ({ label, probability }));
    const milliseconds = module.timings;
    if (!json) printClasses(image, classes, milliseconds?.run ?? 0);
    return { image, classes, milliseconds };
  } catch (error) {
    const { code, message } = toExecutorchError(error);
    if (!json) console.error(`\n${image}\n  ${message}`);
    return { image, error: { code, message } };
  }
}

function printClasses(
  image: string,
  classes: { label: string; probability: number }[],
  milliseconds: number,
): void {
  const shown = image.length > 80 ? `${image.slice(0, 77)}…` : image;
  console.log(`\n${shown}  (${milliseconds.toFixed(1)} ms)`);
  for (const { label, probability } of classes) {
    const bar = '█'.repeat(Math.round(probability * 24)).padEnd(24, '·');
    console.log(`  ${(probability * 100).toFixed(2).padStart(6)} %  ${bar}  ${label}`);
  }
}

/** Shows the download on terminals. */
function progress(json: boolean): ((fraction: number) => void) | undefined {
  if (json || !process.stderr.isTTY) return undefined;
  return (fraction) => {
    process.stderr.write(
      `\r${(fraction * 100).toFixed(0).padStart(3)} %${fraction === 1 ? '\r     \r' : ''}`,
    );
  };
}
