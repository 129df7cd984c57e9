// Writes MobileNetV2 as ONNX, for peers that have no file of it. The weights are random: speed does not depend on them.

/* --- protocol buffers: fields by number ------------------------------------------------------------- */

function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
function bytes(field, value) {
  const content = Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

/* --- ONNX ------------------------------------------------------------------------------------------- */

const [FLOAT, INT, INTS] = [1, 2, 7];

function attribute(name, value) {
  const isList = Array.isArray(value);
  const content = isList ? value.map((one) => number(8, one)) : [number(3, value)];
  return message(5, bytes(1, name), ...content, number(20, isList ? INTS : INT));
}

function node(type, inputs, output, attributes = {}) {
  const names = inputs.map((input) => bytes(1, input));
  const all = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  return message(1, ...names, bytes(2, output), bytes(4, type), ...all);
}

function tensor(name, sizes, values) {
  const dims = sizes.map((size) => number(1, size));
  return message(
    5,
    ...dims,
    number(2, FLOAT),
    bytes(8, name),
    bytes(9, new Uint8Array(values.buffer)),
  );
}

function port(field, name, sizes) {
  const dims = sizes.map((size) => message(1, number(1, size)));
  return message(
    field,
    bytes(1, name),
    message(2, message(1, number(1, FLOAT), message(2, ...dims))),
  );
}

/* --- the network ------------------------------------------------------------------------------------ */

/** Expansion, channels, repetitions, stride of the first. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

class Writer {
  nodes = [];
  tensors = [tensor('zero', [], Float32Array.of(0)), tensor('six', [], Float32Array.of(6))];
  seed = 1;
  last = 'picture';
  channels = 3;

  weights(sizes, fanIn) {
    const name = `w${this.tensors.length}`;
    const values = Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => {
      this.seed = (Math.imul(this.seed, 1664525) + 1013904223) >>> 0;
      return (this.seed / 2 ** 31 - 1) * Math.sqrt(3 / fanIn);
    });
    this.tensors.push(tensor(name, sizes, values));
    return name;
  }
  add(type, inputs, attributes) {
    const output = `v${this.nodes.length}`;
    this.nodes.push(node(type, inputs, output, attributes));
    return (this.last = output);
  }
  conv(out, kernel, { stride = 1, group = 1, clip = true } = {}) {
    const pad = kernel >> 1;
    const fanIn = (this.channels / group) * kernel * kernel;
    const filter = this.weights([out, this.channels / group, kernel, kernel], fanIn);
    this.add('Conv', [this.last, filter, this.weights([out], fanIn)], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group,
    });
    this.channels = out;
    if (clip) this.add('Clip', [this.last, 'zero', 'six']);
  }
  block(expansion, out, stride) {
    const [before, width] = [this.last, this.channels];
    const inner = width * expansion;
    if (expansion > 1) this.conv(inner, 1);
    this.conv(inner, 3, { stride, group: inner });
    this.conv(out, 1, { clip: false });
    if (stride === 1 && out === width) this.add('Add', [this.last, before]);
  }
}

/** The file's bytes: picture [1, 3, 224, 224] to scores [1, 1000]. */
export function mobilenetV2() {
  const net = new Writer();
  net.conv(32, 3, { stride: 2 });
  for (const [expansion, channels, count, stride] of STAGES) {
    for (let i = 0; i < count; i++) net.block(expansion, channels, i === 0 ? stride : 1);
  }
  net.conv(1280, 1);
  net.add('GlobalAveragePool', [net.last]);
  net.add('Flatten', [net.last]);
  net.add('Gemm', [net.last, net.weights([1280, 1000], 1280), net.weights([1000], 1280)]);
  const graph = message(
    7,
    ...net.nodes,
    bytes(2, 'mobilenet_v2'),
    ...net.tensors,
    port(11, 'picture', [1, 3, 224, 224]),
    port(12, net.last, [1, 1000]),
  );
  return Buffer.concat([number(1, 8), graph, message(8, number(2, 13))]);
}
