// Random models of one operator: shapes, strides, paddings, data types and quantisation are drawn, so that each seed gives another set.
import { ModelBuilder, TYPES, bool, f32, i32, i8, toHalf } from '../../fixtures/tflite/model.mjs';

/** A generator of numbers in [0, 1) that the seed decides (xorshift32). */
function random(seed) {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

class Draw {
  constructor(seed) {
    this.next = random(Math.imul(seed + 1, 2654435761));
    for (let i = 0; i < 8; i++) this.next();
  }

  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  real(low, high) {
    return low + this.next() * (high - low);
  }

  pick(...items) {
    return items[this.int(0, items.length - 1)];
  }

  flip(chance = 0.5) {
    return this.next() < chance;
  }

  reals(count, low = -1, high = 1) {
    return Float32Array.from({ length: count }, () => this.real(low, high));
  }

  shuffle(items) {
    const list = [...items];
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}

const count = (shape) => shape.reduce((product, size) => product * size, 1);
const isQuantised = (type) => type === 'u8' || type === 'i8';
const ARRAYS = {
  f32: Float32Array,
  u8: Uint8Array,
  i8: Int8Array,
  i32: Int32Array,
  i64: BigInt64Array,
  bool: Uint8Array,
};

/** One model under construction: random inputs, quantisation and the list of values to feed. */
class Case {
  constructor(draw, type) {
    this.draw = draw;
    this.type = type;
    this.model = new ModelBuilder();
    this.feeds = [];
    this.named = { inputs: {}, outputs: {} };
  }

  /** Quantisation of an 8-bit type; nothing for others. `range`: the size of the interval of real values. */
  quant(type = this.type, range = this.draw.real(1, 6)) {
    if (!isQuantised(type)) return {};
    return {
      scale: range / 255,
      zeroPoint: type === 'u8' ? this.draw.int(90, 165) : this.draw.int(-40, 40),
    };
  }

  values(type, length, { low = -2, high = 2 } = {}) {
    const { draw } = this;
    if (type === 'f32') return draw.reals(length, low, high);
    if (type === 'i64') return BigInt64Array.from({ length }, () => BigInt(draw.int(low, high)));
    const [from, to] = { u8: [0, 255], i8: [-128, 127], bool: [0, 1], i32: [low, high] }[type];
    return ARRAYS[type].from({ length }, () => draw.int(from, to));
  }

  input(shape, { type = this.type, quant = this.quant(type), data, ...range } = {}) {
    const tensor = this.model.input(this.model.tensor({ shape, type, ...quant }));
    this.feeds.push(data ?? this.values(type, count(shape), range));
    this.named.inputs[`x${this.feeds.length}`] = tensor;
    return { tensor, shape, type, ...quant };
  }

  constant(shape, { type = this.type, quant = this.quant(type), data, ...range } = {}) {
    const values = data ?? this.values(type, count(shape), range);
    return {
      tensor: this.model.tensor({ shape, type, data: values, ...quant }),
      shape,
      type,
      data: values,
      ...quant,
    };
  }

  output(shape, { type = this.type, quant = this.quant(type) } = {}) {
    const tensor = this.model.output(this.model.tensor({ shape, type, ...quant }));
    this.named.outputs[`y${Object.keys(this.named.outputs).length + 1}`] = tensor;
    return tensor;
  }

  /** Quantisation that another tensor has. */
  static same({ scale, zeroPoint }) {
    return scale === undefined ? {} : { scale, zeroPoint };
  }

  finish(name) {
    this.model.signature('serving_default', this.named.inputs, this.named.outputs);
    return { name, bytes: this.model.build(), inputs: this.feeds };
  }
}

const ACTIVATIONS = [0, 1, 2, 3];
const windowSize = (padding, size, kernel, stride, dilation = 1) => {
  const span = (kernel - 1) * dilation + 1;
  return padding === 0 ? Math.ceil(size / stride) : Math.floor((size - span) / stride) + 1;
};

/** i8 per channel, i8 or u8 per tensor, f32; with the bias that belongs to it. */
function weights(c, x, shape, channelDim, channels, { bias = true } = {}) {
  const { draw } = c;
  if (!isQuantised(x.type)) {
    const w = c.constant(shape, { type: 'f32', low: -1, high: 1 });
    return { w: w.tensor, b: bias ? c.constant([channels], { type: 'f32' }).tensor : -1, scale: 1 };
  }
  const perChannel = x.type === 'i8' && draw.flip(0.7);
  const scales = perChannel
    ? Array.from({ length: channels }, () => draw.real(0.004, 0.02))
    : draw.real(0.004, 0.02);
  const quant = {
    scale: scales,
    zeroPoint: x.type === 'u8' ? draw.int(90, 165) : 0,
    channel: channelDim,
  };
  const data =
    x.type === 'u8'
      ? undefined
      : Int8Array.from({ length: count(shape) }, () => draw.int(-127, 127));
  const w = c.constant(shape, { type: x.type, quant, data });
  if (!bias) return { w: w.tensor, b: -1, scale: [scales].flat()[0] };
  const b = c.model.tensor({
    shape: [channels],
    type: 'i32',
    data: Int32Array.from({ length: channels }, () => draw.int(-2000, 2000)),
    scale: [scales].flat().map((s) => s * x.scale),
    channel: 0,
  });
  return { w: w.tensor, b, scale: [scales].flat()[0] };
}

const operands = (x, w, b) => (b === -1 ? [x, w] : [x, w, b]);

function conv(c) {
  const { draw } = c;
  const [kh, kw] = [draw.int(1, 5), draw.int(1, 5)];
  const [sh, sw] = [draw.int(1, 3), draw.int(1, 3)];
  const [dh, dw] = draw.flip(0.3) ? [draw.int(1, 3), draw.int(1, 3)] : [1, 1];
  const padding = draw.int(0, 1);
  const groups = draw.flip(0.2) ? 2 : 1;
  const [ci, co] = [draw.int(1, 9), draw.int(1, 9) * groups];
  const [h, w] = [draw.int((kh - 1) * dh + 1, 17), draw.int((kw - 1) * dw + 1, 17)];
  const x = c.input([1, h, w, ci * groups]);
  const f = weights(c, x, [co, kh, kw, ci], 0, co, { bias: draw.flip(0.9) || isQuantised(c.type) });
  const out = [1, windowSize(padding, h, kh, sh, dh), windowSize(padding, w, kw, sw, dw), co];
  const range = f.scale * 255 * Math.sqrt(kh * kw * ci) * 1.5;
  const y = c.output(out, { quant: c.quant(c.type, range) });
  c.model.op(
    'CONV_2D',
    operands(x.tensor, f.w, f.b),
    [y],
    [
      i8(0, padding),
      i32(1, sw),
      i32(2, sh),
      i8(3, draw.pick(...ACTIVATIONS)),
      i32(4, dw),
      i32(5, dh),
    ],
  );
}

function depthwise(c) {
  const { draw } = c;
  const [kh, kw] = draw.pick([3, 3], [5, 5], [draw.int(1, 7), draw.int(1, 7)]);
  const stride = draw.int(1, 2);
  const dilation = stride === 1 && draw.flip(0.3) ? 2 : 1;
  const padding = draw.int(0, 1);
  const [ci, m] = [draw.int(1, 17), draw.pick(1, 1, 1, 2, 3)];
  const [h, w] = [draw.int((kh - 1) * dilation + 1, 17), draw.int((kw - 1) * dilation + 1, 17)];
  const x = c.input([1, h, w, ci]);
  const f = weights(c, x, [1, kh, kw, ci * m], 3, ci * m);
  const out = [
    1,
    windowSize(padding, h, kh, stride, dilation),
    windowSize(padding, w, kw, stride, dilation),
    ci * m,
  ];
  const y = c.output(out, { quant: c.quant(c.type, f.scale * 255 * Math.sqrt(kh * kw) * 1.5) });
  c.model.op(
    'DEPTHWISE_CONV_2D',
    [x.tensor, f.w, f.b],
    [y],
    [
      i8(0, padding),
      i32(1, stride),
      i32(2, stride),
      i32(3, m),
      i8(4, draw.pick(...ACTIVATIONS)),
      i32(5, dilation),
      i32(6, dilation),
    ],
  );
}

function transposeConv(c) {
  const { draw } = c;
  const [k, s] = [draw.int(1, 4), draw.int(1, 3)];
  const padding = k < s ? 1 : draw.int(0, 1);
  const [ci, co, h, w] = [draw.int(1, 6), draw.int(1, 6), draw.int(1, 8), draw.int(1, 8)];
  const side = (n) => (padding === 0 ? n * s : (n - 1) * s + k);
  const shape = [1, side(h), side(w), co];
  const x = c.input([1, h, w, ci]);
  const f = weights(c, x, [co, k, k, ci], 0, co, { bias: draw.flip() });
  const y = c.output(shape, {
    quant: c.quant(c.type, f.scale * 255 * Math.sqrt(k * k * ci) * 1.5),
  });
  c.model.op(
    'TRANSPOSE_CONV',
    [c.model.ints(shape), ...operands(f.w, x.tensor, f.b)],
    [y],
    [i8(0, padding), i32(1, s), i32(2, s)],
  );
}

function fullyConnected(c) {
  const { draw } = c;
  const [ci, co] = [draw.int(1, 40), draw.int(1, 20)];
  const keep = draw.flip();
  const lead = draw.pick([1], [draw.int(1, 5)], [1, draw.int(1, 4)]);
  const x = c.input([...lead, ci]);
  const f = weights(c, x, [co, ci], 0, co, { bias: draw.flip(0.8) });
  const y = c.output(keep ? [...lead, co] : [count(lead), co], {
    quant: c.quant(c.type, f.scale * 255 * Math.sqrt(ci) * 1.5),
  });
  c.model.op(
    'FULLY_CONNECTED',
    operands(x.tensor, f.w, f.b),
    [y],
    [i8(0, draw.pick(...ACTIVATIONS)), i8(1, 0), bool(2, keep)],
  );
}

/** Dynamic range: f32 in and out, i8 weights. */
function hybrid(c, { pointwise = false } = {}) {
  const { draw } = c;
  const [ci, co, drawn] = [draw.int(1, 12), draw.int(1, 12), draw.pick(1, 3)];
  const asConv = draw.flip() || pointwise;
  const k = pointwise ? 1 : drawn;
  const x = c.input(asConv ? [1, 6, 7, ci] : [draw.int(1, 4), ci]);
  const perChannel = draw.flip(0.7);
  const scale = perChannel
    ? Array.from({ length: co }, () => draw.real(0.004, 0.02))
    : draw.real(0.004, 0.02);
  const shape = asConv ? [co, k, k, ci] : [co, ci];
  const data = Int8Array.from({ length: count(shape) }, () => draw.int(-127, 127));
  const w = c.constant(shape, { type: 'i8', quant: { scale, zeroPoint: 0, channel: 0 }, data });
  const b = c.constant([co], { type: 'f32' });
  const y = c.output(asConv ? [1, 6, 7, co] : [x.shape[0], co]);
  /* The least symmetric of the two ways, which both runtimes share. */
  if (asConv)
    c.model.op(
      'CONV_2D',
      [x.tensor, w.tensor, b.tensor],
      [y],
      [i8(0, 0), i32(1, 1), i32(2, 1), i8(3, 0), i32(4, 1), i32(5, 1)],
    );
  else
    c.model.op(
      'FULLY_CONNECTED',
      [x.tensor, w.tensor, b.tensor],
      [y],
      [i8(0, 0), i8(1, 0), bool(2, false), bool(3, true)],
    );
}

/** A constant in half precision, widened by DEQUANTIZE, as the filter of a convolution. */
function halfWeights(c) {
  const { draw } = c;
  const [ci, co] = [draw.int(1, 8), draw.int(1, 8)];
  const x = c.input([1, 5, 5, ci]);
  const half = c.model.tensor({
    shape: [co, 3, 3, ci],
    type: 'f16',
    data: toHalf(draw.reals(co * 9 * ci)),
  });
  const w = c.model.tensor({ shape: [co, 3, 3, ci] });
  const halfBias = c.model.tensor({ shape: [co], type: 'f16', data: toHalf(draw.reals(co)) });
  const b = c.model.tensor({ shape: [co] });
  c.model.op('DEQUANTIZE', [half], [w]).op('DEQUANTIZE', [halfBias], [b]);
  c.model.op(
    'CONV_2D',
    [x.tensor, w, b],
    [c.output([1, 5, 5, co])],
    [i8(0, 0), i32(1, 1), i32(2, 1), i8(3, 1), i32(4, 1), i32(5, 1)],
  );
}

function batchMatmul(c) {
  const { draw } = c;
  const [m, k, n] = [draw.int(1, 6), draw.int(1, 6), draw.int(1, 6)];
  const batch = draw.pick([1], [draw.int(1, 3)], [2, draw.int(1, 3)]);
  const [ax, ay] = c.type === 'f32' ? [draw.flip(0.3), draw.flip(0.4)] : [false, draw.flip(0.4)];
  const x = c.input([...batch, ...(ax ? [k, m] : [m, k])]);
  const z = c.input([...batch, ...(ay ? [n, k] : [k, n])]);
  const range = isQuantised(c.type) ? x.scale * z.scale * 255 * 255 * Math.sqrt(k) * 0.4 : 1;
  c.model.op(
    'BATCH_MATMUL',
    [x.tensor, z.tensor],
    [c.output([...batch, m, n], { quant: c.quant(c.type, range) })],
    [bool(0, ax), bool(1, ay)],
  );
}

const pool = (operator) => (c) => {
  const { draw } = c;
  const [kh, kw, sh, sw] = [draw.int(1, 5), draw.int(1, 5), draw.int(1, 3), draw.int(1, 3)];
  const padding = draw.int(0, 1);
  const [h, w] = [draw.int(kh, 14), draw.int(kw, 14)];
  const x = c.input([1, h, w, draw.int(1, 20)], operator === 'L2_POOL_2D' ? { low: 0.1 } : {});
  const out = [1, windowSize(padding, h, kh, sh), windowSize(padding, w, kw, sw), x.shape[3]];
  c.model.op(
    operator,
    [x.tensor],
    [c.output(out, { quant: Case.same(x) })],
    [
      i8(0, padding),
      i32(1, sw),
      i32(2, sh),
      i32(3, kw),
      i32(4, kh),
      i8(5, draw.pick(...ACTIVATIONS)),
    ],
  );
};

/** Two shapes that broadcast, and their common one. */
function broadcastShapes(draw) {
  const shape = Array.from({ length: draw.int(1, 4) }, () => draw.int(1, 6));
  const thin = () => {
    const kept = shape.slice(draw.flip(0.3) ? draw.int(0, shape.length - 1) : 0);
    return kept.map((size) => (draw.flip(0.25) ? 1 : size));
  };
  return draw.flip(0.4)
    ? [shape, shape, shape]
    : draw.flip()
      ? [shape, thin(), shape]
      : [thin(), shape, shape];
}

const binary =
  (operator, { fused = false, low = -2, gain = (a, b) => a + b } = {}) =>
  (c) => {
    const { draw } = c;
    const [left, right, out] = broadcastShapes(draw);
    const a = c.input(left, { low });
    const b = draw.flip(0.3) ? c.constant(right, { low }) : c.input(right, { low });
    const range = isQuantised(c.type)
      ? gain(a.scale * 255, b.scale * 255) * draw.real(0.5, 1.1)
      : 1;
    const y = c.output(out, { quant: c.quant(c.type, range) });
    c.model.op(
      operator,
      [a.tensor, b.tensor],
      [y],
      fused ? [i8(0, draw.pick(...ACTIVATIONS))] : [],
    );
  };

/** MAXIMUM and MINIMUM: the three tensors share their quantisation. */
const extreme = (operator) => (c) => {
  const [left, right, out] = broadcastShapes(c.draw);
  const quant = c.quant();
  const a = c.input(left, { quant });
  const b = c.input(right, { quant });
  c.model.op(operator, [a.tensor, b.tensor], [c.output(out, { quant })], []);
};

const unary =
  (operator, { low = -3, high = 3, options, quant } = {}) =>
  (c) => {
    const { draw } = c;
    const shape = Array.from({ length: draw.int(1, 4) }, () => draw.int(1, 7));
    const x = c.input(shape, { low, high });
    const fixed = isQuantised(c.type) && quant ? quant(c.type, x, c) : undefined;
    c.model.op(
      operator,
      [x.tensor],
      [c.output(shape, { quant: fixed ?? c.quant() })],
      options?.(draw) ?? [],
    );
  };

const unit = (type) => ({ scale: 1 / 256, zeroPoint: type === 'u8' ? 0 : -128 });
const signed = (type) => ({ scale: 1 / 128, zeroPoint: type === 'u8' ? 128 : 0 });

function prelu(c) {
  const { draw } = c;
  const [h, w, ch] = [draw.int(1, 6), draw.int(1, 6), draw.int(1, 9)];
  const x = c.input([1, h, w, ch]);
  const alpha = c.constant(draw.pick([1, 1, ch], [h, w, ch]), { quant: c.quant(c.type, 2) });
  c.model.op('PRELU', [x.tensor, alpha.tensor], [c.output(x.shape)]);
}

const compare = (operator) => (c) => {
  const [left, right, out] = broadcastShapes(c.draw);
  const quant = c.quant();
  const a = c.input(left, { low: -2, high: 2, quant });
  const b = c.input(right, { low: -2, high: 2, quant });
  c.model.op(operator, [a.tensor, b.tensor], [c.output(out, { type: 'bool' })], []);
};

function select(c) {
  const { draw } = c;
  const shape = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
  const condition = c.input(shape, { type: 'bool' });
  const quant = c.quant();
  const [a, b] = [c.input(shape, { quant }), c.input(draw.flip(0.3) ? [1] : shape, { quant })];
  c.model.op('SELECT_V2', [condition.tensor, a.tensor, b.tensor], [c.output(shape, { quant })], []);
}

/** Operators that move elements: an input of rank `rank`, `build(c, x)` gives the operator, its operands, output shape and options. */
const move = (rank, build) => (c) => {
  const { draw } = c;
  const ranks = Array.isArray(rank) ? draw.int(rank[0], rank[1]) : rank;
  const x = c.input(Array.from({ length: ranks }, () => draw.int(1, 6)));
  const { operator, operands: ids, shape, options = [] } = build(c, x, draw);
  c.model.op(operator, ids, [c.output(shape, { quant: Case.same(x) })], options);
};

const reshape = move([1, 4], (c, x, draw) => {
  const factors = x.shape.flatMap((size) => {
    const divisor = [2, 3, 5].find((d) => size % d === 0);
    return divisor ? [divisor, size / divisor] : [size];
  });
  const shape = draw.shuffle(factors).slice(0, 5);
  const total = count(x.shape);
  const rest = total / count(shape);
  const whole = [...shape, rest];
  const target = draw.flip() ? whole.map((size, i) => (i === whole.length - 1 ? -1 : size)) : whole;
  return { operator: 'RESHAPE', operands: [x.tensor, c.model.ints(target)], shape: whole };
});

const transpose = move([2, 5], (c, x, draw) => {
  const order = draw.shuffle(x.shape.keys());
  return {
    operator: 'TRANSPOSE',
    operands: [x.tensor, c.model.ints(order)],
    shape: order.map((d) => x.shape[d]),
  };
});

const slice = move([1, 4], (c, x, draw) => {
  const begin = x.shape.map((size) => draw.int(0, size - 1));
  const sizes = x.shape.map((size, d) => (draw.flip(0.3) ? -1 : draw.int(1, size - begin[d])));
  const shape = sizes.map((size, d) => (size === -1 ? x.shape[d] - begin[d] : size));
  return {
    operator: 'SLICE',
    operands: [x.tensor, c.model.ints(begin), c.model.ints(sizes)],
    shape,
  };
});

const stridedSlice = move([1, 4], (c, x, draw) => {
  const masks = { begin: 0, end: 0, shrink: 0 };
  const [begin, end, strides, shape] = [[], [], [], []];
  x.shape.forEach((size, d) => {
    const stride = draw.pick(1, 1, 1, 2, -1, 3);
    let from = stride > 0 ? draw.int(0, size - 1) : size - 1;
    if (draw.flip(0.2)) {
      masks.shrink |= 1 << d;
      from = draw.int(0, size - 1);
      begin.push(draw.flip(0.3) ? from - size : from);
      end.push(from + 1);
      strides.push(1);
      return;
    }
    const to = stride > 0 ? draw.int(from + 1, size) : draw.int(-1, from - 1);
    const all = draw.flip(0.2);
    if (draw.flip(0.2)) {
      masks.begin |= 1 << d;
      from = stride > 0 ? 0 : size - 1;
    }
    if (all || to === -1) masks.end |= 1 << d;
    const stop = all || to === -1 ? (stride > 0 ? size : -1) : to;
    begin.push((masks.begin >> d) & 1 ? 0 : from);
    end.push(Math.max(stop, 0));
    strides.push(stride);
    shape.push(Math.max(0, Math.ceil((stop - from) / stride)));
  });
  return {
    operator: 'STRIDED_SLICE',
    operands: [x.tensor, c.model.ints(begin), c.model.ints(end), c.model.ints(strides)],
    shape,
    options: [i32(0, masks.begin), i32(1, masks.end), i32(2, 0), i32(3, 0), i32(4, masks.shrink)],
  };
});

const pad = move([1, 4], (c, x, draw) => {
  const pads = x.shape.map(() => [draw.int(0, 3), draw.int(0, 3)]);
  const paddings = c.model.ints(pads.flat(), [x.shape.length, 2]);
  const shape = x.shape.map((size, d) => size + pads[d][0] + pads[d][1]);
  if (draw.flip()) return { operator: 'PAD', operands: [x.tensor, paddings], shape };
  const fill = c.constant([1], { quant: Case.same(x) });
  return { operator: 'PADV2', operands: [x.tensor, paddings, fill.tensor], shape };
});

const mirrorPad = move([1, 4], (c, x, draw) => {
  const mode = draw.int(0, 1);
  const pads = x.shape.map((size) => [draw.int(0, size - 1 + mode), draw.int(0, size - 1 + mode)]);
  return {
    operator: 'MIRROR_PAD',
    operands: [x.tensor, c.model.ints(pads.flat(), [x.shape.length, 2])],
    shape: x.shape.map((size, d) => size + pads[d][0] + pads[d][1]),
    options: [i8(0, mode)],
  };
});

const tile = move([1, 4], (c, x, draw) => {
  const times = x.shape.map(() => draw.int(1, 3));
  return {
    operator: 'TILE',
    operands: [x.tensor, c.model.ints(times)],
    shape: x.shape.map((size, d) => size * times[d]),
  };
});

const broadcastTo = move([1, 4], (c, x, draw) => {
  const shape = [
    ...(x.shape.length < 4 && draw.flip() ? [draw.int(1, 3)] : []),
    ...x.shape.map((size) => (size === 1 ? draw.int(1, 4) : size)),
  ];
  return { operator: 'BROADCAST_TO', operands: [x.tensor, c.model.ints(shape)], shape };
});

const reverse = move([1, 4], (c, x, draw) => ({
  operator: 'REVERSE_V2',
  operands: [x.tensor, c.model.ints([draw.int(0, x.shape.length - 1)])],
  shape: x.shape,
}));

const expand = move([1, 3], (c, x, draw) => {
  const at = draw.int(0, x.shape.length);
  const shape = [...x.shape.slice(0, at), 1, ...x.shape.slice(at)];
  return {
    operator: 'EXPAND_DIMS',
    operands: [x.tensor, c.model.ints([draw.flip(0.3) ? at - x.shape.length - 1 : at])],
    shape,
  };
});

function squeeze(c) {
  const { draw } = c;
  const x = c.input([1, draw.int(2, 5), 1, draw.int(2, 5)]);
  const all = draw.flip();
  const shape = all ? [x.shape[1], x.shape[3]] : [1, x.shape[1], x.shape[3]];
  c.model.op(
    'SQUEEZE',
    [x.tensor],
    [c.output(shape, { quant: Case.same(x) })],
    [{ id: 0, type: 'vector', item: 'i32', value: all ? [] : [2], align: 1 }],
  );
}

function gather(c) {
  const { draw } = c;
  const x = c.input([draw.int(1, 5), draw.int(1, 5), draw.int(1, 5)]);
  const axis = draw.int(0, 2);
  const shape = draw.pick([draw.int(1, 6)], [2, 3]);
  const index = c.input(shape, {
    type: 'i32',
    data: Int32Array.from({ length: count(shape) }, () => draw.int(0, x.shape[axis] - 1)),
  });
  const out = [...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)];
  c.model.op(
    'GATHER',
    [x.tensor, index.tensor],
    [c.output(out, { quant: Case.same(x) })],
    [i32(0, axis), i32(1, 0)],
  );
}

function gatherNd(c) {
  const { draw } = c;
  const x = c.input([draw.int(1, 5), draw.int(1, 5), draw.int(1, 5)]);
  const depth = draw.int(1, 3);
  const rows = draw.int(1, 5);
  const data = Int32Array.from({ length: rows * depth }, (_, i) =>
    draw.int(0, x.shape[i % depth] - 1),
  );
  const index = c.input([rows, depth], { type: 'i32', data });
  c.model.op(
    'GATHER_ND',
    [x.tensor, index.tensor],
    [c.output([rows, ...x.shape.slice(depth)], { quant: Case.same(x) })],
    [],
  );
}

function concatenation(c) {
  const { draw } = c;
  const shape = Array.from({ length: draw.int(1, 4) }, () => draw.int(1, 5));
  const axis = draw.int(0, shape.length - 1);
  const quant = c.quant();
  const parts = Array.from({ length: draw.int(2, 7) }, () =>
    c.input(
      shape.map((size, d) => (d === axis ? draw.int(1, 4) : size)),
      { quant },
    ),
  );
  const out = shape.map((size, d) =>
    d === axis ? parts.reduce((sum, part) => sum + part.shape[axis], 0) : size,
  );
  c.model.op(
    'CONCATENATION',
    parts.map((part) => part.tensor),
    [c.output(out, { quant })],
    [i32(0, draw.flip() ? axis : axis - shape.length), i8(1, 0)],
  );
}

function split(c) {
  const { draw } = c;
  const parts = draw.int(2, 4);
  const shape = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
  const axis = draw.int(0, 2);
  const whole = shape.map((size, d) => (d === axis ? size * parts : size));
  const x = c.input(whole);
  const outputs = Array.from({ length: parts }, () => c.output(shape, { quant: Case.same(x) }));
  c.model.op('SPLIT', [c.model.ints([axis], []), x.tensor], outputs, [i32(0, parts)]);
}

function splitV(c) {
  const { draw } = c;
  const sizes = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
  const x = c.input([draw.int(1, 4), sizes.reduce((a, b) => a + b), draw.int(1, 4)]);
  const outputs = sizes.map((size) =>
    c.output([x.shape[0], size, x.shape[2]], { quant: Case.same(x) }),
  );
  const stated = draw.flip() ? [sizes[0], -1, sizes[2]] : sizes;
  c.model.op('SPLIT_V', [x.tensor, c.model.ints(stated), c.model.ints([1], [])], outputs, [
    i32(0, 3),
  ]);
}

function pack(c) {
  const { draw } = c;
  const shape = Array.from({ length: draw.int(1, 3) }, () => draw.int(1, 5));
  const axis = draw.int(0, shape.length);
  const quant = c.quant();
  const parts = Array.from({ length: draw.int(1, 4) }, () => c.input(shape, { quant }));
  const out = [...shape.slice(0, axis), parts.length, ...shape.slice(axis)];
  c.model.op(
    'PACK',
    parts.map((part) => part.tensor),
    [c.output(out, { quant })],
    [i32(0, parts.length), i32(1, axis)],
  );
}

function unpack(c) {
  const { draw } = c;
  const shape = Array.from({ length: draw.int(2, 3) }, () => draw.int(1, 4));
  const axis = draw.int(0, shape.length - 1);
  const x = c.input(shape);
  const outputs = Array.from({ length: shape[axis] }, () =>
    c.output(
      shape.filter((_, d) => d !== axis),
      { quant: Case.same(x) },
    ),
  );
  c.model.op('UNPACK', [x.tensor], outputs, [i32(0, shape[axis]), i32(1, axis)]);
}

const blocks = (operator) => (c) => {
  const { draw } = c;
  const [b, h, w, ch] = [draw.int(2, 3), draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
  const small = [1, h, w, ch * b * b];
  const large = [1, h * b, w * b, ch];
  const down = operator === 'SPACE_TO_DEPTH';
  const x = c.input(down ? large : small);
  c.model.op(
    operator,
    [x.tensor],
    [c.output(down ? small : large, { quant: Case.same(x) })],
    [i32(0, b)],
  );
};

function spaceToBatch(c) {
  const { draw } = c;
  const block = [draw.int(1, 3), draw.int(1, 3)];
  const x = c.input([draw.int(1, 2), draw.int(2, 7), draw.int(2, 7), draw.int(1, 4)]);
  const pads = block.map((b, d) => {
    const before = draw.int(0, 2);
    return [before, (b - ((x.shape[d + 1] + before) % b)) % b];
  });
  const out = [
    x.shape[0] * block[0] * block[1],
    ...block.map((b, d) => (x.shape[d + 1] + pads[d][0] + pads[d][1]) / b),
    x.shape[3],
  ];
  c.model.op(
    'SPACE_TO_BATCH_ND',
    [x.tensor, c.model.ints(block), c.model.ints(pads.flat(), [2, 2])],
    [c.output(out, { quant: Case.same(x) })],
    [],
  );
}

function batchToSpace(c) {
  const { draw } = c;
  const block = [draw.int(1, 3), draw.int(1, 3)];
  const x = c.input([
    draw.int(1, 2) * block[0] * block[1],
    draw.int(2, 4),
    draw.int(2, 4),
    draw.int(1, 4),
  ]);
  const crops = [
    [draw.int(0, 1), 0],
    [0, draw.int(0, 1)],
  ];
  const out = [
    x.shape[0] / (block[0] * block[1]),
    ...block.map((b, d) => x.shape[d + 1] * b - crops[d][0] - crops[d][1]),
    x.shape[3],
  ];
  c.model.op(
    'BATCH_TO_SPACE_ND',
    [x.tensor, c.model.ints(block), c.model.ints(crops.flat(), [2, 2])],
    [c.output(out, { quant: Case.same(x) })],
    [],
  );
}

const argument = (operator) => (c) => {
  const { draw } = c;
  const x = c.input([draw.int(1, 4), draw.int(1, 4), draw.int(1, 8)]);
  const axis = draw.int(0, 2);
  const y = c.output(
    x.shape.filter((_, d) => d !== axis),
    { type: 'i32' },
  );
  c.model.op(
    operator,
    [x.tensor, c.model.ints([draw.flip(0.3) ? axis - 3 : axis])],
    [y],
    [i8(0, TYPES.i32)],
  );
};

function topk(c) {
  const { draw } = c;
  const x = c.input([draw.int(1, 4), draw.int(1, 12)]);
  const k = draw.int(1, x.shape[1]);
  const outputs = [
    c.output([x.shape[0], k], { quant: Case.same(x) }),
    c.output([x.shape[0], k], { type: 'i32' }),
  ];
  c.model.op('TOPK_V2', [x.tensor, c.model.ints([k], [])], outputs, []);
}

function oneHot(c) {
  const { draw } = c;
  const depth = draw.int(2, 6);
  const index = c.input([draw.int(1, 6)], { type: 'i32', low: 0, high: depth });
  const scalar = (value) => c.constant([], { type: 'f32', data: Float32Array.of(value) }).tensor;
  const y = c.output([index.shape[0], depth], { type: 'f32' });
  c.model.op(
    'ONE_HOT',
    [index.tensor, c.model.ints([depth], []), scalar(2), scalar(-1)],
    [y],
    [i32(0, -1)],
  );
}

const resize = (operator) => (c) => {
  const { draw } = c;
  const x = c.input([1, draw.int(1, 9), draw.int(1, 9), draw.int(1, 9)]);
  const size = [draw.int(1, 15), draw.int(1, 15)];
  const mode = draw.int(0, 2);
  const first = operator === 'RESIZE_BILINEAR' ? 2 : 0;
  c.model.op(
    operator,
    [x.tensor, c.model.ints(size)],
    [c.output([1, ...size, x.shape[3]], { quant: Case.same(x) })],
    [bool(first, mode === 1), bool(first + 1, mode === 2)],
  );
};

const reduce =
  (operator, { bools = false } = {}) =>
  (c) => {
    const { draw } = c;
    const type = bools ? 'bool' : c.type;
    const x = c.input(
      Array.from({ length: draw.int(1, 4) }, () => draw.int(1, 5)),
      { type, low: -1.5, high: 1.5 },
    );
    const axes = draw.shuffle(x.shape.keys()).slice(0, draw.int(1, x.shape.length));
    const keep = draw.flip();
    const shape = x.shape.flatMap((size, d) => (axes.includes(d) ? (keep ? [1] : []) : [size]));
    const sums = operator === 'SUM' && isQuantised(type);
    const quant = sums ? c.quant(type, x.scale * 255 * Math.sqrt(count(x.shape))) : Case.same(x);
    c.model.op(
      operator,
      [x.tensor, c.model.ints(axes)],
      [c.output(shape, { type, quant })],
      [bool(0, keep)],
    );
  };

function quantize(c) {
  const { draw } = c;
  const from = draw.pick('f32', 'u8', 'i8');
  const to = draw.pick('u8', 'i8');
  const x = c.input([draw.int(1, 30)], { type: from });
  c.model.op('QUANTIZE', [x.tensor], [c.output(x.shape, { type: to, quant: c.quant(to) })], []);
}

function dequantize(c) {
  const { draw } = c;
  const x = c.input([draw.int(1, 30)], { type: draw.pick('u8', 'i8') });
  c.model.op('DEQUANTIZE', [x.tensor], [c.output(x.shape, { type: 'f32' })], []);
}

function cast(c) {
  const { draw } = c;
  const [from, to] = draw.pick(
    ['f32', 'i32'],
    ['i32', 'f32'],
    ['u8', 'f32'],
    ['bool', 'f32'],
    ['f32', 'bool'],
    ['u8', 'i32'],
    ['i8', 'f32'],
  );
  const x = c.input([draw.int(1, 20)], {
    type: from,
    quant: {},
    low: from === 'i32' ? -9 : -4.5,
    high: from === 'i32' ? 9 : 4.5,
  });
  c.model.op(
    'CAST',
    [x.tensor],
    [c.output(x.shape, { type: to, quant: {} })],
    [i8(0, TYPES[from]), i8(1, TYPES[to])],
  );
}

function localResponse(c) {
  const { draw } = c;
  const x = c.input([1, draw.int(1, 4), draw.int(1, 4), draw.int(1, 9)]);
  c.model.op(
    'LOCAL_RESPONSE_NORMALIZATION',
    [x.tensor],
    [c.output(x.shape)],
    [i32(0, draw.int(1, 3)), f32(1, 1), f32(2, draw.real(0.1, 1)), f32(3, draw.pick(0.5, 1))],
  );
}

const integers =
  (operator, { zero = true } = {}) =>
  (c) => {
    const [left, right, out] = broadcastShapes(c.draw);
    const a = c.input(left, { type: 'i32', low: -20, high: 20 });
    const b = zero
      ? c.input(right, { type: 'i32', low: -20, high: 20 })
      : c.input(right, {
          type: 'i32',
          data: Int32Array.from({ length: count(right) }, () => c.draw.pick(-7, -3, -1, 1, 2, 5)),
        });
    c.model.op(operator, [a.tensor, b.tensor], [c.output(out, { type: 'i32' })], []);
  };

const Q = ['f32', 'u8', 'i8'];
const F = ['f32'];
/** Every family: the data types it is drawn for, and what builds it. */
export const FAMILIES = {
  CONV_2D: [Q, conv, 3],
  DEPTHWISE_CONV_2D: [Q, depthwise, 3],
  TRANSPOSE_CONV: [['f32', 'i8'], transposeConv, 2],
  FULLY_CONNECTED: [Q, fullyConnected, 2],
  HYBRID: [F, hybrid, 4],
  HALF: [F, halfWeights, 2],
  BATCH_MATMUL: [['f32', 'i8'], batchMatmul, 2],
  AVERAGE_POOL_2D: [Q, pool('AVERAGE_POOL_2D'), 3],
  MAX_POOL_2D: [Q, pool('MAX_POOL_2D'), 3],
  L2_POOL_2D: [F, pool('L2_POOL_2D')],
  ADD: [Q, binary('ADD', { fused: true }), 2],
  SUB: [Q, binary('SUB', { fused: true })],
  MUL: [Q, binary('MUL', { fused: true, gain: (a, b) => (a * b) / 3 }), 2],
  DIV: [F, binary('DIV', { fused: true, low: 0.5 }), 2],
  MAXIMUM: [Q, extreme('MAXIMUM')],
  MINIMUM: [Q, extreme('MINIMUM')],
  SQUARED_DIFFERENCE: [
    ['f32', 'i8'],
    binary('SQUARED_DIFFERENCE', { gain: (a, b) => (a + b) ** 2 / 6 }),
  ],
  PRELU: [Q, prelu],
  POW: [F, binary('POW', { low: 0.3 })],
  FLOOR_DIV: [F, binary('FLOOR_DIV', { low: 0.4 })],
  FLOOR_MOD: [F, binary('FLOOR_MOD', { low: 0.4 })],
  LOGISTIC: [Q, unary('LOGISTIC', { quant: unit })],
  TANH: [Q, unary('TANH', { quant: signed })],
  RELU: [Q, unary('RELU')],
  RELU6: [Q, unary('RELU6')],
  RELU_N1_TO_1: [['f32', 'u8'], unary('RELU_N1_TO_1')],
  LEAKY_RELU: [Q, unary('LEAKY_RELU', { options: (draw) => [f32(0, draw.real(0.05, 0.6))] })],
  ELU: [['f32', 'i8'], unary('ELU')],
  HARD_SWISH: [Q, unary('HARD_SWISH')],
  ABS: [F, unary('ABS')],
  NEG: [F, unary('NEG')],
  EXP: [F, unary('EXP')],
  LOG: [F, unary('LOG', { low: 0.1 })],
  SQRT: [F, unary('SQRT', { low: 0 })],
  RSQRT: [F, unary('RSQRT', { low: 0.1 })],
  SQUARE: [F, unary('SQUARE')],
  FLOOR: [F, unary('FLOOR')],
  CEIL: [F, unary('CEIL')],
  ROUND: [F, unary('ROUND')],
  SIN: [F, unary('SIN')],
  COS: [F, unary('COS')],
  GELU: [['f32', 'i8'], unary('GELU', { options: (draw) => [bool(0, draw.flip())] })],
  SOFTMAX: [Q, unary('SOFTMAX', { quant: unit, options: () => [f32(0, 1)] }), 2],
  LOG_SOFTMAX: [F, unary('LOG_SOFTMAX')],
  L2_NORMALIZATION: [F, unary('L2_NORMALIZATION', { options: () => [i8(0, 0)] })],
  LOCAL_RESPONSE_NORMALIZATION: [F, localResponse],
  LESS: [Q, compare('LESS')],
  LESS_EQUAL: [F, compare('LESS_EQUAL')],
  GREATER: [Q, compare('GREATER')],
  GREATER_EQUAL: [F, compare('GREATER_EQUAL')],
  EQUAL: [['f32', 'i32'], compare('EQUAL')],
  NOT_EQUAL: [['f32', 'i32'], compare('NOT_EQUAL')],
  SELECT_V2: [Q, select],
  QUANTIZE: [F, quantize, 4],
  DEQUANTIZE: [F, dequantize, 2],
  CAST: [F, cast, 3],
  RESHAPE: [Q, reshape],
  SQUEEZE: [Q, squeeze],
  EXPAND_DIMS: [Q, expand],
  TRANSPOSE: [Q, transpose, 2],
  CONCATENATION: [Q, concatenation, 2],
  SPLIT: [Q, split],
  SPLIT_V: [F, splitV],
  SLICE: [Q, slice, 2],
  STRIDED_SLICE: [Q, stridedSlice, 3],
  PACK: [Q, pack],
  UNPACK: [Q, unpack],
  PAD: [Q, pad, 2],
  MIRROR_PAD: [Q, mirrorPad],
  TILE: [F, tile],
  BROADCAST_TO: [F, broadcastTo],
  REVERSE_V2: [F, reverse],
  GATHER: [Q, gather, 2],
  GATHER_ND: [Q, gatherNd],
  DEPTH_TO_SPACE: [Q, blocks('DEPTH_TO_SPACE')],
  SPACE_TO_DEPTH: [Q, blocks('SPACE_TO_DEPTH')],
  SPACE_TO_BATCH_ND: [Q, spaceToBatch],
  BATCH_TO_SPACE_ND: [Q, batchToSpace],
  ARG_MAX: [Q, argument('ARG_MAX')],
  ARG_MIN: [Q, argument('ARG_MIN')],
  TOPK_V2: [F, topk],
  ONE_HOT: [F, oneHot],
  RESIZE_BILINEAR: [Q, resize('RESIZE_BILINEAR'), 2],
  RESIZE_NEAREST_NEIGHBOR: [Q, resize('RESIZE_NEAREST_NEIGHBOR'), 2],
  MEAN: [Q, reduce('MEAN'), 2],
  SUM: [Q, reduce('SUM')],
  REDUCE_MAX: [Q, reduce('REDUCE_MAX')],
  REDUCE_MIN: [Q, reduce('REDUCE_MIN')],
  REDUCE_PROD: [F, reduce('REDUCE_PROD')],
  REDUCE_ANY: [F, reduce('REDUCE_ANY', { bools: true })],
  REDUCE_ALL: [F, reduce('REDUCE_ALL', { bools: true })],
  ADD_I32: [F, integers('ADD')],
  MUL_I32: [F, integers('MUL')],
  SUB_I32: [F, integers('SUB')],
  FLOOR_DIV_I32: [F, integers('FLOOR_DIV', { zero: false })],
  FLOOR_MOD_I32: [F, integers('FLOOR_MOD', { zero: false })],
  /* LiteRT quantises each pixel for itself. */
  HYBRID_POINTWISE: [F, (c) => hybrid(c, { pointwise: true })],
};

/** Yields `{ name, bytes, inputs }`, `rounds` times each family, data type and (when `weighted`) weight of the family. */
export function* oneOpModels({ seed = 1, rounds = 2, weighted = true, only } = {}) {
  let index = 0;
  for (const [name, [types, build, weight = 1]] of Object.entries(FAMILIES)) {
    for (const type of types) {
      for (let round = 0; round < rounds * (weighted ? weight : 1); round++) {
        index++;
        if (only && !only.test(name)) continue;
        const c = new Case(new Draw(seed * 100003 + index), type);
        build(c);
        yield c.finish(`${name} ${type} #${index}`);
      }
    }
  }
}
