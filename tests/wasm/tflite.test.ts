// Tasks on .tflite models as they are: layout, 8-bit pictures and outputs, labels, normalisation, probabilities.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  colourClassifier,
  colourSegmenter,
  hugeInput,
  quantisedClassifier,
  sizelessConvolution,
  sizelessWindow,
  statedClassifier,
  type StatedFile,
  type Window,
} from '../fixtures/tflite/tasks.mjs';
import { api, useVariant } from '../lib/product.mjs';
import { SHARED, hasShared } from '../lib/shared.mjs';

jest.setTimeout(120_000);
const withShared = hasShared ? describe : describe.skip;

const COLOURS = { r: [255, 0, 0], g: [0, 255, 0], b: [0, 0, 255] };

/** A picture of 4 x 2 pixels from letters of COLOURS. */
function picture(letters: string) {
  const data = Uint8Array.from([...letters].flatMap((c) => COLOURS[c as keyof typeof COLOURS]));
  return { data, width: 4, height: 2, channels: 3 as const };
}

beforeAll(() => useVariant('simd'));

describe('classification', () => {
  const [e, f] = [Math.exp(1), Math.exp(-1)];

  test('labels and normalisation come from the metadata; a softmax is not taken twice', async () => {
    const module = new api.ClassificationModule();
    await module.load({ modelSource: colourClassifier() });
    const scores = await module.forward(picture('rrrrrrrr'));
    expect(Object.keys(scores)).toEqual(['red', 'green', 'blue']);
    expect(scores.red).toBeCloseTo(e / (e + 2 * f), 6);
    expect(scores.blue).toBeCloseTo(f / (e + 2 * f), 6);
    expect(
      module.info!.metadata!.outputs![0]!.files!.map(({ locale, lines }) => [locale, lines]),
    ).toEqual([
      [undefined, ['red', 'green', 'blue']],
      ['de', ['rot', 'grün', 'blau']],
    ]);
    module.delete();
  });

  test.each([
    ['two numbers for three colours', [127.5, 127.5], [127.5, 127.5], '[127.5, 127.5]'],
    ['one mean, three deviations', [127.5], [1, 1, 1], 'std [1, 1, 1]'],
    ['a deviation of 0', [127.5], [0], 'std [0]'],
    ['no number', [NaN], [1], 'mean [null]'],
    ['infinity', [0, 0, 0], [1, Infinity, 1], 'std [1, null, 1]'],
  ])(
    'a normalisation of %s is refused, and not read when one is given',
    async (_, mean, std, part) => {
      const module = new api.ClassificationModule();
      const modelSource = colourClassifier({ unit: { mean, std } });
      await expect(module.load({ modelSource })).rejects.toMatchObject({
        code: api.ErrorCode.InvalidConfig,
        message: expect.stringContaining(part),
      });
      const half = [0.5, 0.5, 0.5] as const;
      await module.load({ modelSource, preprocessor: { normMean: half, normStd: half } });
      expect((await module.forward(picture('rrrrrrrr'))).red).toBeCloseTo(e / (e + 2 * f), 6);
      module.delete();
    },
  );

  test('labels that are missing: the error says what became of the file that has them', async () => {
    const files = [{ name: 'labels.txt', type: 'axisLabels' } as const];
    const load = new api.ClassificationModule().load({ modelSource: statedClassifier({ files }) });
    await expect(load).rejects.toMatchObject({
      message: expect.stringContaining('the model names a file that it does not hold: labels.txt'),
    });
    const damaged = colourClassifier();
    damaged[Buffer.from(damaged).lastIndexOf('green')] = 'q'.charCodeAt(0);
    await expect(
      new api.ClassificationModule().load({ modelSource: damaged }),
    ).rejects.toMatchObject({ message: expect.stringContaining('a file in it is damaged') });
  });

  describe('labels in a compressed archive', () => {
    const content = 'red\ngreen\nblue\n';
    const packed = new Uint8Array(deflateRawSync(content));
    const deflated = { content, method: 8, packed };
    const model = (how: Partial<StatedFile>) =>
      statedClassifier({
        files: [{ name: 'labels.txt', type: 'axisLabels', ...deflated, ...how }],
      });

    test('deflated ones are read', async () => {
      const module = new api.ClassificationModule();
      await module.load({ modelSource: model({}) });
      expect(Object.keys(await module.forward(picture('rrrrrrrr')))).toEqual([
        'red',
        'green',
        'blue',
      ]);
      module.delete();
    });

    test.each([
      ['cut', { packed: packed.slice(0, -3) }, 'a file in it is damaged'],
      ['altered', { packed: packed.map((byte, i) => (i === 9 ? byte ^ 4 : byte)) }, 'damaged'],
      ['larger than stated', { size: content.length - 1 }, 'a file in it is damaged'],
      ['smaller than stated', { size: content.length + 1 }, 'a file in it is damaged'],
      ['too large', { size: 2 ** 30 }, 'its files are too large'],
      ['by another method', { method: 12 }, 'a method other than deflate'],
    ])('%s: the error that asks for labels says so', async (_how, how, message) => {
      const load = new api.ClassificationModule().load({ modelSource: model(how) });
      await expect(load).rejects.toMatchObject({ message: expect.stringContaining(message) });
    });
  });

  test.each(['u8', 'i8'] as const)('pictures and scores of 8 bits: %s', async (type) => {
    const module = new api.ClassificationModule();
    await module.load({ modelSource: quantisedClassifier(type), labels: ['red', 'green', 'blue'] });
    const scores = await module.forward(picture('rrrrrrgg'));
    expect(scores.red).toBeCloseTo(191 / 255, 5);
    expect(scores.green).toBeCloseTo(64 / 255, 5);
    expect(scores.blue).toBe(0);
    module.delete();
  });
});

describe("what the Task Library makes of a classifier's metadata", () => {
  const labels = { name: 'labels.txt', type: 'axisLabels', content: 'red\ngreen\nblue\n' } as const;
  const german = {
    name: 'de.txt',
    type: 'axisLabels',
    locale: 'de',
    content: 'rot\ngrün\nblau',
  } as const;
  const parameters = (content?: string) =>
    ({
      name: 'scores.txt',
      type: 'calibration',
      ...(content !== undefined && { content }),
    }) as const;
  /* Six of eight pixels are red, two green. */
  const SCORES = [0.75, 0.25, 0];
  const classify = async (output: Parameters<typeof statedClassifier>[0], options = {}) => {
    const module = new api.ClassificationModule();
    await module.load({ modelSource: statedClassifier(output) });
    try {
      return await module.classify(picture('rrrrrrgg'), options);
    } finally {
      module.delete();
    }
  };
  const scoresOf = async (output: Parameters<typeof statedClassifier>[0]) => {
    const classes = await classify(output);
    return [...classes].sort((a, b) => a.index - b.index).map(({ score }) => score);
  };

  const log = (x: number) => (x < 1e-16 ? 2 * Math.log(1e-16) - Math.log(2e-16 - x) : Math.log(x));
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  test.each([
    ['identity', 0, (x: number) => x],
    ['log', 1, log],
    ['inverse logistic', 2, (x: number) => log(x) - log(1 - x)],
  ] as const)('score calibration: %s', async (_name, transformation, f) => {
    const files = [labels, parameters('1,2,-0.5\n0.8,-3,1\n0.9,0.05,0.25')];
    const found = await scoresOf({ units: [{ transformation, defaultScore: -1 }], files });
    const [red, green, blue] = SCORES.map(f) as [number, number, number];
    expect(found[0]).toBeCloseTo(sigmoid(2 * red - 0.5), 6);
    expect(found[1]).toBeCloseTo(0.8 * sigmoid(-3 * green + 1), 6);
    expect(found[2]).toBeCloseTo(0.9 * sigmoid(0.05 * blue + 0.25), 6);
  });

  test('classes without parameters, and scores below their least, get the default score', async () => {
    const units = [{ transformation: 0, defaultScore: -1 }];
    expect(
      await scoresOf({ units, files: [labels, parameters('\n1,0,0,0.2\n1,0,0,0.2\n')] }),
    ).toEqual([-1, 0.5, -1]);
    expect(await scoresOf({ units, files: [labels, parameters('1,0,0\n1,0,0\n')] })).toEqual([
      0.5, 0.5, -1,
    ]);
    /* Neither power overflows. */
    expect(
      await scoresOf({ units, files: [labels, parameters('1,2000,0\n1,-9000,0\n1,1,1e9\n')] }),
    ).toEqual([1, 0, 1]);
  });

  test.each([
    ['1,2,3\n1,2\n1,2,3', "Line 2 of the score calibration is '1,2'"],
    ['1,2,3\n1,2,3\n-1,2,3', "Line 3 of the score calibration is '-1,2,3'"],
    ['1,2,3\n1,,3\n1,2,3', "Line 2 of the score calibration is '1,,3'"],
    ['1,2,3', 'The metadata calibrates 1 classes; the model has 3.'],
    ['1,2,3\n1,2,3\n1,2,3\n1,2,3', 'The metadata calibrates 4 classes; the model has 3.'],
    [undefined, 'The metadata calibrates scores, but the file with the parameters is missing.'],
  ])('calibration that cannot be meant: %j', async (content, message) => {
    const units = [{ transformation: 0, defaultScore: 0 }];
    await expect(classify({ units, files: [labels, parameters(content)] })).rejects.toMatchObject({
      code: api.ErrorCode.InvalidConfig,
      message: expect.stringContaining(message),
    });
  });

  test("the metadata's threshold holds until an option overrides it", async () => {
    const output = {
      units: [{ threshold: 0.25 }, { transformation: 0, defaultScore: -1 }],
      files: [labels, parameters('1,0,0\n1,0,-3\n\n')],
    };
    const names = async (options = {}) =>
      (await classify(output, options)).map(({ label }) => label);
    expect(await names()).toEqual(['red']);
    expect(await names({ scoreThreshold: 0 })).toEqual(['red', 'green']);
    expect(await names({ scoreThreshold: 0.5 })).toEqual(['red']);
    expect(await names({ scoreThreshold: 0, allowlist: ['green', 'blue'] })).toEqual(['green']);
    expect(await names({ scoreThreshold: 0, denylist: ['red', 'pink'] })).toEqual(['green']);
  });

  test('names to display in the language asked for; lists go by labels', async () => {
    const output = { files: [labels, german] };
    const shown = async (options = {}) =>
      (await classify(output, options)).map(({ label, displayName }) => [label, displayName]);
    expect(await shown()).toEqual([
      ['red', undefined],
      ['green', undefined],
      ['blue', undefined],
    ]);
    expect(await shown({ displayNamesLocale: 'fr' })).toEqual(await shown());
    expect(await shown({ displayNamesLocale: 'de' })).toEqual([
      ['red', 'rot'],
      ['green', 'grün'],
      ['blue', 'blau'],
    ]);
    expect(await shown({ displayNamesLocale: 'de', allowlist: ['green', 'rot'] })).toEqual([
      ['green', 'grün'],
    ]);
    const english = { ...german, name: 'en.txt', locale: 'en', content: 'Red\nGreen\nBlue\n' };
    expect((await classify({ files: [labels, english] }))[0]).toMatchObject({
      label: 'red',
      displayName: 'Red',
    });
    await expect(
      classify({ files: [labels, { ...german, content: 'rot\n' }] }, { displayNamesLocale: 'de' }),
    ).rejects.toMatchObject({
      code: api.ErrorCode.InvalidUserInput,
      message: "Classification: the model has 1 names in 'de' for 3 classes.",
    });
  });

  test('forward() has the display names as keys when they are asked for', async () => {
    const module = new api.ClassificationModule();
    await module.load({ modelSource: statedClassifier({ files: [labels, german] }) });
    const keys = async (options = {}) =>
      Object.keys(await module.forward(picture('rrrrrrgg'), options));
    expect(await keys()).toEqual(['red', 'green', 'blue']);
    expect(await keys({ displayNamesLocale: 'de', topk: 2 })).toEqual(['rot', 'grün']);
    module.delete();
  });
});

describe('segmentation', () => {
  const labels = ['red', 'green', 'blue'];

  test('maps with channels last', async () => {
    const module = new api.ImageSegmentationModule();
    await module.load({ modelSource: colourSegmenter(), labels });
    const result = await module.forward(picture('rrggbbbr'), ['green'], false);
    expect([...result.ARGMAX]).toEqual([0, 0, 1, 1, 2, 2, 2, 0]);
    const e = Math.E;
    expect(result.green![2]).toBeCloseTo(e / (e + 2), 6);
    expect(result.green![0]).toBeCloseTo(1 / (e + 2), 6);
    module.delete();
  });

  test('maps of class numbers', async () => {
    const module = new api.ImageSegmentationModule();
    await module.load({ modelSource: colourSegmenter({ chosen: true }), labels });
    const result = await module.forward(picture('rrggbbbr'), ['blue'], false);
    expect([...result.ARGMAX]).toEqual([0, 0, 1, 1, 2, 2, 2, 0]);
    expect([...(result.blue as Float32Array)]).toEqual([0, 0, 0, 0, 1, 1, 1, 0]);
    module.delete();
  });
});

describe('sizes that the file leaves to the caller', () => {
  const ramp = (sizes: number[]) => {
    const data = Float32Array.from({ length: sizes.reduce((a, b) => a * b) }, (_, i) => i % 17);
    return { sizes, scalarType: api.ScalarType.FLOAT, dataPtr: data };
  };
  const expected = (data: Float32Array) =>
    Array.from({ length: data.length / 3 }, (_, i) => [
      data[3 * i]! + data[3 * i + 1]!,
      data[3 * i + 2]! - data[3 * i]!,
    ]).flat();

  test('forward() with other sizes, again and again; refused ones change nothing', async () => {
    const module = new api.ExecutorchModule();
    await module.load(sizelessConvolution());
    expect(module.info!.inputs[0]).toMatchObject({ sizes: [1, 1, 1, 3], freeDims: [0, 1, 2] });
    expect(await module.getInputShape('main', 0)).toEqual([-1, -1, -1, 3]);
    const check = async (sizes: number[]) => {
      const input = ramp(sizes);
      const [output] = await module.forward([input]);
      expect(output!.sizes).toEqual([...sizes.slice(0, 3), 2]);
      expect([...new Float32Array(output!.dataPtr as ArrayBuffer)]).toEqual(
        expected(input.dataPtr),
      );
    };
    await check([1, 1, 1, 3]);
    await check([1, 5, 4, 3]);
    await check([2, 3, 7, 3]);
    for (const sizes of [
      [1, 5, 4, 4],
      [1, 5, 4],
      [1, 0, 4, 3],
    ]) {
      await expect(module.forward([ramp(sizes)])).rejects.toMatchObject({
        code: api.ErrorCode.WrongDimensions,
      });
    }
    await expect(
      module.forward([{ ...ramp([1, 1, 1, 3]), sizes: [1, 2 ** 20, 2 ** 20, 3] }]),
    ).rejects.toThrow();
    await check([2, 3, 7, 3]);
    await check([1, 1, 1, 3]);
    module.delete();
  });

  /** What sizelessWindow makes of a picture of these sizes: the result's sizes and each element. */
  type At = (y: number, x: number, c: number) => number;
  const windows: [Window, number[][], number[][], (h: number, w: number) => number[], At][] = [
    [
      'conv',
      [
        [5, 4],
        [3, 3],
        [40, 7],
      ],
      [[2, 9]],
      (h, w) => [1, h - 2, w - 2, 3],
      (y, x, c) => nine.reduce((sum, i) => sum + at(y + Math.floor(i / 3), x + (i % 3), c), 0),
    ],
    [
      'pool',
      [
        [2, 2],
        [5, 9],
      ],
      [[1, 5]],
      (h, w) => [1, h - 1, w - 1, 3],
      (y, x, c) => Math.max(at(y, x, c), at(y, x + 1, c), at(y + 1, x, c), at(y + 1, x + 1, c)),
    ],
    [
      'slice',
      [
        [2, 3],
        [7, 7],
      ],
      [[1, 1]],
      (h, w) => [1, h - 1, w - 2, 3],
      (y, x, c) => at(y + 1, x + 2, c),
    ],
    [
      'mirror',
      [
        [2, 2],
        [6, 3],
      ],
      [[1, 4]],
      (h, w) => [1, h + 2, w + 2, 3],
      (y, x, c) => at(mirrored(y - 1, height), mirrored(x - 1, width), c),
    ],
    [
      'halves',
      [
        [2, 4],
        [10, 6],
      ],
      [[3, 4]],
      (h, w) => [1, h, w, 6],
      (y, x, c) => at(y, x, c % 3),
    ],
    [
      'join',
      [[33, 33]],
      [[33, 32]],
      (h, w) => [1, h, w, 4],
      (y, x, c) => (c === 3 ? 0 : at(y, x, c)),
    ],
    [
      'row',
      [
        [8, 8],
        [4, 16],
      ],
      [[8, 9]],
      () => [1, 192],
      (_y, _x, i) => at(0, 0, i),
    ],
  ];
  const nine = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  let [height, width] = [0, 0];
  const at = (y: number, x: number, c: number) => ((y * width + x) * 3 + c) % 17;
  const mirrored = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);

  test.each(windows)(
    '%s, which does not fit into the size that the file states, runs at those that it fits into',
    async (kind, fitting, others, sizesOf, element) => {
      const module = new api.ExecutorchModule();
      await module.load(sizelessWindow(kind));
      expect(module.info!.inputs[0]!.freeDims).toEqual([1, 2]);
      for (const size of fitting) {
        [height, width] = size as [number, number];
        const [output] = await module.forward([ramp([1, height, width, 3])]);
        const sizes = sizesOf(height, width);
        expect(output!.sizes).toEqual(sizes);
        const [w, c] = kind === 'row' ? [1, 192] : [sizes[2]!, sizes[3]!];
        const values = [...new Float32Array(output!.dataPtr as ArrayBuffer)];
        expect(values).toEqual(
          values.map((_, i) => element(Math.floor(i / c / w), Math.floor(i / c) % w, i % c)),
        );
      }
      for (const size of others) {
        await expect(module.forward([ramp([1, ...size, 3])])).rejects.toMatchObject({
          code: api.ErrorCode.WrongDimensions,
          message: expect.stringContaining('cannot take inputs of these sizes'),
        });
      }
      module.delete();
    },
  );

  test('sizes that nobody can guess are those of inputSize', async () => {
    const model = { modelSource: sizelessWindow('oblong'), labels: ['red', 'green', 'blue'] };
    const module = new api.ImageSegmentationModule();
    const inputSize = { width: 41, height: 37 };
    for (const wrong of [undefined, { width: 37, height: 37 }]) {
      await expect(
        module.load({ ...model, ...(wrong && { inputSize: wrong }) }),
      ).rejects.toMatchObject({
        code: api.ErrorCode.InvalidProgram,
        message: expect.stringContaining('no sizes were found that fit'),
      });
    }
    await module.load({ ...model, inputSize });
    expect(module.info!.inputs[0]).toMatchObject({ sizes: [1, 37, 41, 3], freeDims: [1, 2] });
    await module.forward(picture('rrggbbbr'), [], false);
    expect(module.mapSize).toEqual(inputSize);
    module.delete();
  });

  test('sizes that the file fixes stay', async () => {
    const module = new api.ExecutorchModule();
    await module.load(sizelessConvolution({ fixed: true }));
    expect(module.info!.inputs[0]).not.toHaveProperty('freeDims');
    await expect(module.forward([ramp([1, 5, 4, 3])])).rejects.toMatchObject({
      code: api.ErrorCode.WrongDimensions,
    });
    module.delete();
  });

  test('a task takes each picture as large as it is, or as inputSize says', async () => {
    const labels = ['red', 'green', 'blue'];
    const modelSource = colourSegmenter({ sizeless: true });
    const module = new api.ImageSegmentationModule();
    await module.load({ modelSource, labels });
    const maps = await module.forward(picture('rrggbbbr'), [], false);
    expect(module.mapSize).toEqual({ width: 4, height: 2 });
    expect([...maps.ARGMAX]).toEqual([0, 0, 1, 1, 2, 2, 2, 0]);
    const region = { x: 1, y: 0, width: 2, height: 1 };
    const part = await module.forward(picture('rrggbbbr'), [], false, { region });
    expect([...part.ARGMAX]).toEqual([0, 1]);
    await module.load({ modelSource, labels, inputSize: { width: 8, height: 4 } });
    await module.forward(picture('rrggbbbr'), [], false);
    expect(module.mapSize).toEqual({ width: 8, height: 4 });
    await module.load({
      modelSource: colourSegmenter(),
      labels,
      inputSize: { width: 8, height: 4 },
    });
    await expect(module.forward(picture('rrggbbbr'), [], false)).rejects.toMatchObject({
      code: api.ErrorCode.InvalidConfig,
      message: 'inputSize is 8 x 4; the model takes f32 [1, 2, 4, 3].',
    });
    module.delete();
  });
});

describe('inputSize', () => {
  const labels = ['red', 'green', 'blue'];

  test.each([64, { width: 8 }, { width: '8', height: 4 }, { width: 0, height: 4 }])(
    '%j is refused by the first run',
    async (inputSize) => {
      const module = new api.ImageSegmentationModule();
      const modelSource = colourSegmenter({ sizeless: true });
      await module.load({ modelSource, labels, inputSize } as never);
      await expect(module.forward(picture('rrggbbbr'), [], false)).rejects.toMatchObject({
        code: api.ErrorCode.InvalidConfig,
        message: expect.stringContaining('inputSize is { width, height } in whole pixels'),
      });
      module.delete();
    },
  );
});

test('a data file beside a .tflite is refused', async () => {
  const options = { dataSource: colourSegmenter() };
  await expect(
    new api.ExecutorchModule().load(colourClassifier(), undefined, options),
  ).rejects.toMatchObject({
    code: api.ErrorCode.InvalidArgument,
    message: expect.stringContaining('takes no data file'),
  });
});

test.each(['bytes', 'bits'] as const)(
  'inputs with too many %s for 32 bits are refused',
  async (what) => {
    await expect(new api.ExecutorchModule().load(hugeInput(what))).rejects.toMatchObject({
      code: api.ErrorCode.OutOfResources,
    });
  },
);

describe('files of unknown size', () => {
  /** Answers with a model in pieces, without a Content-Length. */
  async function served(bytes: Uint8Array, visit: (url: string) => Promise<void>) {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      for (let at = 0; at < bytes.length; at += 500) response.write(bytes.subarray(at, at + 500));
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model.tflite`);
    } finally {
      server.close();
    }
  }

  test('a chunked answer', () =>
    served(colourClassifier(), async (url) => {
      const module = new api.ClassificationModule();
      await module.load({ modelSource: url });
      expect((await module.classify(picture('gggggggg'), { topk: 1 }))[0]!.label).toBe('green');
      module.delete();
    }));

  test('a chunked answer with a model of any size', () =>
    served(sizelessConvolution(), async (url) => {
      const module = new api.ExecutorchModule();
      await module.load(url);
      const dataPtr = new Float32Array(3 * 4 * 3).fill(1);
      const [output] = await module.forward([
        { sizes: [1, 3, 4, 3], scalarType: api.ScalarType.FLOAT, dataPtr },
      ]);
      expect(output!.sizes).toEqual([1, 3, 4, 2]);
      module.delete();
    }));
});

withShared('pretrained models', () => {
  const shared = (name: string) => join(SHARED, 'data/tflite', name);
  const beagle = join(SHARED, 'data/images/imagenet/n02088364_beagle.JPEG');

  test.each([
    'support_mobilenet_v2_1.0_224_quant.tflite',
    'coral_tf2_mobilenet_v2_1.0_224_ptq.tflite',
    'deeplabv3_257_mv_gpu.tflite',
  ])('%s loads for its task', async (name) => {
    if (name.startsWith('deeplab')) {
      const module = new api.ImageSegmentationModule();
      await module.load({ modelSource: shared(name) });
      const { ARGMAX } = await module.forward(beagle, [], false);
      expect(ARGMAX).toHaveLength(257 * 257);
      /* 12 is PASCAL's dog. */
      expect(ARGMAX.filter((c) => c === 12).length).toBeGreaterThan(257 * 257 * 0.1);
      module.delete();
      return;
    }
    const module = new api.ClassificationModule();
    const labels = Array.from({ length: 1001 }, (_, i) => String(i));
    await module.load({ modelSource: shared(name), labels });
    /* 163 is the beagle of the 1001 classes that begin with the background. */
    expect(Object.keys(await module.forward(beagle, { topk: 1 }))).toEqual(['163']);
    module.delete();
  });
});
