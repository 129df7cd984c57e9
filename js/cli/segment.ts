import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DeeplabLabel } from '../constants/index.js';
import { ImageSegmentationModule } from '../modules/ImageSegmentationModule.js';
import { parse } from './options.js';
import {
  PICTURE_OPTIONS,
  eachPicture,
  finish,
  pictureArguments,
  progress,
  shown,
} from './pictures.js';
import { greyPng } from './png.js';

interface Share {
  label: string;
  share: number;
}

export async function segmentCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    labels: { type: 'string' },
    ...PICTURE_OPTIONS,
    resize: { type: 'boolean', default: false },
    output: { type: 'string' },
  });
  const { model, images } = await pictureArguments(positionals, values);
  const { json, output, resize } = values;
  const module = new ImageSegmentationModule();
  await module.load(model, progress(json));
  const results = await eachPicture(images, json, async (image) => {
    const maps = await module.forward(image, [], resize);
    const map = maps.ARGMAX ?? maps[DeeplabLabel.ARGMAX]!;
    const { width, height } = module.mapSize!;
    const classes = shares(
      map,
      (index) => model.labels?.[index] ?? DeeplabLabel[index] ?? `${index}`,
    );
    const mask = output === undefined ? undefined : join(output, `${basename(image)}.mask.png`);
    if (mask !== undefined) {
      await mkdir(output!, { recursive: true });
      await writeFile(mask, greyPng(map, width, height));
    }
    if (!json) print(image, classes, `${width} x ${height}`);
    return { width, height, classes, mask, milliseconds: module.timings };
  });
  module.delete();
  return finish(results, json);
}

/** Share of the pixels of each class that occurs, largest first. */
function shares(map: Int32Array, labelOf: (index: number) => string): Share[] {
  const counts = new Map<number, number>();
  for (const index of map) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts]
    .map(([index, count]) => ({ label: labelOf(index), share: count / map.length }))
    .sort((a, b) => b.share - a.share);
}

function print(image: string, classes: readonly Share[], size: string): void {
  console.log(`\n${shown(image)}  (${size})`);
  for (const { label, share } of classes) {
    console.log(`  ${(share * 100).toFixed(2).padStart(6)} %  ${label}`);
  }
}
