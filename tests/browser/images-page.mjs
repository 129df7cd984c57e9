// The page of images.test.mjs: makes each kind of picture and compares what the classifier says about it.
import * as ew from '/dist/web-core.js';

const FOLDER = '/tests/fixtures/images';
const [WIDTH, HEIGHT] = [48, 32];
const module = new ew.ClassificationModule();
let labels = [];
let scene;

const bytesOf = async (name) =>
  new Uint8Array(await (await fetch(`${FOLDER}/${name}`)).arrayBuffer());

async function imageElement(address, attributes = {}) {
  const image = Object.assign(new Image(), attributes);
  image.src = address;
  await image.decode();
  return image;
}

/** scene.png on a 2D canvas. */
async function drawn(canvas) {
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  canvas.getContext('2d').drawImage(await imageElement(`${FOLDER}/scene.png`), 0, 0);
  return canvas;
}
const canvasElement = () => drawn(document.createElement('canvas'));
const imageData = async () =>
  (await canvasElement()).getContext('2d').getImageData(0, 0, WIDTH, HEIGHT);

async function rgb() {
  const { data } = await imageData();
  return Uint8Array.from(
    { length: WIDTH * HEIGHT * 3 },
    (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)],
  );
}

async function base64() {
  return window.btoa(String.fromCharCode(...(await bytesOf('scene.png'))));
}

async function videoElement() {
  const canvas = await canvasElement();
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = canvas.captureStream();
  // Engines that compose no pages show no frames, and never call back.
  const frame = new Promise((done) => {
    video.requestVideoFrameCallback(done);
    window.setTimeout(done, 2000);
  });
  // A stream sends a frame when the canvas is drawn to.
  const timer = window.setInterval(() => canvas.getContext('2d').drawImage(canvas, 0, 0), 20);
  await video.play();
  await frame;
  window.clearInterval(timer);
  return video;
}

const KINDS = {
  'an address': () => new URL(`${FOLDER}/scene.png`, location.href).href,
  'a relative address': () => `${FOLDER}/scene.png`,
  'a URL object': () => new URL(`${FOLDER}/scene.png`, location.href),
  'a data: address': async () => `data:image/png;base64,${await base64()}`,
  'bare base64': base64,
  'a blob: address': async () => URL.createObjectURL(new Blob([await bytesOf('scene.png')])),
  'a Blob': async () => new Blob([await bytesOf('scene.png')]),
  'a File': async () => new File([await bytesOf('scene.png')], 'scene.png'),
  'an ArrayBuffer': async () => (await bytesOf('scene.png')).buffer,
  'a Uint8Array': () => bytesOf('scene.png'),
  'a SharedArrayBuffer or its absence': async () => {
    const bytes = await bytesOf('scene.png');
    if (typeof SharedArrayBuffer === 'undefined') return bytes;
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  },
  'an <img>': () => imageElement(`${FOLDER}/scene.png`),
  'a <canvas>': canvasElement,
  'an OffscreenCanvas': () => drawn(new window.OffscreenCanvas(WIDTH, HEIGHT)),
  ImageData: imageData,
  'an ImageBitmap': async () => createImageBitmap(await imageData()),
  'a VideoFrame': async () => new window.VideoFrame(await canvasElement(), { timestamp: 0 }),
  'RGB pixels': async () => ({ data: await rgb(), width: WIDTH, height: HEIGHT }),
  'RGBA pixels': async () => ({
    data: (await imageData()).data,
    width: WIDTH,
    height: HEIGHT,
    channels: 4,
  }),
  PixelData: async () => ({
    dataPtr: await rgb(),
    sizes: [HEIGHT, WIDTH, 3],
    scalarType: ew.ScalarType.BYTE,
  }),
  'a PNG with transparency': () => bytesOf('alpha.png'),
  'an <img> with transparency': () => imageElement(`${FOLDER}/alpha.png`),
  'a WebP': () => bytesOf('scene.webp'),
  'a WebP with transparency': () => bytesOf('alpha.webp'),
  'an <img> of an EXIF JPEG against its bytes, within 0.02': () =>
    imageElement(`${FOLDER}/orientation-6.jpg`),
  'a <video>, within 0.1': videoElement,
  'an AVIF, within 0.1': () => bytesOf('scene.avif'),
};

const foreign = () => location.origin.replace('localhost', '127.0.0.1');
const REFUSED = {
  'an <img> that has not loaded': () => new Image(),
  'a <canvas> without width': () =>
    Object.assign(document.createElement('canvas'), { width: 0, height: 5 }),
  "another origin's <img>": () => imageElement(`${foreign()}${FOLDER}/scene.png`),
  "another origin's address": () => `${foreign()}/blank`,
  'an address that does not exist': () => '/none.png',
  'a file: address': () => 'file:///cat.png',
  'a web page': () => '/blank',
  'a TIFF': () => bytesOf('scene.tiff'),
  'a <div>': () => document.createElement('div'),
  'a WebP of too many pixels': () => bytesOf('scene.webp'),
};

function compare(a, b) {
  const delta = Math.max(...labels.map((label) => Math.abs(a[label] - b[label])));
  return { delta, best: Object.keys(a)[0] };
}

/** Pattern A of the reference collection as a picture of the size of the model's input. */
function pattern(size) {
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % size, Math.floor(i / (3 * size)), i % 3];
    return (x * 7 + y * 13 + c * 29 + ((x * y) >> 3)) & 255;
  });
  return { data, width: size, height: size };
}

/** Pixels of a texture, by the most exact way that pages have; undefined where there is no WebGL. */
function throughTexture(source) {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return undefined;
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source);
  const texture = gl.getParameter(gl.TEXTURE_BINDING_2D);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const data = new Uint8Array(WIDTH * HEIGHT * 4);
  gl.readPixels(0, 0, WIDTH, HEIGHT, gl.RGBA, gl.UNSIGNED_BYTE, data);
  return data;
}

/** Every pixel without opacity is black. */
const dropsColours = (data) => data?.every((value, i) => value === 0 || data[i | 3] > 0);

/** What this library cannot do yet with such a picture in such an engine; undefined elsewhere. */
const NOT_YET = {
  async 'an <img> with transparency'() {
    const image = await imageElement(`${FOLDER}/alpha.png`);
    const bitmap = await createImageBitmap(image, { premultiplyAlpha: 'none' });
    const [fromImage, fromBitmap] = [image, bitmap].map(throughTexture);
    const isOpen = dropsColours(fromBitmap) && !dropsColours(fromImage);
    return (
      isOpen && 'bitmaps drop the colours of transparent pixels here; textures of an <img> do not'
    );
  },
};

/** What this engine itself cannot do with such a picture, found by trying; undefined when it can. */
const UNFIT = {
  async 'a <video>, within 0.1'() {
    const canvas = new window.OffscreenCanvas(WIDTH, HEIGHT);
    canvas.getContext('2d').drawImage(await videoElement(), 0, 0);
    const [expected, found] = [await canvasElement(), canvas].map(
      (one) => one.getContext('2d').getImageData(0, 0, WIDTH, HEIGHT).data,
    );
    const mean = expected.reduce((sum, v, i) => sum + Math.abs(v - found[i]), 0) / found.length;
    return (
      mean > 10 && `drawImage of a <video> is wrong here: ${mean.toFixed(0)} of 255 on average`
    );
  },
  async 'a WebP with transparency'() {
    const data = throughTexture(await imageElement(`${FOLDER}/alpha.webp`));
    return (
      dropsColours(data) &&
      'the WebP decoder of this engine drops the colours of transparent pixels'
    );
  },
};

window.pictures = {
  unfit: (kind) => UNFIT[kind]?.(),
  notYet: (kind) => NOT_YET[kind]?.(),
  async load(names) {
    labels = names;
    await module.load({ modelSource: '/models/builtin/classifier_fp32.pte', labels });
    scene = await module.forward(await bytesOf('scene.png'));
  },
  async difference(kind) {
    const source = await KINDS[kind]();
    const first = await module.forward(source);
    const second = await module.forward(source);
    const reference = kind.includes('JPEG')
      ? await module.forward(await bytesOf('orientation-6.jpg'))
      : scene;
    return { ...compare(first, reference), usable: compare(first, second).delta === 0 };
  },
  async fileDifference(name) {
    return compare(await module.forward(await bytesOf(name)), scene);
  },
  async refusal(kind) {
    try {
      const maxPixels = kind.includes('too many') ? 100 : undefined;
      return {
        code: 'none',
        message: JSON.stringify(await module.forward(await REFUSED[kind](), { maxPixels })),
      };
    } catch (error) {
      return { code: ew.errorCodeName(error.code), message: error.message };
    }
  },
  async segmentFull(modelSource) {
    const segmenter = new ew.ImageSegmentationModule();
    await segmenter.load({ modelSource });
    const [, , , size] = await segmenter.getInputShape('forward', 0);
    const maps = await segmenter.forward(pattern(size));
    const { timings } = segmenter;
    const data = new Uint8Array(640 * 480 * 3);
    await segmenter.forward({ data, width: 640, height: 480 }, [ew.DeeplabLabel.CAT], true);
    const { width, height } = segmenter.mapSize;
    segmenter.delete();
    return { map: [...maps[ew.DeeplabLabel.ARGMAX]], timings, width, height };
  },
  async embedFull(modelSource) {
    const embedder = new ew.ImageEmbeddingsModule();
    await embedder.load({ modelSource });
    const embedding = await embedder.forward(pattern(224));
    const { timings } = embedder;
    embedder.delete();
    return { embedding: [...embedding], timings };
  },
};
