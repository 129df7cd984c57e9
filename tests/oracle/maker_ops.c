/* Which operators random graphs are made of: one function per family. */
#include <math.h>
#include <string.h>

#include "oracle/maker.h"

static uint32_t pick_range(maker *m, uint32_t low, uint32_t high) {
  return random_range(&m->random, low, high);
}
static bool chance(maker *m, uint32_t percent) { return random_chance(&m->random, percent); }

static void like(const maker *m, maker_op *op, uint32_t value) {
  const oracle_tensor *tensor = maker_tensor(m, value);
  op->dtype = tensor->dtype;
  op->rank = tensor->rank;
  memcpy(op->dims, tensor->dims, sizeof op->dims);
}

static maker_op on(const maker *m, ew_op op, uint32_t input) {
  maker_op result = maker_op_of(op);
  result.in[0] = input;
  result.num_in = 1;
  like(m, &result, input);
  return result;
}

static void extremes(const maker *m, uint32_t value, double *low, double *high) {
  const oracle_tensor *tensor = maker_tensor(m, value);
  *low = INFINITY;
  *high = -INFINITY;
  for (size_t i = 0; i < tensor->count; i++) {
    *low = fmin(*low, tensor->value[i]);
    *high = fmax(*high, tensor->value[i]);
  }
}

/* --- element by element -------------------------------------------------------------------------- */

static ew_status add_clamp(maker *m, uint32_t x, uint32_t *out) {
  double low = 0, high = 0;
  extremes(m, x, &low, &high);
  *out = EW_NONE;
  if (!(low < high)) return EW_OK;
  maker_op op = on(m, EW_OP_CLAMP, x);
  op.same_quant = op.dtype == EW_F32 ? EW_NONE : x;
  op.params.output_min = (float)(low + (high - low) * random_real(&m->random, 0, 0.4));
  op.params.output_max = (float)(low + (high - low) * random_real(&m->random, 0.6, 1));
  return maker_add(m, &op, out);
}

/* The argument of a function that is defined for positive numbers only. */
static ew_status add_positive(maker *m, uint32_t x, uint32_t *out) {
  double low = 0, high = 0;
  *out = EW_NONE;
  maker_op op = on(m, chance(m, 50) ? EW_OP_SQUARE : EW_OP_ABS, x);
  EW_TRY(maker_add(m, &op, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op sum = on(m, EW_OP_ADD, x);
  EW_TRY(maker_plain_constant(m, sum.dtype, 1, (size_t[]){1}, 0.5, 1.5, &sum.in[1]));
  sum.num_in = 2;
  if (sum.rank == 0) sum.dims[0] = sum.rank = 1;
  EW_TRY(maker_add(m, &sum, &x));
  if (x == EW_NONE) return EW_OK;
  extremes(m, x, &low, &high);
  if (low > 0.05) *out = x;
  return EW_OK;
}

static ew_status add_unary(maker *m) {
  static const ew_op ops[] = {EW_OP_ABS,        EW_OP_CEILING,     EW_OP_CLAMP,
                              EW_OP_COSINE,     EW_OP_ELU,         EW_OP_EXP,
                              EW_OP_FLOOR,      EW_OP_GELU,        EW_OP_HARDSWISH,
                              EW_OP_LEAKY_RELU, EW_OP_LOG,         EW_OP_NEGATE,
                              EW_OP_SIGMOID,    EW_OP_SINE,        EW_OP_SQUARE,
                              EW_OP_TANH,       EW_OP_SQUARE_ROOT, EW_OP_RECIPROCAL_SQUARE_ROOT};
  const ew_op kind = ops[pick_range(m, 0, sizeof ops / sizeof *ops - 1)];
  uint32_t x = EW_NONE, y = EW_NONE;
  double low = 0, high = 0;
  EW_TRY(maker_pick(m, maker_dtype(m), MAKER_ANY_RANK, &x));
  if (x == EW_NONE) return EW_OK;
  if (kind == EW_OP_CLAMP) return add_clamp(m, x, &y);
  if (kind == EW_OP_LOG || kind == EW_OP_SQUARE_ROOT || kind == EW_OP_RECIPROCAL_SQUARE_ROOT) {
    /* Other sizes bring other numbers, which may lie outside of the domain. */
    if (m->g->is_dynamic && maker_tensor(m, x)->dtype != EW_F32) return EW_OK;
    EW_TRY(add_positive(m, x, &x));
    if (x == EW_NONE) return EW_OK;
  }
  extremes(m, x, &low, &high);
  if (kind == EW_OP_EXP && high > 6) return EW_OK;
  if (fmax(fabs(low), fabs(high)) > 200) return EW_OK;
  maker_op op = on(m, kind, x);
  if (kind == EW_OP_ELU) op.params.alpha = (float)random_real(&m->random, 0.3, 1.5);
  if (kind == EW_OP_LEAKY_RELU) {
    op.params.alpha = (float)random_real(&m->random, 0.02, 0.9) * (chance(m, 25) ? -1 : 1);
  }
  return maker_add(m, &op, &y);
}

static ew_status add_convert(maker *m) {
  static const ew_dtype targets[] = {EW_F32, EW_I8, EW_U8};
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), MAKER_ANY_RANK, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op op = on(m, EW_OP_CONVERT, x);
  op.dtype = targets[pick_range(m, 0, 2)];
  if (op.dtype == EW_F32 && maker_tensor(m, x)->dtype == EW_F32) return EW_OK;
  return maker_add(m, &op, &y);
}

/* As the rewrite of 8-bit chains makes them (exec/xnn/tables.c). */
static ew_status add_table(maker *m) {
  uint32_t x = EW_NONE;
  EW_TRY(maker_pick(m, chance(m, 50) ? EW_I8 : EW_U8, MAKER_ANY_RANK, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op op = on(m, EW_OP_TABLE, x);
  if (chance(m, 30)) op.dtype = op.dtype == EW_I8 ? EW_U8 : EW_I8;
  return maker_add_table(m, &op);
}

/* Sizes that broadcast with those of x: some become 1, leading ones may go. */
static uint32_t broadcast_dims(maker *m, const oracle_tensor *x, size_t *dims) {
  const uint32_t skip = x->rank > 1 && chance(m, 30) ? pick_range(m, 1, x->rank - 1) : 0;
  for (uint32_t i = skip; i < x->rank; i++) {
    dims[i - skip] = chance(m, 25) ? 1 : x->dims[i];
  }
  return x->rank - skip;
}

static uint32_t with_same_shape(const maker *m, uint32_t x) {
  for (uint32_t i = m->pool_size; i-- > 0;) {
    const oracle_tensor *a = maker_tensor(m, x), *b = maker_tensor(m, m->pool[i]);
    if (m->pool[i] != x && a->dtype == b->dtype && a->rank == b->rank &&
        memcmp(a->dims, b->dims, a->rank * sizeof *a->dims) == 0) {
      return m->pool[i];
    }
  }
  return EW_NONE;
}

static void broadcast_shape(const maker *m, maker_op *op) {
  const oracle_tensor *a = maker_tensor(m, op->in[0]), *b = maker_tensor(m, op->in[1]);
  op->rank = a->rank > b->rank ? a->rank : b->rank;
  for (uint32_t i = 0; i < op->rank; i++) {
    const size_t x = i + a->rank < op->rank ? 1 : a->dims[i + a->rank - op->rank];
    const size_t y = i + b->rank < op->rank ? 1 : b->dims[i + b->rank - op->rank];
    op->dims[i] = x == 1 ? y : x;
  }
}

static ew_status second_operand(maker *m, ew_op kind, uint32_t x, uint32_t *out) {
  const oracle_tensor *tensor = maker_tensor(m, x);
  size_t dims[EW_MAX_RANK];
  if (kind == EW_OP_DIVIDE) {
    return maker_plain_constant(m, tensor->dtype, broadcast_dims(m, tensor, dims), dims, 0.5, 3,
                                out);
  }
  *out = chance(m, 50) ? with_same_shape(m, x) : EW_NONE;
  if (*out != EW_NONE) return EW_OK;
  const uint32_t rank = broadcast_dims(m, tensor, dims);
  if (chance(m, 40)) return maker_input(m, tensor->dtype, rank, dims, out);
  return maker_plain_constant(m, tensor->dtype, rank, dims, -1, 1, out);
}

static ew_status add_binary(maker *m) {
  static const ew_op ops[] = {EW_OP_ADD,     EW_OP_ADD,     EW_OP_SUBTRACT, EW_OP_MULTIPLY,
                              EW_OP_MINIMUM, EW_OP_MAXIMUM, EW_OP_DIVIDE,   EW_OP_PRELU};
  const ew_op kind = ops[pick_range(m, 0, sizeof ops / sizeof *ops - 1)];
  uint32_t x = EW_NONE, y = EW_NONE;
  double low = 0, high = 0;
  EW_TRY(maker_pick(m, maker_dtype(m), MAKER_ANY_RANK, &x));
  if (x == EW_NONE) return EW_OK;
  extremes(m, x, &low, &high);
  if (fmax(fabs(low), fabs(high)) > 1000) return EW_OK;
  maker_op op = on(m, kind, x);
  EW_TRY(second_operand(m, kind, x, &op.in[1]));
  if (op.in[1] == EW_NONE) return EW_OK;
  op.num_in = 2;
  op.may_clamp = kind == EW_OP_ADD || kind == EW_OP_SUBTRACT || kind == EW_OP_MULTIPLY;
  const bool is_commutative = kind != EW_OP_DIVIDE && kind != EW_OP_PRELU;
  if (is_commutative && chance(m, 30)) {
    const uint32_t first = op.in[0];
    op.in[0] = op.in[1];
    op.in[1] = first;
  }
  broadcast_shape(m, &op);
  return maker_add(m, &op, &y);
}

/* One number, which is read by a SiLU or by the product before it. */
static ew_status add_number(maker *m, ew_dtype dtype, uint32_t *out) {
  return maker_plain_constant(m, dtype, chance(m, 50) ? 1 : 0, (size_t[]){1}, 0.5, 2, out);
}

/* x * y, either first */
static ew_status multiply(maker *m, uint32_t x, uint32_t y, uint32_t *out) {
  const bool swap = chance(m, 50);
  maker_op op = on(m, EW_OP_MULTIPLY, x);
  op.in[swap] = x;
  op.in[!swap] = y;
  op.num_in = 2;
  return maker_add(m, &op, out);
}

/* x * sigmoid(x), or x * sigmoid(x * number), as three nodes or fewer */
static ew_status add_silu(maker *m, uint32_t x, uint32_t *out) {
  const ew_dtype dtype = maker_tensor(m, x)->dtype;
  uint32_t number = EW_NONE, scaled = x, gate = EW_NONE;
  *out = EW_NONE;
  if (maker_tensor(m, x)->rank > 0 && chance(m, 40)) EW_TRY(add_number(m, dtype, &number));
  if (dtype == EW_F32 && chance(m, 20)) {
    maker_op silu = on(m, EW_OP_SILU, x);
    silu.in[1] = number;
    silu.num_in = number == EW_NONE ? 1 : 2;
    return maker_add(m, &silu, out);
  }
  if (number != EW_NONE) EW_TRY(multiply(m, x, number, &scaled));
  if (scaled == EW_NONE) return EW_OK;
  maker_op sigmoid = on(m, EW_OP_SIGMOID, scaled);
  EW_TRY(maker_add(m, &sigmoid, &gate));
  return gate == EW_NONE ? EW_OK : multiply(m, x, gate, out);
}

static ew_status add_any_silu(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  double low = 0, high = 0;
  EW_TRY(maker_pick(m, maker_dtype(m), MAKER_ANY_RANK, &x));
  if (x == EW_NONE) return EW_OK;
  extremes(m, x, &low, &high);
  return fmax(fabs(low), fabs(high)) > 100 ? EW_OK : add_silu(m, x, &y);
}

static ew_status add_softmax(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, EW_F32, MAKER_ANY_RANK, &x));
  if (x == EW_NONE || maker_tensor(m, x)->rank == 0) return EW_OK;
  maker_op op = on(m, EW_OP_SOFTMAX, x);
  return maker_add(m, &op, &y);
}

/* --- filters ------------------------------------------------------------------------------------- */

/* What weights there are for inputs of a type. */
typedef enum filter_kind { PLAIN, PER_TENSOR, PER_CHANNEL, PER_CHANNEL_4, PER_BLOCK_4 } filter_kind;

typedef struct filter_spec {
  filter_kind kind;
  ew_dtype dtype;
  uint32_t rank, channel_dim;
  size_t dims[4];
  double reach; /* largest weight */
} filter_spec;

static size_t product(const size_t *dims, uint32_t rank) {
  size_t n = 1;
  for (uint32_t i = 0; i < rank; i++) n *= dims[i];
  return n;
}

static ew_status random_bytes(maker *m, size_t size, bool is_f32, double reach, uint8_t **out) {
  EW_TRY(ew_arena_alloc(&m->g->arena, size, 1, out, m->err));
  /* Now and then the extreme bytes, which make accumulators overflow where anything can. */
  const bool extreme = chance(m, 5);
  for (size_t i = 0; i < size; i += is_f32 ? 4 : 1) {
    const float f = (float)random_real(&m->random, -reach, reach);
    if (is_f32)
      memcpy(*out + i, &f, sizeof f);
    else
      (*out)[i] = extreme ? (uint8_t)(0x80 - (random_bits(&m->random) & 1))
                          : (uint8_t)random_bits(&m->random);
  }
  return EW_OK;
}

static float *random_scales(maker *m, size_t count, double middle) {
  float *scales = NULL;
  if (ew_arena_alloc(&m->g->arena, count, sizeof *scales, &scales, m->err) != EW_OK) return NULL;
  for (size_t i = 0; i < count; i++) {
    scales[i] = (float)(middle * random_real(&m->random, 0.3, 1.7));
  }
  return scales;
}

static ew_status plain_filter(maker *m, const filter_spec *spec, ew_value *value, uint32_t *out) {
  uint8_t *bytes = NULL;
  const size_t count = product(spec->dims, spec->rank);
  const size_t size = count * ew_dtype_size(spec->dtype);
  EW_TRY(random_bytes(m, size, spec->dtype == EW_F32, spec->reach, &bytes));
  if (spec->kind == PER_TENSOR) {
    const int32_t zero = spec->dtype == EW_U8 ? (int32_t)pick_range(m, 0, 255) : 0;
    EW_TRY(maker_quantise(m, value, spec->dtype, spec->reach / 128, zero));
  }
  return maker_constant(m, value, bytes, size, NULL, 0, out);
}

static ew_status channel_filter(maker *m, const filter_spec *spec, ew_value *value, uint32_t *out) {
  uint8_t *bytes = NULL;
  const bool is_4bit = spec->kind == PER_CHANNEL_4;
  const size_t channels = spec->dims[spec->channel_dim];
  const size_t count = product(spec->dims, spec->rank);
  const size_t columns = spec->dims[spec->rank - 1];
  const size_t size = is_4bit ? count / columns * ((columns + 1) / 2) : count;
  EW_TRY(random_bytes(m, size, false, 0, &bytes));
  const float *scales = random_scales(m, channels, spec->reach / (is_4bit ? 8 : 128));
  value->quant = (ew_quant){.kind = EW_QUANT_CHANNEL,
                            .zero_point = is_4bit ? 8 : 0,
                            .channel_dim = spec->channel_dim,
                            .count = (uint32_t)channels,
                            .scale_constant = EW_NONE};
  return maker_constant(m, value, bytes, size, scales, channels * sizeof *scales, out);
}

static ew_status block_filter(maker *m, const filter_spec *spec, ew_value *value, uint32_t *out) {
  uint8_t *bytes = NULL;
  const uint32_t block = 32;
  const size_t blocks = spec->dims[0] * (spec->dims[1] / block);
  const size_t size = spec->dims[0] * ((spec->dims[1] + 1) / 2);
  EW_TRY(random_bytes(m, size, false, 0, &bytes));
  uint16_t *scales = NULL;
  EW_TRY(ew_arena_alloc(&m->g->arena, blocks, sizeof *scales, &scales, m->err));
  for (size_t i = 0; i < blocks; i++) {
    const float scale = (float)(spec->reach / 8 * random_real(&m->random, 0.3, 1.7));
    uint32_t bits = 0;
    memcpy(&bits, &scale, sizeof bits);
    scales[i] = (uint16_t)(bits >> 16);
  }
  value->quant = (ew_quant){.kind = EW_QUANT_BLOCK,
                            .zero_point = 8,
                            .block_size = block,
                            .count = (uint32_t)blocks,
                            .scale_constant = EW_NONE};
  return maker_constant(m, value, bytes, size, scales, blocks * sizeof *scales, out);
}

static ew_status make_filter(maker *m, const filter_spec *spec, uint32_t *out) {
  ew_value value = ew_value_default(spec->dtype);
  value.rank = spec->rank;
  memcpy(value.dims, spec->dims, sizeof spec->dims);
  switch (spec->kind) {
    case PER_CHANNEL:
    case PER_CHANNEL_4:
      return channel_filter(m, spec, &value, out);
    case PER_BLOCK_4:
      return block_filter(m, spec, &value, out);
    default:
      return plain_filter(m, spec, &value, out);
  }
}

/* Sums of 8-bit products have 32 bits by definition, the bias included: what a model lets overflow is lost. */
#define MOST_BIAS 0x1p30

/* The bias of a product: f32, or 32-bit integers in units of input scale times filter scale. */
static ew_status make_bias(maker *m, uint32_t x, uint32_t filter, size_t channels, uint32_t *out) {
  const oracle_tensor *weights = maker_tensor(m, filter);
  const double scale = maker_scale(m, x);
  *out = EW_NONE;
  if (chance(m, 25)) return EW_OK;
  if (scale == 0) return maker_plain_constant(m, EW_F32, 1, &channels, -1, 1, out);
  ew_value value = ew_value_default(EW_I32);
  value.rank = 1;
  value.dims[0] = channels;
  int32_t *bytes = NULL;
  float *scales = NULL;
  EW_TRY(ew_arena_alloc(&m->g->arena, channels, sizeof *bytes, &bytes, m->err));
  EW_TRY(ew_arena_alloc(&m->g->arena, channels, sizeof *scales, &scales, m->err));
  const bool per_channel = weights->quant.kind == EW_QUANT_CHANNEL;
  for (size_t i = 0; i < channels; i++) {
    scales[i] = (float)(scale * (double)weights->quant.scale[per_channel ? i : 0]);
    const double real = random_real(&m->random, -1, 1) / (double)scales[i];
    bytes[i] = (int32_t)fmin(fmax(real, -MOST_BIAS), MOST_BIAS);
  }
  value.quant = (ew_quant){.kind = per_channel ? EW_QUANT_CHANNEL : EW_QUANT_TENSOR,
                           .count = per_channel ? (uint32_t)channels : 1,
                           .scale = scales,
                           .scale_constant = EW_NONE};
  return maker_constant(m, &value, bytes, channels * sizeof *bytes, per_channel ? scales : NULL,
                        channels * sizeof *scales, out);
}

/* Weights for an input; makes the input dynamically quantised now and then. */
static ew_status weigh(maker *m, maker_op *op, filter_spec *spec, uint32_t nonbatch,
                       bool may_be_4bit) {
  const oracle_tensor *x = maker_tensor(m, op->in[0]);
  spec->dtype = x->dtype;
  spec->kind = x->dtype == EW_F32 ? PLAIN : PER_TENSOR;
  if (x->dtype == EW_I8 && chance(m, 60)) spec->kind = PER_CHANNEL;
  const bool one_picture = nonbatch < 3 || x->dims[0] == 1;
  if (x->dtype == EW_F32 && nonbatch > 0 && one_picture && chance(m, 30)) {
    maker_op convert = on(m, EW_OP_CONVERT, op->in[0]);
    convert.dtype = EW_QD8;
    convert.nonbatch = nonbatch;
    EW_TRY(maker_add(m, &convert, &op->in[0]));
    spec->kind = PER_CHANNEL;
    spec->dtype = EW_I8;
    /* Rows of 4-bit weights are whole bytes. */
    if (may_be_4bit && spec->dims[1] % 2 == 0 && chance(m, 50)) {
      spec->kind = spec->dims[1] % 32 == 0 && chance(m, 60) ? PER_BLOCK_4 : PER_CHANNEL_4;
      spec->dtype = EW_I4;
    }
  }
  op->num_in = 3;
  EW_TRY(make_filter(m, spec, &op->in[1]));
  return make_bias(m, op->in[0], op->in[1], spec->dims[spec->channel_dim], &op->in[2]);
}

/* --- products ------------------------------------------------------------------------------------ */

static ew_status add_fully_connected(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), MAKER_ANY_RANK, &x));
  if (x == EW_NONE || maker_tensor(m, x)->rank == 0) return EW_OK;
  maker_op op = on(m, EW_OP_FULLY_CONNECTED, x);
  const size_t inputs = op.dims[op.rank - 1], outputs = pick_range(m, 1, 40);
  filter_spec spec = {.rank = 2, .dims = {outputs, inputs}, .reach = 2 / sqrt((double)inputs)};
  const bool transposed = op.dtype == EW_F32 && chance(m, 30);
  if (transposed) {
    op.params.transpose_weights = true;
    spec.dims[0] = inputs;
    spec.dims[1] = outputs;
    spec.channel_dim = 1;
  }
  op.dims[op.rank - 1] = outputs;
  op.may_clamp = true;
  EW_TRY(weigh(m, &op, &spec, transposed ? 0 : 1, !transposed));
  return maker_add(m, &op, &y);
}

static ew_status add_matrix_product(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, EW_F32, MAKER_ANY_RANK, &x));
  if (x == EW_NONE || maker_tensor(m, x)->rank < 2) return EW_OK;
  maker_op op = on(m, EW_OP_BATCH_MATRIX_MULTIPLY, x);
  const size_t inner = op.dims[op.rank - 1], columns = pick_range(m, 1, 20);
  const bool transposed = chance(m, 40);
  size_t dims[EW_MAX_RANK];
  const bool same_batch = chance(m, 60);
  for (uint32_t i = 0; i + 2 < op.rank; i++) dims[i] = same_batch ? op.dims[i] : 1;
  dims[op.rank - 2] = transposed ? columns : inner;
  dims[op.rank - 1] = transposed ? inner : columns;
  if (transposed) op.params.transpose_weights = true;
  if (chance(m, 50)) {
    EW_TRY(maker_input(m, EW_F32, op.rank, dims, &op.in[1]));
  } else {
    EW_TRY(maker_plain_constant(m, EW_F32, op.rank, dims, -1, 1, &op.in[1]));
  }
  if (op.in[1] == EW_NONE) return EW_OK;
  op.num_in = 2;
  op.dims[op.rank - 1] = columns;
  return maker_add(m, &op, &y);
}

/* --- windows ------------------------------------------------------------------------------------- */

static size_t slide(size_t in, uint32_t before, uint32_t after, uint32_t kernel, uint32_t stride,
                    uint32_t dilation) {
  const size_t span = (size_t)(kernel - 1) * dilation + 1, padded = in + before + after;
  return span > padded ? 0 : (padded - span) / stride + 1;
}

static void choose_window(maker *m, ew_params *p, uint32_t largest) {
  p->kernel_h = chance(m, 35) ? 3 : pick_range(m, 1, largest);
  p->kernel_w = chance(m, 70) ? p->kernel_h : pick_range(m, 1, largest);
  p->stride_h = chance(m, 60) ? 1 : pick_range(m, 1, 3);
  p->stride_w = chance(m, 70) ? p->stride_h : pick_range(m, 1, 3);
  p->dilation_h = chance(m, 70) ? 1 : pick_range(m, 1, chance(m, 40) ? 8 : 3);
  p->dilation_w = chance(m, 80) ? p->dilation_h : pick_range(m, 1, 3);
}

/* 3x3, stride 1, as wide as before: what is run by Winograd's method where there are channels enough. */
static void choose_plain_window(maker *m, ew_params *p) {
  p->kernel_h = p->kernel_w = 3;
  p->stride_h = p->stride_w = 1;
  p->dilation_h = p->dilation_w = chance(m, 70) ? 1 : pick_range(m, 2, 3);
  p->pad_top = p->pad_right = p->pad_bottom = p->pad_left = p->dilation_h;
}

static uint32_t some_padding(maker *m, uint32_t kernel, uint32_t dilation) {
  const uint32_t same = (kernel - 1) * dilation / 2;
  return chance(m, 70) ? same : pick_range(m, 0, (kernel - 1) * dilation);
}

static void choose_padding(maker *m, ew_params *p) {
  if (chance(m, 20)) return;
  p->pad_top = some_padding(m, p->kernel_h, p->dilation_h);
  p->pad_bottom = chance(m, 80) ? p->pad_top : some_padding(m, p->kernel_h, p->dilation_h);
  p->pad_left = some_padding(m, p->kernel_w, p->dilation_w);
  p->pad_right = chance(m, 80) ? p->pad_left : some_padding(m, p->kernel_w, p->dilation_w);
}

static bool window_sizes(const maker *m, maker_op *op) {
  const oracle_tensor *x = maker_tensor(m, op->in[0]);
  const ew_params *p = &op->params;
  op->dims[1] =
      slide(x->dims[1], p->pad_top, p->pad_bottom, p->kernel_h, p->stride_h, p->dilation_h);
  op->dims[2] =
      slide(x->dims[2], p->pad_left, p->pad_right, p->kernel_w, p->stride_w, p->dilation_w);
  return op->dims[1] > 0 && op->dims[2] > 0 && op->dims[1] <= 40 && op->dims[2] <= 40;
}

static uint32_t divisor_of(maker *m, size_t n) {
  uint32_t divisors[64], count = 0;
  for (uint32_t d = 1; d <= n && count < 64; d++) {
    if (n % d == 0) divisors[count++] = d;
  }
  return divisors[pick_range(m, 0, count - 1)];
}

static uint32_t output_channels(maker *m) {
  static const uint8_t common[] = {1, 3, 4, 8, 16, 24, 28, 32};
  return chance(m, 60) ? common[pick_range(m, 0, 7)] : pick_range(m, 1, 20);
}

/* Zeros around the map, which XNNPACK fuses into the convolution that follows. */
static ew_status pad_map(maker *m, uint32_t *x) {
  maker_op op = on(m, EW_OP_PAD, *x);
  op.same_quant = op.dtype == EW_F32 ? EW_NONE : *x;
  op.params.rank = 4;
  for (uint32_t d = 1; d < 3; d++) {
    op.params.shape[d] = pick_range(m, 0, 2);
    op.params.shape2[d] = pick_range(m, 0, 2);
    op.dims[d] += op.params.shape[d] + op.params.shape2[d];
  }
  return maker_add(m, &op, x);
}

static ew_status add_follower(maker *m, uint32_t x) {
  uint32_t y = EW_NONE;
  if (x == EW_NONE) return EW_OK;
  if (chance(m, 15)) return add_silu(m, x, &y);
  if (chance(m, 20)) return add_clamp(m, x, &y);
  return EW_OK;
}

static ew_status add_conv(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), 4, &x));
  if (x == EW_NONE) return EW_OK;
  if (chance(m, 12)) EW_TRY(pad_map(m, &x));
  maker_op op = on(m, EW_OP_CONV_2D, x);
  ew_params *p = &op.params;
  const size_t channels = op.dims[3];
  const bool is_plain = channels >= 24 && chance(m, 50);
  if (is_plain) {
    choose_plain_window(m, p);
  } else {
    choose_window(m, p, 5);
    choose_padding(m, p);
  }
  p->groups = is_plain || chance(m, 75) ? 1 : divisor_of(m, channels);
  p->group_input_channels = (uint32_t)channels / p->groups;
  p->group_output_channels = is_plain         ? pick_range(m, 6, 8) * 4
                             : p->groups == 1 ? output_channels(m)
                                              : pick_range(m, 1, 4);
  if (!window_sizes(m, &op)) return EW_OK;
  op.dims[3] = (size_t)p->groups * p->group_output_channels;
  filter_spec spec = {.rank = 4,
                      .dims = {op.dims[3], p->kernel_h, p->kernel_w, p->group_input_channels}};
  const double fan_in = (double)product(spec.dims + 1, 3);
  if (fan_in * (double)product(op.dims, 4) > 1.5e6) return EW_OK;
  spec.reach = 2 / sqrt(fan_in);
  op.may_clamp = true;
  EW_TRY(weigh(m, &op, &spec, 3, false));
  EW_TRY(maker_add(m, &op, &y));
  return add_follower(m, y);
}

static ew_status add_depthwise_conv(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), 4, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op op = on(m, EW_OP_DEPTHWISE_CONV_2D, x);
  ew_params *p = &op.params;
  choose_window(m, p, 5);
  choose_padding(m, p);
  const uint32_t multiplier = chance(m, 70) ? 1 : pick_range(m, 2, 3);
  p->groups = (uint32_t)op.dims[3];
  p->group_input_channels = 1;
  p->group_output_channels = multiplier;
  if (!window_sizes(m, &op)) return EW_OK;
  op.dims[3] *= multiplier;
  filter_spec spec = {.rank = 4,
                      .channel_dim = 3,
                      .dims = {1, p->kernel_h, p->kernel_w, op.dims[3]},
                      .reach = 2 / sqrt((double)p->kernel_h * p->kernel_w)};
  op.may_clamp = true;
  EW_TRY(weigh(m, &op, &spec, 0, false));
  EW_TRY(maker_add(m, &op, &y));
  return add_follower(m, y);
}

static size_t unslide(size_t in, uint32_t pad, uint32_t kernel, uint32_t stride, uint32_t dilation,
                      uint32_t adjust) {
  const size_t full = stride * (in - 1) + adjust + (size_t)(kernel - 1) * dilation + 1;
  return full > pad ? full - pad : 0;
}

static ew_status add_conv_transpose(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), 4, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op op = on(m, EW_OP_CONV_TRANSPOSE_2D, x);
  ew_params *p = &op.params;
  choose_window(m, p, 4);
  choose_padding(m, p);
  p->adjust_h = pick_range(m, 0, p->stride_h - 1);
  p->adjust_w = pick_range(m, 0, p->stride_w - 1);
  const size_t channels = op.dims[3];
  p->groups = chance(m, 80) ? 1 : divisor_of(m, channels);
  p->group_input_channels = (uint32_t)channels / p->groups;
  p->group_output_channels = p->groups == 1 ? output_channels(m) : pick_range(m, 1, 4);
  op.dims[1] = unslide(op.dims[1], p->pad_top + p->pad_bottom, p->kernel_h, p->stride_h,
                       p->dilation_h, p->adjust_h);
  op.dims[2] = unslide(op.dims[2], p->pad_left + p->pad_right, p->kernel_w, p->stride_w,
                       p->dilation_w, p->adjust_w);
  if (op.dims[1] == 0 || op.dims[2] == 0 || op.dims[1] > 40 || op.dims[2] > 40) return EW_OK;
  /* Refused, see exec/xnn/shapes.c. */
  const bool has_phases = p->dilation_h == 1 && p->dilation_w == 1 && p->stride_h <= p->kernel_h &&
                          p->stride_w <= p->kernel_w;
  if (has_phases && (op.dims[1] < p->stride_h || op.dims[2] < p->stride_w)) return EW_OK;
  op.dims[3] = (size_t)p->groups * p->group_output_channels;
  filter_spec spec = {.rank = 4,
                      .dims = {op.dims[3], p->kernel_h, p->kernel_w, p->group_input_channels}};
  const double fan_in = (double)product(spec.dims + 1, 3);
  if (fan_in * (double)product(op.dims, 4) > 1.5e6) return EW_OK;
  spec.reach = 2 / sqrt(fan_in);
  op.may_clamp = true;
  EW_TRY(weigh(m, &op, &spec, 3, false));
  return maker_add(m, &op, &y);
}

/* Pooling windows that lie on padding only have no value. With dilation, XNNPACK reads the pixel under tap
 * before / dilation (of the first windows: the one after it) instead of padding, so that must be there. */
static bool sees_pixels(size_t in, size_t out, uint32_t before, uint32_t kernel, uint32_t stride,
                        uint32_t dilation, bool any_dilation) {
  for (size_t o = 0; o < out; o++) {
    bool any = false;
    for (uint32_t k = 0; k < kernel; k++) {
      any = any || o * stride + k * dilation - before < in;
    }
    uint32_t safe = before / dilation;
    if (o * stride < before % dilation) safe++;
    if (any_dilation) any = safe < kernel && o * stride + safe * dilation - before < in;
    if (!any) return false;
  }
  return true;
}

/* XNNPACK is not given averages whose upper and lower padding overlap (exec/xnn/shapes.c). */
static bool overlaps(const ew_params *p, size_t rows) {
  const double top = ceil((double)p->pad_top / p->stride_h);
  const double bottom = ceil((double)p->pad_bottom / p->stride_h);
  return fmin(top, (double)rows - 1) + bottom > (double)rows;
}

static ew_status add_pool(maker *m) {
  static const ew_op ops[] = {EW_OP_MAX_POOL_2D, EW_OP_MAX_POOL_2D, EW_OP_AVG_POOL_2D,
                              EW_OP_ARGMAX_POOL_2D};
  const ew_op kind = ops[pick_range(m, 0, 3)];
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, kind == EW_OP_MAX_POOL_2D ? maker_dtype(m) : EW_F32, 4, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op op = on(m, kind, x);
  ew_params *p = &op.params;
  choose_window(m, p, 4);
  if (kind != EW_OP_MAX_POOL_2D) p->dilation_h = p->dilation_w = 1;
  if (kind == EW_OP_ARGMAX_POOL_2D) {
    p->stride_h = p->kernel_h;
    p->stride_w = p->kernel_w;
  }
  if (p->stride_h > p->kernel_h) p->stride_h = p->kernel_h;
  if (p->stride_w > p->kernel_w) p->stride_w = p->kernel_w;
  choose_padding(m, p);
  if (p->kernel_h * p->kernel_w == 1 || !window_sizes(m, &op)) return EW_OK;
  const oracle_tensor *in = maker_tensor(m, x);
  const bool any_dilation = p->dilation_h > 1 || p->dilation_w > 1;
  if (!sees_pixels(in->dims[1], op.dims[1], p->pad_top, p->kernel_h, p->stride_h, p->dilation_h,
                   any_dilation) ||
      !sees_pixels(in->dims[2], op.dims[2], p->pad_left, p->kernel_w, p->stride_w, p->dilation_w,
                   any_dilation)) {
    return EW_OK;
  }
  if (kind == EW_OP_ARGMAX_POOL_2D) return maker_add_argmax(m, &op);
  if (kind == EW_OP_AVG_POOL_2D && overlaps(p, op.dims[1])) return EW_OK;
  op.same_quant = op.dtype == EW_F32 ? EW_NONE : x;
  op.may_clamp = true;
  return maker_add(m, &op, &y);
}

static ew_status add_global_pool(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), 4, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op op = on(m, EW_OP_GLOBAL_AVG_POOL_2D, x);
  op.may_clamp = op.dtype == EW_F32;
  if (chance(m, 70)) {
    op.params.keep_dims = true;
    op.dims[1] = op.dims[2] = 1;
  } else {
    op.rank = 2;
    op.dims[1] = op.dims[3];
  }
  return maker_add(m, &op, &y);
}

static ew_status add_reduce(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), MAKER_ANY_RANK, &x));
  if (x == EW_NONE || maker_tensor(m, x)->rank == 0) return EW_OK;
  maker_op op = on(m, chance(m, 70) ? EW_OP_REDUCE_MEAN : EW_OP_REDUCE_SUM, x);
  ew_params *p = &op.params;
  const oracle_tensor *in = maker_tensor(m, x);
  p->keep_dims = chance(m, 50);
  op.rank = 0;
  /* XNNPACK is not given 8-bit sums along the last dimension (exec/xnn/support.c). */
  const uint32_t count = in->rank - (op.dtype == EW_F32 ? 0 : 1);
  if (count == 0) return EW_OK;
  for (uint32_t i = 0; i < in->rank; i++) {
    const bool reduced = i < count && (chance(m, 40) || (i + 1 == count && p->rank == 0));
    if (reduced) p->shape[p->rank++] = i;
    if (!reduced || p->keep_dims) op.dims[op.rank++] = reduced ? 1 : in->dims[i];
  }
  return maker_add(m, &op, &y);
}

static ew_status add_resize(maker *m) {
  uint32_t x = EW_NONE, y = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), 4, &x));
  if (x == EW_NONE) return EW_OK;
  maker_op op = on(m, EW_OP_RESIZE_BILINEAR_2D, x);
  op.same_quant = op.dtype == EW_F32 ? EW_NONE : x;
  op.params.rank = 2;
  op.params.shape[0] = op.dims[1] = pick_range(m, 1, 20);
  op.params.shape[1] = op.dims[2] = pick_range(m, 1, 20);
  const uint32_t mode = pick_range(m, 0, 2);
  op.params.align_corners = mode == 1;
  op.params.top_left = mode == 2;
  return maker_add(m, &op, &y);
}

/* --- moves --------------------------------------------------------------------------------------- */

static ew_status pick_movable(maker *m, ew_op kind, maker_op *op, bool *out_ok) {
  uint32_t x = EW_NONE;
  EW_TRY(maker_pick(m, maker_dtype(m), MAKER_ANY_RANK, &x));
  *out_ok = x != EW_NONE && maker_tensor(m, x)->rank > 0;
  if (!*out_ok) return EW_OK;
  *op = on(m, kind, x);
  op->same_quant = op->dtype == EW_F32 ? EW_NONE : x;
  return EW_OK;
}

static void shuffle(maker *m, size_t *list, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) list[i] = i;
  for (uint32_t i = count; i > 1; i--) {
    const uint32_t k = pick_range(m, 0, i - 1);
    const size_t last = list[i - 1];
    list[i - 1] = list[k];
    list[k] = last;
  }
}

/* A transpose, and often the one that undoes it. */
static ew_status add_transpose(maker *m) {
  maker_op op;
  bool ok = false;
  uint32_t y = EW_NONE, z = EW_NONE;
  EW_TRY(pick_movable(m, EW_OP_TRANSPOSE, &op, &ok));
  if (!ok) return EW_OK;
  const size_t planar[4] = {0, 3, 1, 2};
  op.params.rank = op.rank;
  shuffle(m, op.params.shape, op.rank);
  if (op.rank == 4 && chance(m, 60)) memcpy(op.params.shape, planar, sizeof planar);
  const oracle_tensor *x = maker_tensor(m, op.in[0]);
  for (uint32_t i = 0; i < op.rank; i++) op.dims[i] = x->dims[op.params.shape[i]];
  EW_TRY(maker_add(m, &op, &y));
  if (y == EW_NONE || chance(m, 50)) return EW_OK;
  maker_op back = on(m, EW_OP_TRANSPOSE, y);
  back.same_quant = back.dtype == EW_F32 ? EW_NONE : y;
  back.params.rank = op.rank;
  for (uint32_t i = 0; i < op.rank; i++) back.params.shape[op.params.shape[i]] = i;
  for (uint32_t i = 0; i < op.rank; i++) back.dims[i] = maker_tensor(m, op.in[0])->dims[i];
  return maker_add(m, &back, &z);
}

static ew_status add_reshape(maker *m) {
  maker_op op;
  bool ok = false;
  uint32_t y = EW_NONE;
  EW_TRY(pick_movable(m, EW_OP_RESHAPE, &op, &ok));
  if (!ok) return EW_OK;
  size_t rest = maker_tensor(m, op.in[0])->count;
  op.params.rank = op.rank = pick_range(m, 1, 6);
  for (uint32_t i = 0; i + 1 < op.rank; i++) {
    op.dims[i] = divisor_of(m, rest);
    rest /= op.dims[i];
  }
  op.dims[op.rank - 1] = rest;
  memcpy(op.params.shape, op.dims, sizeof op.dims);
  if (chance(m, 50)) op.params.shape[pick_range(m, 0, op.rank - 1)] = 0;
  return maker_add(m, &op, &y);
}

static ew_status add_slice(maker *m) {
  maker_op op;
  bool ok = false;
  uint32_t y = EW_NONE;
  EW_TRY(pick_movable(m, EW_OP_SLICE, &op, &ok));
  if (!ok) return EW_OK;
  op.params.rank = op.rank;
  for (uint32_t i = 0; i < op.rank; i++) {
    const uint32_t size = (uint32_t)op.dims[i];
    const uint32_t first = chance(m, 40) ? 0 : pick_range(m, 0, size - 1);
    op.params.shape[i] = first;
    op.params.shape2[i] = op.dims[i] =
        first == 0 && chance(m, 50) ? size : pick_range(m, 1, size - first);
  }
  return maker_add(m, &op, &y);
}

static ew_status add_pad(maker *m) {
  maker_op op;
  bool ok = false;
  uint32_t y = EW_NONE;
  EW_TRY(pick_movable(m, EW_OP_PAD, &op, &ok));
  if (!ok) return EW_OK;
  op.params.rank = op.rank;
  op.params.alpha = chance(m, 60) ? 0 : (float)random_real(&m->random, -1, 1);
  for (uint32_t i = 0; i < op.rank; i++) {
    op.params.shape[i] = chance(m, 50) ? 0 : pick_range(m, 0, 2);
    op.params.shape2[i] = chance(m, 50) ? 0 : pick_range(m, 0, 2);
    op.dims[i] += op.params.shape[i] + op.params.shape2[i];
  }
  if (product(op.dims, op.rank) > 20000) return EW_OK;
  return maker_add(m, &op, &y);
}

/* A tensor with the type, the scale and, but for one axis, the shape of x: a slice of it, its clamp, x. */
static ew_status sibling(maker *m, uint32_t x, uint32_t axis, uint32_t *out) {
  *out = x;
  if (chance(m, 40)) return EW_OK;
  if (chance(m, 40)) {
    EW_TRY(add_clamp(m, x, out));
    if (*out == EW_NONE) *out = x;
    return EW_OK;
  }
  maker_op op = on(m, EW_OP_SLICE, x);
  op.same_quant = op.dtype == EW_F32 ? EW_NONE : x;
  op.params.rank = op.rank;
  memcpy(op.params.shape2, op.dims, sizeof op.dims);
  op.params.shape2[axis] = op.dims[axis] = pick_range(m, 1, (uint32_t)op.dims[axis]);
  return maker_add(m, &op, out);
}

static ew_status add_concatenate(maker *m) {
  maker_op op;
  bool ok = false;
  uint32_t y = EW_NONE;
  EW_TRY(pick_movable(m, EW_OP_CONCATENATE, &op, &ok));
  if (!ok) return EW_OK;
  const uint32_t x = op.in[0];
  op.params.axis = pick_range(m, 0, op.rank - 1);
  op.num_in = pick_range(m, 1, 5);
  op.dims[op.params.axis] = 0;
  for (uint32_t i = 0; i < op.num_in; i++) {
    EW_TRY(sibling(m, x, op.params.axis, &op.in[i]));
    if (op.in[i] == EW_NONE) return EW_OK;
    op.dims[op.params.axis] += maker_tensor(m, op.in[i])->dims[op.params.axis];
  }
  if (product(op.dims, op.rank) > 40000) return EW_OK;
  return maker_add(m, &op, &y);
}

static ew_status add_copy(maker *m) {
  maker_op op;
  bool ok = false;
  uint32_t y = EW_NONE;
  EW_TRY(pick_movable(m, EW_OP_COPY, &op, &ok));
  if (!ok) return EW_OK;
  return maker_add(m, &op, &y);
}

/* --- choice -------------------------------------------------------------------------------------- */

ew_status maker_step(maker *m) {
  static const struct {
    uint32_t weight;
    ew_status (*add)(maker *m);
  } families[] = {
      {14, add_unary},         {5, add_convert}, {2, add_table},
      {14, add_binary},        {3, add_softmax}, {8, add_fully_connected},
      {4, add_matrix_product}, {20, add_conv},   {10, add_depthwise_conv},
      {5, add_conv_transpose}, {8, add_pool},    {4, add_global_pool},
      {5, add_resize},         {4, add_reduce},  {6, add_transpose},
      {4, add_reshape},        {4, add_slice},   {4, add_pad},
      {4, add_concatenate},    {2, add_copy},    {6, add_any_silu},
  };
  uint32_t total = 0;
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) total += families[i].weight;
  uint32_t drawn = pick_range(m, 0, total - 1);
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    if (drawn < families[i].weight) return families[i].add(m);
    drawn -= families[i].weight;
  }
  return EW_OK;
}
