import { ClassificationModule } from '../modules/ClassificationModule.js';
import type { ClassScore } from '../tasks/class-rules.js';
import { numberOption, parse } from './options.js';
import {
  PICTURE_OPTIONS,
  eachPicture,
  finish,
  pictureArguments,
  progress,
  shown,
} from './pictures.js';
import { print } from './text.js';

export async function classifyCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    top: { type: 'string', default: '5' },
    labels: { type: 'string' },
    ...PICTURE_OPTIONS,
  });
  const { name, model, images } = await pictureArguments(
    positionals,
    values,
    'EFFICIENTNET_LITE0_QUANTIZED',
  );
  const topk = numberOption('top', values.top);
  const { json } = values;
  const module = new ClassificationModule();
  await module.load(model, progress(json));
  const { variant, loadTime } = module.loadReport!;
  if (!json) print(`Loaded ${name} in ${loadTime.toFixed(0)} ms (${variant})`);
  const results = await eachPicture(images, json, async (source, image) => {
    const classes = await module.classify(source, { topk });
    const milliseconds = module.timings;
    if (!json) printClasses(image, classes, milliseconds?.run ?? 0);
    return { classes, milliseconds };
  });
  module.delete();
  return finish(results, json);
}

function printClasses(image: string, classes: readonly ClassScore[], milliseconds: number): void {
  print();
  print(`${shown(image)}  (${milliseconds.toFixed(1)} ms)`);
  for (const { label, score } of classes) {
    const bar = '█'.repeat(Math.round(score * 24)).padEnd(24, '·');
    print(`  ${(score * 100).toFixed(2).padStart(6)} %  ${bar}  ${label}`);
  }
}
