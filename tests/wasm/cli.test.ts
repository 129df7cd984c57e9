// The command line end to end: dist/cli.js in a process of its own.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { hasShared } from '../lib/shared.mjs';

jest.setTimeout(120_000);

const MODEL = 'models/builtin/classifier_fp32.pte';
const LABELS = 'models/builtin/classifier_fp32.json';
const SEGMENTER = 'models/builtin/segmenter_fp32.pte';
const NAMED = [SEGMENTER, '--labels', 'models/builtin/segmenter_fp32.json'];
const CAR = 'models/builtin/samples/car-1.jpg';
const SHARED_MODELS = '../shared/models/real';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ew-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

const cli = (...args: string[]) => ended(spawn(process.execPath, ['dist/cli.js', ...args]));
const shell = (command: string) => ended(spawn('sh', ['-c', command]));

function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  return new Promise((done) => {
    child.stdin.end();
    const ended: Ended = { code: null, out: '', err: '' };
    child.stdout.on('data', (text: Buffer) => (ended.out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (ended.err += text.toString()));
    child.on('close', (code) => done({ ...ended, code }));
  });
}

const PHOTOS = 'models/photo/samples';

describe('without MODEL, the photo model of the package', () => {
  test('classify knows a photo', async () => {
    const { code, out } = await cli('classify', `${PHOTOS}/espresso.jpg`, '--top', '1', '--json');
    const [row] = JSON.parse(out) as [{ classes: [{ label: string; score: number }] }];
    expect([code, row.classes[0].label]).toEqual([0, 'espresso']);
    expect(row.classes[0].score).toBeGreaterThan(0.5);
  });

  test('embed gives unit vectors of its last layer but one', async () => {
    const { code, out } = await cli('embed', `${PHOTOS}/cat.jpg`, '--json');
    const [{ embedding }] = JSON.parse(out) as [{ embedding: number[] }];
    expect([code, embedding.length]).toEqual([0, 1280]);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 3);
  });

  test('segment has none: it asks for a MODEL', async () => {
    const ended = await cli('segment', CAR);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(`which MODEL? '${CAR}' is a picture`);
  });

  test('copy-assets --models copies it', async () => {
    const { code, out } = await cli('copy-assets', join(folder, 'assets'), '--models');
    expect(out).toContain("modelSource: '/…/models/efficientnet_lite0_int8.pte'");
    const bytes = readFileSync(join(folder, 'assets/models/efficientnet_lite0_int8.pte'));
    expect([code, bytes]).toEqual([0, readFileSync('models/photo/efficientnet_lite0_int8.pte')]);
    const others = ['isolation-worker.js', 'models', 'wasm', 'worker.js'];
    expect(readdirSync(join(folder, 'assets')).sort()).toEqual(others);
  });
});

describe('usage', () => {
  test.each([
    [['--help'], 0],
    [['help'], 0],
    [[], 2],
  ])('%j shows the commands and ends with %i', async (args, code) => {
    const ended = await cli(...args);
    expect([ended.code, ended.err]).toEqual([code, '']);
    for (const command of ['classify', 'segment', 'embed', 'inspect', 'run']) {
      expect(ended.out).toMatch(new RegExp(`\\n  ${command} \\[?MODEL`));
    }
  });

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await cli('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test.each([
    [['dance'], "unknown command 'dance'"],
    [['classify'], 'which IMAGE?'],
    [['segment'], 'which MODEL?'],
    [['classify', 'package.json'], "which IMAGE? 'package.json' does not end as pictures do"],
    [['classify', 'tests'], "'tests' is a folder: name its pictures, such as tests/*.jpg"],
    [['classify', MODEL], 'which IMAGE?'],
    [['classify', MODEL, CAR, '--top', 'many'], "--top is a positive integer, got 'many'"],
    [['classify', MODEL, CAR, '--mean', '1,2'], "--mean is three numbers R,G,B, got '1,2'"],
    [['classify', MODEL, CAR, '--colour'], "unknown option '--colour'\n"],
    [['classify', MODEL, CAR, '--tops', '2'], "unknown option '--tops'; near: --top"],
    [['benchmark', MODEL, '--runs', '-1'], "Option '--runs' argument is ambiguous. Did you forget"],
    [['inspect', MODEL, MODEL], `one MODEL at a time, got '${MODEL}' too`],
  ])('%j is wrong usage', async (args, message) => {
    const ended = await cli(...args);
    expect([ended.code, ended.out]).toEqual([2, '']);
    expect(ended.err).toContain(`executorch-web: ${message}`);
    expect(ended.err).toContain('Usage: executorch-web COMMAND');
    expect(ended.err.trim().split('\n')).toHaveLength(4);
  });

  test('COMMAND --help shows that command only', async () => {
    const ended = await cli('segment', '--help');
    expect([ended.code, ended.err]).toEqual([0, '']);
    expect(ended.out).toContain('--legend');
    expect(ended.out).not.toContain('--top');
  });

  test.each([
    [['clasify', MODEL], "unknown command 'clasify'; near: classify"],
    [['constructor'], "unknown command 'constructor'"],
    [['classify', 'EFFICIENTNET_V2_X', CAR], 'near: EFFICIENTNET_V2_S'],
    [['classify', '-', '-'], "only one argument can be '-'"],
  ])('%j names what is meant', async (args, message) => {
    const ended = await cli(...args);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain(message);
  });

  test('a reader that stops reading ends the command in silence', async () => {
    const ended = await new Promise<Ended>((done) => {
      const child = spawn('sh', [
        '-c',
        `"${process.execPath}" dist/cli.js inspect ${MODEL} --dump | head -c 1; exit 0`,
      ]);
      const result: Ended = { code: null, out: '', err: '' };
      child.stdout.on('data', (text: Buffer) => (result.out += text.toString()));
      child.stderr.on('data', (text: Buffer) => (result.err += text.toString()));
      child.on('close', (code) => done({ ...result, code }));
    });
    expect([ended.code, ended.out.length, ended.err]).toEqual([0, 1, '']);
  });

  test('- reads a picture from stdin', async () => {
    const child = spawn(process.execPath, [
      ...['dist/cli.js', 'classify', MODEL, '-', '--labels', LABELS, '--json'],
    ]);
    let out = '';
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stdin.end(readFileSync(CAR));
    await new Promise((done) => child.on('close', done));
    const [car] = JSON.parse(out) as { image: string; classes: { label: string }[] }[];
    expect([car!.image, car!.classes[0]!.label]).toEqual(['-', 'car']);
  });
});

describe('files that somebody else has made', () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  test('export-script replaces none of them unasked, and says where it has written', async () => {
    const target = join(folder, 'exporter');
    const first = await cli('export-script', target);
    expect(first.out).toMatch(`Wrote ${readdirSync(target).length} files to ${target}.`);
    expect((await cli('export-script', target)).code).toBe(0);
    write('exporter/requirements.txt', 'mine');
    const second = await cli('export-script', target);
    expect([second.code, second.out]).toEqual([1, '']);
    expect(second.err).toMatch(/requirements\.txt in .* is there already.*--force.*AccessFailed/);
    expect(read('exporter/requirements.txt')).toBe('mine');
    const third = await cli('export-script', target, '--force');
    expect(third.out).toContain('in place of requirements.txt');
    expect(read('exporter/requirements.txt')).not.toBe('mine');
  });

  test('copy-assets replaces those of an earlier version, and no others', async () => {
    const target = join(folder, 'assets-2');
    await cli('copy-assets', target);
    // As an earlier version may have left it: another file, and a list that tells of it.
    const list = JSON.parse(read('assets-2/wasm/copied.json')) as Record<string, string>;
    const digest = createHash('sha256').update('old').digest('hex');
    write('assets-2/worker.js', 'old');
    write('assets-2/wasm/copied.json', JSON.stringify({ ...list, 'worker.js': digest }));
    expect((await cli('copy-assets', target)).code).toBe(0);
    expect(read('assets-2/worker.js')).not.toBe('old');
    write('assets-2/worker.js', 'mine');
    expect(await cli('copy-assets', target)).toMatchObject({ code: 1, out: '' });
    expect(read('assets-2/worker.js')).toBe('mine');
    rmSync(join(target, 'worker.js'));
    write('precious', 'precious');
    symlinkSync(join(folder, 'precious'), join(target, 'worker.js'));
    expect((await cli('copy-assets', target)).code).toBe(1);
    expect((await cli('copy-assets', target, '--force')).code).toBe(0);
    expect(read('precious')).toBe('precious');
  });

  test('--output is a folder', async () => {
    write('plain.txt', 'x');
    const target = join(folder, 'plain.txt');
    for (const more of [[], ['--force']]) {
      const ended = await cli('segment', ...NAMED, CAR, '--output', target, ...more);
      expect(ended.code).toBe(1);
      expect(ended.err).toContain(`${target}: it is a file; --output is a folder.`);
    }
    for (const command of ['segment', 'run']) {
      const ended = await cli(command, SEGMENTER, CAR, '--output', '');
      expect(ended.code).toBe(2);
    }
    expect((await cli('copy-assets', '')).err).toContain('copy-assets takes one folder');
    expect(read('plain.txt')).toBe('x');
  });

  test('# and ? are parts of paths', async () => {
    for (const name of ['a#1.jpg', 'a#2.jpg']) cpSync(CAR, join(folder, name));
    const pictures = ['a#1.jpg', 'a#2.jpg'].map((name) => join(folder, name));
    const target = join(folder, 'hashes');
    expect((await cli('segment', ...NAMED, ...pictures, '--output', target)).code).toBe(0);
    expect(readdirSync(target)).toEqual(['a#1.jpg.mask.png', 'a#2.jpg.mask.png']);
  });
});

describe('what cannot be read or written to its end', () => {
  const isLinux = process.platform === 'linux';

  (isLinux ? test : test.skip)('/dev/zero as a tensor, as labels, as stdin', async () => {
    const tensor = await cli('run', MODEL, '--input', '/dev/zero');
    expect(tensor.err).toMatch(/\/dev\/zero has more than \d+ bytes.*OutOfResources/);
    const labels = await cli('classify', MODEL, CAR, '--labels', '/dev/zero');
    expect(labels.err).toMatch(/OutOfResources/);
  });

  (isLinux ? test : test.skip)('a full disk is an error with a code', async () => {
    const ended = await shell(`${process.execPath} dist/cli.js --help > /dev/full`);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(
      /^executorch-web: cannot write the output: .*ENOSPC.*FileWriteFailed/,
    );
    expect(ended.err.trim().split('\n')).toHaveLength(1);
  });

  test('a shape without elements is wrong usage', async () => {
    const ended = await cli('run', MODEL, '--input', 'zeros:0,3,32,32');
    expect(ended.code).toBe(2);
    expect(ended.err).toContain('a tensor of shape 0,3,32,32 has no elements');
  });

  test('an empty file of labels has none', async () => {
    writeFileSync(join(folder, 'empty.txt'), '\n');
    const ended = await cli('classify', MODEL, CAR, '--labels', join(folder, 'empty.txt'));
    expect(ended.err).toContain('with 0 labels');
  });
});

describe('classify', () => {
  test('prints the best labels of each picture', async () => {
    const ended = await cli('classify', MODEL, CAR, '--labels', LABELS, '--top', '2');
    expect([ended.code, ended.err]).toEqual([0, '']);
    const lines = ended.out.trim().split('\n');
    expect(lines[0]).toMatch(
      /^Loaded models\/builtin\/classifier_fp32\.pte in \d+ ms \((simd|relaxed)\)$/,
    );
    expect(lines[2]).toMatch(/^models\/builtin\/samples\/car-1\.jpg {2}\(\d+\.\d ms\)$/);
    expect(lines).toHaveLength(5);
    expect(lines[3]).toMatch(/%.*car$/);
  });

  test('a picture that fails does not stop the others; --json', async () => {
    const ended = await cli('classify', MODEL, 'none.jpg', CAR, '--labels', LABELS, '--json');
    expect([ended.code, ended.err]).toEqual([1, '']);
    const [missing, car] = JSON.parse(ended.out) as [
      { image: string; error: { code: number; message: string } },
      { image: string; classes: { label: string; index: number; score: number }[] },
    ];
    expect(missing).toMatchObject({
      image: 'none.jpg',
      error: { code: 114, name: 'FileReadFailed' },
    });
    expect(missing.error.message).toContain('ENOENT');
    expect(car.classes).toHaveLength(5);
    const { labels } = JSON.parse(readFileSync(LABELS, 'utf8')) as { labels: string[] };
    const [best] = car.classes;
    expect(Object.keys(best!)).toEqual(['label', 'index', 'score']);
    expect(best).toMatchObject({ label: 'car', index: labels.indexOf('car') });
    const scores = car.classes.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test.each([
    [['none.pte', CAR], 1, /^executorch-web: .*none\.pte.*\[\w+, \d+\]/],
    [[LABELS, CAR], 1, /^executorch-web: .*\[\w+, \d+\]/],
    [
      [MODEL, CAR],
      1,
      /cannot classify with 1000 labels: its output is f32 \[1, 12\].*\[InvalidConfig, 112\]/,
    ],
    [[MODEL, CAR, '--labels', CAR], 1, /\[InvalidConfig, 112\]/],
    [[MODEL, CAR, '--labels', 'none.txt'], 1, /Cannot read none\.txt: .*\[FileReadFailed, 114\]/],
  ])('%j ends with %i and the code', async (args, code, message) => {
    const ended = await cli('classify', ...args);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(message);
  });
});

describe('inspect', () => {
  test('prints methods, inputs, outputs, operators and sizes', async () => {
    const { code, out } = await cli('inspect', MODEL);
    expect(code).toBe(0);
    for (const line of [
      /^pte file, 1\d\d\.\d kB$/m,
      /^methods +forward \(shown: forward\)$/m,
      /^input 0 +f32 \[1, 3, 64, 64\]$/m,
      /^output 0 +f32 \[1, 12\]$/m,
      /^steps +\d+ \(\d+ XNNPACK segments?\)$/m,
      /^ +7 {2}conv_2d$/m,
      /^ {2}packed weights +\d+\.\d kB$/m,
    ]) {
      expect(out).toMatch(line);
    }
  });

  test('--json and --dump', async () => {
    const { out } = await cli('inspect', MODEL, '--json');
    expect(JSON.parse(out)).toMatchObject({
      format: 'pte',
      fileBytes: 125360,
      methods: ['forward'],
    });
    const dump = await cli('inspect', MODEL, '--dump');
    expect([dump.code, dump.out.includes('conv_2d')]).toEqual([0, true]);
  });

  test('a method that is not there', async () => {
    const ended = await cli('inspect', MODEL, '--method', 'backward');
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/backward/);
  });
});

describe('run', () => {
  test('raw tensors in, raw tensors out', async () => {
    const input = join(folder, 'input.bin');
    writeFileSync(input, new Uint8Array(new Float32Array(3 * 64 * 64).fill(1).buffer));
    const fromFile = await cli('run', MODEL, '--input', input, '--json', '--output', folder);
    const ones = await cli('run', MODEL, '--input', 'ones', '--json');
    expect([fromFile.code, ones.code]).toEqual([0, 0]);
    interface Result {
      outputs: { sizes: number[]; data: number[] }[];
    }
    const [a, b] = [JSON.parse(fromFile.out) as Result, JSON.parse(ones.out) as Result];
    expect(a.outputs[0]!.sizes).toEqual([1, 12]);
    expect(a.outputs).toEqual(b.outputs);
    const written = readFileSync(join(folder, 'output-0.bin'));
    expect([...new Float32Array(new Uint8Array(written).buffer)]).toEqual(a.outputs[0]!.data);
  });

  test('--profile prints time per operator', async () => {
    const { code, out } = await cli('run', MODEL, '--input', 'zeros', '--profile');
    expect(code).toBe(0);
    expect(out).toMatch(/^ran in \d+\.\d ms$/m);
    expect(out).toMatch(/^ +\d+\.\d\d ms +\d+ × {2}\S/m);
  });

  test.each([
    [[], /takes 1 input, got 0 --input/],
    [['--input', 'ones:1,3,32,32'], /32/],
    [['--input', 'none.bin'], /Cannot read none\.bin/],
  ])('%j is refused', async (args, message) => {
    const ended = await cli('run', MODEL, ...args);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(message);
  });
});

(hasShared ? describe : describe.skip)('segment and embed', () => {
  const PHOTO = '../shared/data/images/photos/support_segmentation_input_rotation0.jpg';
  const BIRD = '../shared/data/images/photos/coral_owl.jpg';

  test('segment prints shares and writes a mask that others can read', async () => {
    const model = `${SHARED_MODELS}/deeplabv3_mobilenet_v2_pascal_fp32.pte`;
    const ended = await cli('segment', model, PHOTO, '--output', folder, '--json');
    expect([ended.code, ended.err]).toEqual([0, '']);
    const [found] = JSON.parse(ended.out) as [
      { mask: string; classes: { label: string; share: number }[] },
    ];
    expect(found.classes.slice(0, 3).map(({ label }) => label)).toEqual([
      'BACKGROUND',
      'PERSON',
      'HORSE',
    ]);
    const mask = await sharp(found.mask).raw().toBuffer({ resolveWithObject: true });
    expect([mask.info.width, mask.info.height]).toEqual([257, 257]);
    // The colour of class 15 in PASCAL VOC's own masks.
    const { data, info } = mask;
    const people = [...data.keys()].filter(
      (at) =>
        at % info.channels === 0 &&
        data[at] === 192 &&
        data[at + 1] === 128 &&
        data[at + 2] === 128,
    ).length;
    expect(people / 257 / 257).toBeCloseTo(found.classes[1]!.share, 12);
    expect(readdirSync(folder)).toContain('support_segmentation_input_rotation0.jpg.mask.png');
    const again = await cli('segment', model, PHOTO, '--output', folder);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('--force replaces it')]);
    const forced = await cli('segment', model, PHOTO, '--output', folder, '--force', '--legend');
    expect([forced.code, forced.out]).toEqual([0, expect.stringContaining(`wrote ${found.mask}`)]);
    expect(readFileSync(join(folder, 'legend.txt'), 'utf8')).toContain(' 15  #c08080  PERSON');
  });

  test('embed prints cosines', async () => {
    const model = `${SHARED_MODELS}/mobilenet_v2_embedding_fp32.pte`;
    const { code, out } = await cli('embed', model, PHOTO, BIRD);
    const rows = out
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).slice(0, 2).map(Number));
    expect([code, rows.length]).toEqual([0, 2]);
    expect([rows[0]![0], rows[1]![1]]).toEqual([1, 1]);
    expect(rows[0]![1]).toBe(rows[1]![0]);
    expect(rows[0]![1]).toBeLessThan(0.9);
  });
});

(hasShared ? describe : describe.skip)('what strangers name', () => {
  const folderOf = '../shared/faults/models';

  test.each([
    ['inspect', 'escape-delegate'],
    ['inspect', 'escape-method'],
    ['inspect', 'escape-op'],
    ['run', 'escape-method'],
  ])('%s %s prints no control characters', async (command, name) => {
    const { out, err } = await cli(command, `${folderOf}/${name}.pte`);
    // eslint-disable-next-line no-control-regex
    expect(`${out}${err}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(`${out}${err}`).not.toBe('');
  });

  test('outputs of more than 256 MiB are refused, unless more are allowed', async () => {
    const fewer = readFileSync(`${folderOf}/outputs-200x8MiB.pte`);
    // The length of the list of outputs.
    expect(fewer[196]).toBe(200);
    fewer[196] = 127;
    writeFileSync(join(folder, 'outputs-127.pte'), fewer);
    for (const path of [`${folderOf}/outputs-200x8MiB.pte`, join(folder, 'outputs-127.pte')]) {
      const { code, err } = await cli('inspect', path);
      expect(code).toBe(1);
      expect(err).toMatch(
        /outputs of the model take more than 256 MiB; run --max-output MIB allows/,
      );
    }
    fewer[196] = 40;
    writeFileSync(join(folder, 'outputs-40.pte'), fewer);
    const { err } = await cli('run', join(folder, 'outputs-40.pte'), '--max-output', '320');
    expect(err).not.toContain('outputs of the model');
  });
});
