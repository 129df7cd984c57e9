// Writes a quantised convolutional network of a .pte as a .tflite: the same weights, scales and operators, so that the demo can compare
// the two formats. It knows what models/export/photo.py writes, and refuses everything else.
import { ModelBuilder } from '../../tests/fixtures/tflite/model.mjs';
import { bool, i32, i8 } from '../../tests/fixtures/tflite/flatbuffer.mjs';
import { Table } from './flatbuffer-reader.mjs';
import { Fail } from './run.mjs';

const ABSENT = 0xffffffff;
const SAME = 0;
const RELU6 = 3;
/** Of XNNPACK's serialised data types: what .tflite calls them. */
const TYPES = { 1: 'f32', 3: 'i8', 5: 'i32', 6: 'i8', 7: 'i32' };
const ARRAYS = { f32: Float32Array, i32: Int32Array, i8: Int8Array };
const [PER_CHANNEL, PER_TENSOR] = [1, 2];

const expect = (condition, what) => {
  if (!condition) throw new Fail(`this .pte cannot be written as a .tflite: ${what}`);
};

/** The bytes of a .tflite that computes what this method of the .pte does, of pictures with channels last. */
export function pteToTflite(bytes, method = 'forward') {
  return new Conversion(new Program(bytes, method)).build();
}

/** A method that is one call of XNNPACK, and the constants around it. */
class Program {
  constructor(bytes, method) {
    this.bytes = bytes;
    this.root = Table.root(bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.segmentBase = Number(view.getBigUint64(24, true));
    this.plan = this.root.tables(1).find((plan) => plan.string(0) === method);
    expect(this.plan, `it has no method ${method}`);
    const instructions = this.plan.tables(5)[0].tables(2);
    expect(
      instructions.length === 1 && instructions[0].u8(0) === 2,
      'it is not one call of XNNPACK',
    );
    const call = instructions[0].table(1);
    this.args = call.u32s(1);
    const payload = this.segment(this.plan.tables(7)[call.i32(0)].table(1).u32(1));
    // The header XH00 begins with the place of the graph behind it.
    const offset = new DataView(payload.buffer, payload.byteOffset).getUint32(10, true);
    this.graph = Table.root(payload.subarray(offset));
  }

  segment(index) {
    const segment = this.root.tables(4)[index];
    const start = this.segmentBase + segment.u64(0);
    return this.bytes.subarray(start, start + segment.u64(1));
  }

  /** Constant `index` of the graph: a segment of its own, found by its key. */
  constant(index) {
    const entry = this.graph.tables(8)[index];
    const named = this.root.tables(7).find((one) => one.string(0) === entry.string(2));
    expect(named, `constant ${index} is not named data`);
    return this.segment(named.u32(1)).subarray(0, entry.u64(1));
  }

  /** The bytes of an argument of the call that is a constant of the program; undefined for others. */
  argument(external) {
    const tensor = this.plan.tables(2)[this.args[external]].table(1);
    const [index, constants] = [tensor.u32(5), this.root.table(5)];
    return index && this.segment(constants.u32(0)).subarray(constants.u64s(1)[index]);
  }
}

const valuesOf = (type, bytes, count) => new ARRAYS[type](new Uint8Array(bytes).buffer, 0, count);
const product = (dims) => dims.reduce((all, dim) => all * dim, 1);
const channelsLast = ([n, c, h, w]) => [n, h, w, c];

class Conversion {
  model = new ModelBuilder();
  /** By id of XNNPACK: the value, and the tensor that stands for it. */
  values = new Map();
  tensors = new Map();

  constructor(program) {
    this.program = program;
    for (const union of program.graph.tables(2)) {
      const value = this.readValue(union.u8(0) === 2 ? union.table(1) : undefined, union.table(1));
      this.values.set(value.id, value);
    }
    this.nodes = program.graph.tables(1).map((node) => ({
      kind: node.u8(0),
      fields: node.table(1),
      limits: node.table(3),
    }));
  }

  readValue(quantised, plain) {
    const tensor = quantised ? quantised.table(0) : plain;
    const type = TYPES[tensor.i16(0)];
    expect(type, `data type ${tensor.i16(0)}`);
    return {
      id: tensor.u32(6),
      type,
      shape: tensor.u32s(2),
      constant: tensor.u32(3),
      external: tensor.u32(5) === 0 ? ABSENT : tensor.u32(4),
      isInput: tensor.u32(5) === 1,
      ...(quantised && this.readScale(quantised.u8(1), quantised.table(2))),
    };
  }

  readScale(kind, quant) {
    expect(kind === PER_CHANNEL || kind === PER_TENSOR, `quantisation ${kind}`);
    if (kind === PER_TENSOR) return { scale: quant.f32(0), zeroPoint: quant.i32(1) };
    const scale = valuesOf('f32', this.program.constant(quant.u32(2)), quant.u32(3));
    return { scale: [...scale], channel: quant.i32(1) };
  }

  /** The tensor of a value. Before the transpose to channels last a value is still written so: the picture comes that way. */
  tensor(id) {
    if (!this.tensors.has(id)) {
      const value = this.values.get(id);
      const shape = this.isBeforeTranspose ? channelsLast(value.shape) : value.shape;
      this.tensors.set(id, this.model.tensor({ ...value, shape, data: this.dataOf(value) }));
    }
    return this.tensors.get(id);
  }

  dataOf({ type, shape, constant, external, isInput }) {
    const bytes = constant
      ? this.program.constant(constant)
      : isInput && this.program.argument(external);
    return bytes ? valuesOf(type, bytes, product(shape)) : undefined;
  }

  build() {
    this.isBeforeTranspose = this.nodes.some(({ kind }) => kind === TRANSPOSE);
    this.nodes.forEach((node, at) => {
      const write = WRITERS[node.kind];
      expect(write, `node ${node.kind}`);
      write(this, node.fields, node, at);
    });
    const externals = [...this.values.values()].filter(({ external }) => external !== ABSENT);
    const ends = externals.filter((value) => !this.dataOf(value));
    for (const { id, isInput } of ends) {
      this.model[isInput ? 'input' : 'output'](this.tensors.get(id));
    }
    return this.model.build();
  }

  /** The tensor that a convolution writes: behind the clamp to 0..6 that follows it, where one does. */
  activated(id, at) {
    const next = this.nodes[at + 1];
    if (next?.kind !== CLAMP || next.fields.u32(0) !== id)
      return { output: this.tensor(id), activation: 0 };
    const [before, after] = [this.values.get(id), this.values.get(next.fields.u32(1))];
    expect(next.limits.f32(0) === 0 && next.limits.f32(1) === 6, 'a clamp that is not 0 to 6');
    expect(
      before.scale === after.scale && before.zeroPoint === after.zeroPoint,
      'a clamp that scales',
    );
    this.tensors.set(id, this.tensor(after.id));
    return { output: this.tensor(after.id), activation: RELU6 };
  }
}

const [TRANSPOSE, CLAMP] = [5, 6];

const binary = (name) => (to, node) => {
  to.model.op(name, [to.tensor(node.u32(0)), to.tensor(node.u32(1))], [to.tensor(node.u32(2))], []);
};

function convert(to, node) {
  const [from, into] = [node.u32(0), node.u32(1)];
  const name = to.values.get(into).type === 'f32' ? 'DEQUANTIZE' : 'QUANTIZE';
  to.model.op(name, [to.tensor(from)], [to.tensor(into)], []);
}

/** From here on values are channels last, as their tensors have been all along; back again only where a pixel is left. */
function transpose(to, node) {
  const [from, into] = [node.u32(2), node.u32(3)];
  const pixels = product(to.values.get(from).shape.slice(1, 3));
  expect(to.isBeforeTranspose || pixels === 1, 'a transpose of pictures');
  to.tensors.set(into, to.tensor(from));
  to.isBeforeTranspose = false;
}

function convolution(to, node, _, at) {
  const [top, right, bottom, left, height, width, down, across] = [0, 1, 2, 3, 4, 5, 6, 7].map(
    node.u32,
  );
  const [input, filter, bias] = [15, 16, 17].map(node.u32);
  const isDepthwise = to.nodes[at].kind === 13;
  expect(top === bottom && left === right && node.u32(8) * node.u32(9) === 1, 'a window');
  expect(isDepthwise ? node.u32(10) === 1 : node.u32(12) === 1, 'groups');
  // TensorFlow's SAME pads these windows as the file says, half before and half behind.
  const isSame = (size, kernel, stride, pad) =>
    (Math.ceil(size / stride) - 1) * stride + kernel - size === 2 * pad;
  const [, rows, columns] = to.values.get(input).shape;
  const kept = isSame(rows, height, down, top) && isSame(columns, width, across, left);
  expect(kept || (height === 1 && width === 1), 'a padding');
  const { output, activation } = to.activated(node.u32(18), at);
  const options = [i8(0, SAME), i32(1, across), i32(2, down)];
  const more = isDepthwise ? [i32(3, 1), i8(4, activation)] : [i8(3, activation)];
  const inputs = [input, filter, bias].map((id) => to.tensor(id));
  to.model.op(
    isDepthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D',
    inputs,
    [output],
    [...options, ...more],
  );
}

function clamp(to, node) {
  expect(to.tensors.get(node.u32(0)) === to.tensor(node.u32(1)), 'a clamp behind no convolution');
}

function mean(to, node) {
  const axes = to.model.ints([1, 2]);
  to.model.op('MEAN', [to.tensor(node.u32(0)), axes], [to.tensor(node.u32(1))], [bool(0, true)]);
}

function reshape(to, node) {
  const shape = to.model.ints(to.values.get(node.u32(3)).shape);
  to.model.op('RESHAPE', [to.tensor(node.u32(2)), shape], [to.tensor(node.u32(3))], []);
}

function fullyConnected(to, node) {
  const inputs = [0, 1, 2].map((slot) => to.tensor(node.u32(slot)));
  to.model.op('FULLY_CONNECTED', inputs, [to.tensor(node.u32(3))], []);
}

/** By XNNPACK's number of the node. */
const WRITERS = {
  1: binary('ADD'),
  2: fullyConnected,
  5: transpose,
  6: clamp,
  7: convolution,
  8: binary('DIV'),
  13: convolution,
  16: binary('SUB'),
  18: convert,
  19: mean,
  20: reshape,
};
