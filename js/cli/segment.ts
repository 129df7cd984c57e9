import { basename } from 'node:path';
import { DeeplabLabel } from '../constants/index.js';
import { ImageSegmentationModule } from '../modules/ImageSegmentationModule.js';
import { UsageError, outputOption, parse } from './options.js';
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import {
  PICTURE_OPTIONS,
  eachPicture,
  finish,
  pictureArguments,
  progress,
  shown,
} from './pictures.js';
import { writeOutput } from './output.js';
import { classColour, palettePng } from './png.js';
import { plain, print } from './text.js';

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
    legend: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
  });
  const output = outputOption(values.output);
  const { model, images } = await pictureArguments(positionals, values);
  const { json, resize, legend, force } = values;
  if (legend && output === undefined) throw new UsageError('--legend needs --output DIR');
  const taken = new Set<string>();
  const module = new ImageSegmentationModule();
  await module.load(model, progress(json));
  const labelOf = (index: number) =>
    model.labels?.[index] ?? (DeeplabLabel[index] as string | undefined) ?? `${index}`;
  const results = await eachPicture(images, json, async (source, image) => {
    const maps = await module.forward(source, [], resize);
    const map = maps.ARGMAX ?? maps[DeeplabLabel.ARGMAX]!;
    const { width, height } = module.mapSize!;
    const classes = shares(map, labelOf);
    const mask =
      output === undefined
        ? undefined
        : await writeOutput(output, maskName(image, taken), maskOf(map, width, height), force);
    if (!json) printShares(image, classes, `${width} x ${height}`, mask);
    return { width, height, classes, mask, milliseconds: module.timings };
  });
  module.delete();
  if (legend) {
    const count = model.labels?.length ?? Object.keys(DeeplabLabel).length / 2;
    const path = await writeOutput(output!, 'legend.txt', legendOf(count, labelOf), force);
    if (!json) print(`Wrote ${path}`);
  }
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

/** Names of files: the picture's own, with a number where two pictures have the same. */
function maskName(image: string, taken: Set<string>): string {
  const isFile = image !== '-' && !/^data:/i.test(image);
  const isAddress = /^[a-z][a-z\d+.-]+:/i.test(image);
  const path = isAddress ? image.replace(/[?#].*$/, '') : image;
  const base = isFile ? basename(path).slice(0, 100) : 'picture';
  let name = `${base}.mask.png`;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}.mask.png`;
  taken.add(name);
  return name;
}

function maskOf(map: ArrayLike<number>, width: number, height: number): Uint8Array {
  for (let i = 0; i < map.length; i++) {
    if (map[i]! > 255) {
      const message = `A mask holds classes 0 to 255; the model found ${map[i]}.`;
      throw new ExecutorchError(ErrorCode.InvalidModelOutput, message);
    }
  }
  return palettePng(map, width, height);
}

/** Lines of number, colour and name. */
function legendOf(count: number, labelOf: (index: number) => string): string {
  const line = (index: number) => {
    const hex = classColour(index).map((value) => value.toString(16).padStart(2, '0'));
    return `${String(index).padStart(3)}  #${hex.join('')}  ${plain(labelOf(index))}\n`;
  };
  return Array.from({ length: Math.min(count, 256) }, (_, index) => line(index)).join('');
}

function printShares(
  image: string,
  classes: readonly Share[],
  size: string,
  mask: string | undefined,
): void {
  print();
  print(`${shown(image)}  (${size})`);
  for (const { label, share } of classes) {
    print(`  ${(share * 100).toFixed(2).padStart(6)} %  ${label}`);
  }
  if (mask !== undefined) print(`  wrote ${mask}`);
}
