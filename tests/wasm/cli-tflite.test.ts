// The commands of the command line that are for .tflite models, or were asked for by their users.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import {
  colourClassifier,
  sizelessConvolution,
  statedClassifier,
} from '../fixtures/tflite/tasks.mjs';

jest.setTimeout(120_000);

let folder = '';
const place = (name: string) => join(folder, name);

function cli(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args], {
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ew-cli-tflite-'));
  writeFileSync(place('colours.tflite'), colourClassifier());
  writeFileSync(place('sizeless.tflite'), sizelessConvolution());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('inspect warns of metadata that cannot be meant, or that is newer', () => {
  const unit = { mean: [127.5, 127.5], std: [0, 0] };
  writeFileSync(place('odd.tflite'), colourClassifier({ unit, minParserVersion: '99.0.0' }));
  const { out } = cli('inspect', place('odd.tflite'));
  expect(out).toContain('normalisation that cannot be: mean [127.5, 127.5], std [0, 0]');
  expect(out).toContain('a reader of version 99.0.0');
  expect(cli('inspect', place('colours.tflite')).out).not.toContain('warning');
});

describe('evaluate', () => {
  /** Writes a picture of one colour to pictures/LABEL/NAME.png. */
  async function picture(set: string, label: string, name: string, rgb: [number, number, number]) {
    mkdirSync(place(`${set}/${label}`), { recursive: true });
    const create = {
      width: 8,
      height: 4,
      channels: 3 as const,
      background: { r: rgb[0], g: rgb[1], b: rgb[2] },
    };
    await sharp({ create })
      .png()
      .toFile(place(`${set}/${label}/${name}.png`));
  }

  test('counts pictures by the place of their label', async () => {
    await picture('good', 'red', 'a', [250, 10, 0]);
    await picture('good', 'Red', 'dark', [90, 10, 0]);
    await picture('good', 'green', 'b', [0, 200, 100]);
    await picture('good', 'blue', 'wrong', [90, 100, 80]);
    writeFileSync(place('good/notes.txt'), 'no picture');
    const text = cli('evaluate', place('colours.tflite'), place('good'));
    expect([text.code, text.err]).toEqual([0, '']);
    expect(text.out).toContain('wrong.png: green, blue is number 3');
    expect(text.out).toContain('4 pictures: top-1 75.00 %, top-5 100.00 %');
    const { out } = cli('evaluate', place('colours.tflite'), place('good'), '--json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ count: 4, failed: 0, top1: 0.75, top5: 1 },
      pictures: [{ rank: 1 }, { rank: 3, label: 'blue', found: 'green' }, { rank: 1 }, { rank: 1 }],
    });
  });

  test('pictures that cannot be judged are told and do not count', async () => {
    await picture('mixed', 'red', 'a', [250, 10, 0]);
    await picture('mixed', 'violet', 'b', [200, 0, 200]);
    writeFileSync(place('mixed/red/broken.png'), 'no picture');
    const { code, out, err } = cli('evaluate', place('colours.tflite'), place('mixed'));
    expect(code).toBe(1);
    expect(out).toContain('1 pictures: top-1 100.00 %, top-5 100.00 %; 2 failed');
    expect(err).toContain("'violet' is no class of this model.");
    expect(err).toContain('broken.png');
  });

  test('a folder without folders', () => {
    mkdirSync(place('empty'));
    const { code, err } = cli('evaluate', place('colours.tflite'), place('empty'));
    expect([code, err]).toEqual([1, expect.stringContaining('one folder per class is expected')]);
  });
});

describe('benchmark', () => {
  test('tells times, memory, operators, threads and variant, as JSON', () => {
    const { code, out } = cli(
      ...['benchmark', place('colours.tflite'), '--runs', '20', '--warm-up', '2'],
      ...['--variant', 'simd', '--threads', '1', '--json'],
    );
    const report = JSON.parse(out) as Record<string, Record<string, number>> & {
      operators: { name: string }[];
    };
    expect(code).toBe(0);
    expect(report).toMatchObject({ format: 'tflite', variant: 'simd', threads: 1 });
    expect(report.load).toBeGreaterThan(0);
    expect(report.firstRun).toBeGreaterThan(0);
    expect(report.warmUp!.runs).toBe(2);
    const { runs, min, median, mean, p95, max, standardDeviation } = report.steady!;
    expect(runs).toBe(20);
    expect([min, median, p95, max]).toEqual([min, median, p95, max].sort((a, b) => a! - b!));
    expect(mean! >= min! && mean! <= max! && standardDeviation! <= max! - min!).toBe(true);
    expect(report.memory!.heapBytes).toBeGreaterThan(1e6);
    expect(report.operators.length).toBeGreaterThan(0);
  });

  test('and as text', () => {
    const { code, out } = cli(
      'benchmark',
      place('colours.tflite'),
      '--runs',
      '3',
      '--variant',
      'simd',
    );
    expect(code).toBe(0);
    for (const word of [
      'load',
      'first run',
      'warm-up',
      'p95',
      'standard deviation',
      'memory',
      'operators of one run',
    ]) {
      expect(out).toContain(word);
    }
  });
});

test('inspect tells labels, normalisation, threshold, calibration and free sizes', () => {
  const files = [
    { name: 'labels.txt', type: 'axisLabels', content: 'red\ngreen\nblue\n' },
    { name: 'scores.txt', type: 'calibration', content: '1,2,3\n1,2,3\n1,2,3\n' },
  ] as const;
  const units = [{ threshold: 0.25 }, { transformation: 1, defaultScore: -1 }];
  writeFileSync(place('stated.tflite'), statedClassifier({ units, files: [...files] }));
  const { out } = cli('inspect', place('stated.tflite'));
  expect(out).toContain('scores calibrated (log)');
  expect(out).toContain('threshold 0.25');
  expect(cli('inspect', place('colours.tflite')).out).toContain('127.5');
  const { inputs } = JSON.parse(cli('inspect', place('sizeless.tflite'), '--json').out) as {
    inputs: { freeDims: number[] }[];
  };
  expect(inputs[0]!.freeDims).toEqual([0, 1, 2]);
  expect(cli('inspect', place('sizeless.tflite')).out).toContain('f32 [any, any, any, 3]');
});

test('run takes a shape where the file leaves sizes free', () => {
  const { code, out, err } = cli(
    'run',
    place('sizeless.tflite'),
    '--input',
    'ones:1,2,3,3',
    '--json',
  );
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({ outputs: [{ sizes: [1, 2, 3, 2] }] });
});
