/* Element by element, conversions, reductions, normalisations. */
#include <math.h>
#include <string.h>

#include "format/tflite/builder.h"

/* --- two operands ------------------------------------------------------------------------------------- */

static ew_status read_pair(tfl_builder *b, uint32_t inputs[2]) {
  EW_TRY(tfl_input(b, 0, &inputs[0]));
  EW_TRY(tfl_input(b, 1, &inputs[1]));
  const ew_value *x = tfl_value(b, inputs[0]), *y = tfl_value(b, inputs[1]);
  TFL_CHECK(b, x->dtype == y->dtype && tfl_is_q8(x) == tfl_is_q8(y), EW_INVALID_TYPE,
            "the inputs are %s and %s", ew_dtype_name(x->dtype), ew_dtype_name(y->dtype));
  return EW_OK;
}

/* The arithmetic of the portable kernels: alpha of add and sub, rounding of integer division. */
static ew_status integer_binary(tfl_builder *b, const tfl_row *row, const uint32_t inputs[2],
                                uint32_t out) {
  TFL_CHECK(b, row->kernel != NULL, EW_NOT_SUPPORTED, "%s is not supported",
            ew_dtype_name(tfl_value(b, out)->dtype));
  tfl_args args = {.count = 0};
  if (row->op == EW_OP_ADD || row->op == EW_OP_SUBTRACT) tfl_arg_int(&args, 1);
  if (row->op == EW_OP_DIVIDE) tfl_arg_string(&args, "trunc");
  return tfl_kernel(b, row->kernel, inputs, 2, &args, &out, 1);
}

static uint8_t fused_activation(const tfl_builder *b, const tfl_row *row) {
  switch (row->op) {
    case EW_OP_ADD:
    case EW_OP_SUBTRACT:
    case EW_OP_MULTIPLY:
    case EW_OP_DIVIDE:
      return ew_fb_u8(b->op->options, 0);
    default:
      return 0;
  }
}

ew_status tfl_read_binary(tfl_builder *b, const tfl_row *row) {
  uint32_t inputs[2], out = EW_NONE, to = EW_NONE;
  ew_params p = tfl_params();
  const uint8_t activation = fused_activation(b, row);
  EW_TRY(read_pair(b, inputs));
  EW_TRY(tfl_output(b, 0, &out));
  const bool executable =
      tfl_is_executable(tfl_value(b, inputs[0])) && tfl_is_executable(tfl_value(b, inputs[1]));
  if (executable && tfl_activation_range(activation, &p.output_min, &p.output_max)) {
    return tfl_node(b, row->op, &p, inputs, 2, out);
  }
  p = tfl_params();
  EW_TRY(tfl_begin_activation(b, activation, out, &to));
  EW_TRY(executable ? tfl_node(b, row->op, &p, inputs, 2, to) : integer_binary(b, row, inputs, to));
  return tfl_finish_activation(b, activation, to, out);
}

/* (a - b)^2 */
ew_status tfl_read_squared_difference(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t inputs[2], out = EW_NONE, to = EW_NONE, difference = EW_NONE;
  const ew_params p = tfl_params();
  EW_TRY(read_pair(b, inputs));
  for (uint32_t i = 0; i < 2; i++) EW_TRY(tfl_to_float(b, inputs[i], &inputs[i]));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_from_float(b, out, &to));
  const ew_dtype dtype = tfl_value(b, inputs[0])->dtype;
  EW_TRY(tfl_temporary(b, dtype, NULL, &difference));
  if (dtype == EW_F32) {
    EW_TRY(tfl_node(b, EW_OP_SUBTRACT, &p, inputs, 2, difference));
    EW_TRY(tfl_node(b, EW_OP_SQUARE, &p, &difference, 1, to));
  } else {
    tfl_args args = {.count = 0};
    tfl_arg_int(&args, 1);
    const uint32_t twice[2] = {difference, difference};
    EW_TRY(tfl_kernel(b, "aten::sub.out", inputs, 2, &args, &difference, 1));
    EW_TRY(tfl_kernel(b, "aten::mul.out", twice, 2, NULL, &to, 1));
  }
  return tfl_finish_float(b, to, out);
}

/* Kernels of two operands that compute in floats, or in integers as they are. */
ew_status tfl_read_float_binary(tfl_builder *b, const tfl_row *row) {
  uint32_t inputs[2], out = EW_NONE, to = EW_NONE;
  EW_TRY(read_pair(b, inputs));
  for (uint32_t i = 0; i < 2; i++) EW_TRY(tfl_to_float(b, inputs[i], &inputs[i]));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_from_float(b, out, &to));
  EW_TRY(tfl_kernel(b, row->kernel, inputs, 2, NULL, &to, 1));
  return tfl_finish_float(b, to, out);
}

/* Sums of any number of operands. */
ew_status tfl_read_add_n(tfl_builder *b, const tfl_row *row) {
  uint32_t out = EW_NONE, sum[2], to = EW_NONE;
  EW_TRY(tfl_input(b, 0, &sum[0]));
  const ew_value first = *tfl_value(b, sum[0]);
  TFL_CHECK(b, first.dtype == EW_F32 || first.dtype == EW_I32, EW_INVALID_TYPE, "the inputs are %s",
            ew_dtype_name(first.dtype));
  for (uint32_t i = 1; i < b->op->num_inputs; i++) {
    const bool last = i + 1 == b->op->num_inputs;
    EW_TRY(tfl_input(b, i, &sum[1]));
    const ew_value *x = tfl_value(b, sum[1]);
    TFL_CHECK(b, x->dtype == first.dtype, EW_INVALID_TYPE, "input %u is %s, input 0 %s", i,
              ew_dtype_name(x->dtype), ew_dtype_name(first.dtype));
    EW_TRY(last ? tfl_output(b, 0, &out) : tfl_temporary(b, first.dtype, NULL, &out));
    to = out;
    const ew_params p = tfl_params();
    EW_TRY(tfl_is_executable(&first) && tfl_is_executable(x) ? tfl_node(b, row->op, &p, sum, 2, to)
                                                             : integer_binary(b, row, sum, to));
    sum[0] = to;
  }
  return EW_OK;
}

/* Running sums along an axis; exclusive ones leave the element itself out, reverse ones begin at the end. */
ew_status tfl_read_cumsum(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, axis = 0;
  int64_t dim = 0;
  const bool exclusive = ew_fb_u8(b->op->options, 0) != 0,
             reverse = ew_fb_u8(b->op->options, 1) != 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_int(b, 1, "the axis", &dim));
  const ew_value value = *tfl_value(b, x);
  EW_TRY(tfl_dim(b, dim, value.rank, &axis));
  TFL_CHECK(b, !tfl_is_q8(&value), EW_NOT_SUPPORTED, "sums of %s", ew_dtype_name(value.dtype));
  EW_TRY(tfl_output(b, 0, &out));
  int64_t *dims = NULL, *pads = NULL;
  EW_TRY(ew_arena_alloc(b->arena, 1, sizeof *dims, &dims, b->err));
  EW_TRY(ew_arena_alloc(b->arena, 2 * (size_t)value.rank, sizeof *pads, &pads, b->err));
  dims[0] = axis;
  pads[2 * (value.rank - 1 - axis)] = 1;
  pads[2 * (value.rank - 1 - axis) + 1] = -1;
  tfl_args flip = {.count = 0}, sum = {.count = 0}, shift = {.count = 0};
  tfl_arg_ints(&flip, dims, 1);
  tfl_arg_int(&sum, axis);
  tfl_arg_none(&sum);
  tfl_arg_ints(&shift, pads, 2 * (axis < value.rank ? value.rank - axis : 0));
  tfl_arg_int(&shift, 0);
  const struct {
    bool wanted;
    const char *kernel;
    const tfl_args *args;
  } steps[] = {{reverse, "aten::flip.out", &flip},
               {true, row->kernel, &sum},
               {exclusive, "aten::constant_pad_nd.out", &shift},
               {reverse, "aten::flip.out", &flip}};
  for (uint32_t i = 0; i < 4; i++) {
    if (!steps[i].wanted) continue;
    const bool last = i == 3 || (!reverse && (i == 2 || !exclusive));
    uint32_t to = out;
    if (!last) EW_TRY(tfl_temporary(b, value.dtype, NULL, &to));
    EW_TRY(tfl_kernel(b, steps[i].kernel, &x, 1, steps[i].args, &to, 1));
    x = to;
  }
  return EW_OK;
}

/* --- comparisons --------------------------------------------------------------------------------------- */

/* TensorFlow Lite compares 8-bit numbers in units of 1/256, and rounds twice on the way: by the scale's 31 bits, halves
 * up, then by its power of two, halves away from zero. So numbers that lie close together are equal. scale: below 1. */
static int32_t compared_as(float scale, int32_t q) {
  int exponent = 0;
  const int64_t factor = llround(frexp((double)scale, &exponent) * 0x1p31);
  const int64_t product = (256 * (int64_t)q * factor + (1 << 30)) >> 31;
  const int64_t half = exponent < 0 && exponent >= -31 ? (int64_t)1 << (-exponent - 1) : 0;
  if (exponent < -31) return 0;
  return (int32_t)(product < 0 ? -((half - product) >> -exponent) : (half + product) >> -exponent);
}

/* The operand in those units, by a table with an entry for each of its 256 values. */
static ew_status in_compared_units(tfl_builder *b, uint32_t *inout) {
  const ew_value value = *tfl_value(b, *inout);
  const int32_t least = value.dtype == EW_U8 ? 0 : -128;
  const size_t size = 256;
  int32_t units[256];
  uint32_t inputs[2], index = EW_NONE;
  for (int32_t i = 0; i < 256; i++) {
    units[i] = compared_as(value.quant.scale[0], i + least - value.quant.zero_point);
  }
  EW_TRY(tfl_literal(b, EW_I32, 1, &size, units, &inputs[0]));
  EW_TRY(tfl_temporary(b, EW_I32, NULL, &index));
  tfl_args args = {.count = 0};
  tfl_arg_bool(&args, false);
  tfl_arg_none(&args);
  EW_TRY(tfl_kernel(b, "aten::_to_copy.out", inout, 1, &args, &index, 1));
  inputs[1] = index;
  if (least != 0) {
    args.count = 0;
    tfl_arg_int(&args, 128);
    tfl_arg_int(&args, 1);
    EW_TRY(tfl_temporary(b, EW_I32, NULL, &inputs[1]));
    EW_TRY(tfl_kernel(b, "aten::add.Scalar_out", &index, 1, &args, &inputs[1], 1));
  }
  args.count = 0;
  tfl_arg_int(&args, 0);
  tfl_arg_int(&args, 0);
  EW_TRY(tfl_temporary(b, EW_I32, NULL, inout));
  return tfl_kernel(b, "tfl::gather", inputs, 2, &args, inout, 1);
}

/* Steps of a unit or more compare as the integers do. */
static bool compares_as_stored(const ew_value *x, const ew_value *y) {
  return tfl_same_quant(x, y) && (!tfl_is_q8(x) || x->quant.scale[0] >= 0x1p-7f);
}

ew_status tfl_read_compare(tfl_builder *b, const tfl_row *row) {
  uint32_t inputs[2], out = EW_NONE;
  EW_TRY(read_pair(b, inputs));
  const ew_value x = *tfl_value(b, inputs[0]), y = *tfl_value(b, inputs[1]);
  const bool small = tfl_is_q8(&x) && x.quant.scale[0] < 1 && y.quant.scale[0] < 1;
  for (uint32_t i = 0; i < 2 && !compares_as_stored(&x, &y); i++) {
    EW_TRY(small ? in_compared_units(b, &inputs[i]) : tfl_to_float(b, inputs[i], &inputs[i]));
  }
  EW_TRY(tfl_output(b, 0, &out));
  return tfl_kernel(b, row->kernel, inputs, 2, NULL, &out, 1);
}

ew_status tfl_read_logical(tfl_builder *b, const tfl_row *row) {
  uint32_t inputs[2], out = EW_NONE;
  for (uint32_t i = 0; i < row->min_inputs; i++) {
    EW_TRY(tfl_input(b, i, &inputs[i]));
    TFL_CHECK(b, tfl_value(b, inputs[i])->dtype == EW_BOOL, EW_INVALID_TYPE, "input %u is no bool",
              i);
  }
  EW_TRY(tfl_output(b, 0, &out));
  return tfl_kernel(b, row->kernel, inputs, row->min_inputs, NULL, &out, 1);
}

/* The first version of SELECT lets a list of conditions choose whole rows. */
static ew_status raise_condition(tfl_builder *b, uint32_t *inout, const ew_value *like) {
  const ew_value *condition = tfl_value(b, *inout);
  if (condition->rank != 1 || like->rank <= 1 || condition->dims[0] != like->dims[0]) return EW_OK;
  size_t dims[EW_MAX_RANK];
  for (uint32_t i = 0; i < like->rank; i++) dims[i] = i == 0 ? condition->dims[0] : 1;
  const uint32_t from = *inout;
  EW_TRY(tfl_temporary(b, EW_BOOL, NULL, inout));
  return tfl_reshape(b, from, like->rank, dims, *inout);
}

ew_status tfl_read_select(tfl_builder *b, const tfl_row *row) {
  enum { SELECT = 64 };
  uint32_t inputs[3], out = EW_NONE;
  for (uint32_t i = 0; i < 3; i++) EW_TRY(tfl_input(b, i, &inputs[i]));
  TFL_CHECK(b, tfl_value(b, inputs[0])->dtype == EW_BOOL, EW_INVALID_TYPE,
            "the condition is no bool");
  if (row->code == SELECT) EW_TRY(raise_condition(b, &inputs[0], tfl_value(b, inputs[1])));
  EW_TRY(tfl_output(b, 0, &out));
  for (uint32_t i = 1; i < 3; i++) EW_TRY(tfl_requantise(b, inputs[i], out, &inputs[i]));
  return tfl_kernel(b, row->kernel, inputs, 3, NULL, &out, 1);
}

/* --- one operand -------------------------------------------------------------------------------------- */

static ew_status emit_unary(tfl_builder *b, const tfl_row *row, const ew_params *p) {
  uint32_t x = EW_NONE, out = EW_NONE;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_output(b, 0, &out));
  const ew_value *in = tfl_value(b, x), *result = tfl_value(b, out);
  if (tfl_is_executable(in) && tfl_is_executable(result)) {
    return tfl_node(b, row->op, p, &x, 1, out);
  }
  TFL_CHECK(b, row->kernel != NULL && in->dtype == result->dtype, EW_NOT_SUPPORTED,
            "%s to %s is not supported", ew_dtype_name(in->dtype), ew_dtype_name(result->dtype));
  return tfl_kernel(b, row->kernel, &x, 1, NULL, &out, 1);
}

ew_status tfl_read_unary(tfl_builder *b, const tfl_row *row) {
  ew_params p = tfl_params();
  p.alpha = 1; /* of ELU */
  return emit_unary(b, row, &p);
}

ew_status tfl_read_leaky_relu(tfl_builder *b, const tfl_row *row) {
  ew_params p = tfl_params();
  p.alpha = ew_fb_f32(b->op->options, 0);
  TFL_CHECK(b, isfinite(p.alpha), EW_INVALID_PROGRAM, "the slope is %g", (double)p.alpha);
  return emit_unary(b, row, &p);
}

ew_status tfl_read_clamp(tfl_builder *b, const tfl_row *row) {
  enum { RELU = 19, RELU_N1_TO_1 = 20, RELU6 = 21 };
  ew_params p = tfl_params();
  p.output_min = row->code == RELU_N1_TO_1 ? -1.0f : 0.0f;
  p.output_max = row->code == RELU ? INFINITY : row->code == RELU6 ? 6.0f : 1.0f;
  uint32_t x = EW_NONE, out = EW_NONE;
  EW_TRY(tfl_input(b, 0, &x));
  if (tfl_is_executable(tfl_value(b, x))) return emit_unary(b, row, &p);
  tfl_args args = {.count = 0};
  tfl_arg_double(&args, (double)p.output_min);
  tfl_arg_double(&args, (double)p.output_max);
  EW_TRY(tfl_output(b, 0, &out));
  return tfl_kernel(b, "aten::clamp.out", &x, 1, &args, &out, 1);
}

/* A kernel of one operand that knows floats only. */
static ew_status emit_float(tfl_builder *b, const char *kernel, const tfl_args *args) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_to_float(b, x, &x));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_from_float(b, out, &to));
  EW_TRY(tfl_kernel(b, kernel, &x, 1, args, &to, 1));
  return tfl_finish_float(b, to, out);
}

ew_status tfl_read_float_kernel(tfl_builder *b, const tfl_row *row) {
  enum { LOG_SOFTMAX = 50, L2_NORMALIZATION = 11 };
  tfl_args args = {.count = 0};
  if (row->code == LOG_SOFTMAX) {
    tfl_arg_int(&args, -1);
    tfl_arg_bool(&args, false);
  }
  TFL_CHECK(b, row->code != L2_NORMALIZATION || ew_fb_u8(b->op->options, 0) == 0, EW_NOT_SUPPORTED,
            "a fused activation is not supported");
  return emit_float(b, row->kernel, &args);
}

ew_status tfl_read_gelu(tfl_builder *b, const tfl_row *row) {
  const ew_params p = tfl_params();
  if (ew_fb_u8(b->op->options, 0) == 0) return emit_unary(b, row, &p);
  tfl_args args = {.count = 0};
  tfl_arg_string(&args, "tanh");
  return emit_float(b, row->kernel, &args);
}

ew_status tfl_read_local_response(tfl_builder *b, const tfl_row *row) {
  (void)row;
  tfl_args args = {.count = 0};
  tfl_arg_int(&args, ew_fb_i32(b->op->options, 0));
  for (uint32_t i = 1; i < 4; i++) tfl_arg_double(&args, (double)ew_fb_f32(b->op->options, i));
  return emit_float(b, "tfl::local_response_normalization", &args);
}

/* In floats, over the last dimension; beta scales the input. */
ew_status tfl_read_softmax(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  const ew_params p = tfl_params();
  const float beta = ew_fb_f32(b->op->options, 0);
  TFL_CHECK(b, isfinite(beta), EW_INVALID_PROGRAM, "beta is %g", (double)beta);
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_to_float(b, x, &x));
  TFL_CHECK(b, tfl_value(b, x)->dtype == EW_F32, EW_NOT_SUPPORTED, "the input is %s",
            ew_dtype_name(tfl_value(b, x)->dtype));
  if (beta != 1) {
    uint32_t inputs[2] = {x, EW_NONE};
    EW_TRY(tfl_literal(b, EW_F32, 0, NULL, &beta, &inputs[1]));
    EW_TRY(tfl_temporary(b, EW_F32, NULL, &x));
    EW_TRY(tfl_node(b, EW_OP_MULTIPLY, &p, inputs, 2, x));
  }
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_from_float(b, out, &to));
  EW_TRY(tfl_node(b, row->op, &p, &x, 1, to));
  return tfl_finish_float(b, to, out);
}

/* --- conversions -------------------------------------------------------------------------------------- */

static ew_status convert(tfl_builder *b, uint32_t x) {
  uint32_t out = EW_NONE;
  const ew_params p = tfl_params();
  EW_TRY(tfl_output(b, 0, &out));
  const ew_value *in = tfl_value(b, x), *result = tfl_value(b, out);
  if (in->dtype == EW_F16 && result->dtype == EW_F32) {
    tfl_args args = {.count = 0};
    tfl_arg_bool(&args, false);
    tfl_arg_none(&args);
    return tfl_kernel(b, "aten::_to_copy.out", &x, 1, &args, &out, 1);
  }
  TFL_CHECK(b, tfl_is_executable(in) && tfl_is_executable(result), EW_NOT_SUPPORTED,
            "%s to %s without a scale is not supported", ew_dtype_name(in->dtype),
            ew_dtype_name(result->dtype));
  return tfl_node(b, EW_OP_CONVERT, &p, &x, 1, out);
}

ew_status tfl_read_quantize(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE;
  EW_TRY(tfl_input(b, 0, &x));
  return convert(b, x);
}

/* The output is the same constant in another form; nothing runs. */
static ew_status alias_constant(tfl_builder *b) {
  const uint32_t from = b->op->inputs[0], to = b->op->outputs[0];
  TFL_CHECK(b, !b->slots[to].constant && !b->slots[to].written, EW_INVALID_PROGRAM,
            "tensor %u is written twice", to);
  b->slots[to] = (tfl_slot){
      .value = EW_NONE, .constant = true, .written = true, .source = b->slots[from].source};
  return EW_OK;
}

ew_status tfl_read_dequantize(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE;
  const tfl_tensor *out = &b->model->tensors[b->op->outputs[0]];
  TFL_CHECK(b, out->dtype == EW_F32, EW_INVALID_TYPE, "the output is no f32");
  if (tfl_is_constant(b, 0)) return alias_constant(b);
  EW_TRY(tfl_input(b, 0, &x));
  return convert(b, x);
}

ew_status tfl_read_densify(tfl_builder *b, const tfl_row *row) {
  (void)row;
  TFL_CHECK(b, tfl_is_constant(b, 0), EW_NOT_SUPPORTED, "the sparse tensor is not a constant");
  return alias_constant(b);
}

/* Numbers as they are stored: quantisation plays no part. */
static ew_status cast_to(tfl_builder *b, uint32_t from, uint32_t to) {
  tfl_args args = {.count = 0};
  tfl_arg_bool(&args, false);
  tfl_arg_none(&args);
  return tfl_kernel(b, "aten::_to_copy.out", &from, 1, &args, &to, 1);
}

ew_status tfl_read_cast(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, out = EW_NONE;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_output(b, 0, &out));
  return cast_to(b, x, out);
}

/* --- reductions --------------------------------------------------------------------------------------- */

/* Axes without duplicates, ascending. */
static ew_status read_axes(tfl_builder *b, uint32_t rank, size_t axes[EW_MAX_RANK],
                           uint32_t *out_count) {
  const int64_t *items = NULL;
  uint32_t count = 0, mask = 0;
  EW_TRY(tfl_ints(b, 1, "the axes", &items, &count));
  for (uint32_t i = 0; i < count; i++) {
    uint32_t dim = 0;
    EW_TRY(tfl_dim(b, items[i], rank, &dim));
    mask |= 1u << dim;
  }
  *out_count = 0;
  for (uint32_t d = 0; d < rank; d++) {
    if (mask >> d & 1) axes[(*out_count)++] = d;
  }
  return EW_OK;
}

static ew_status copy_through(tfl_builder *b, uint32_t x, uint32_t out) {
  uint32_t to = EW_NONE;
  EW_TRY(tfl_begin_move(b, x, out, &to));
  const ew_value value = *tfl_value(b, x);
  EW_TRY(tfl_reshape(b, x, value.rank, value.dims, to));
  return tfl_finish_move(b, to, out);
}

ew_status tfl_read_mean(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, count = 0;
  size_t axes[EW_MAX_RANK];
  const bool keep = ew_fb_u8(b->op->options, 0) != 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_axes(b, tfl_value(b, x)->rank, axes, &count));
  EW_TRY(tfl_output(b, 0, &out));
  if (count == 0) return copy_through(b, x, out);
  if (tfl_is_executable(tfl_value(b, x))) {
    ew_params p = tfl_params();
    p.rank = count;
    memcpy(p.shape, axes, count * sizeof *axes);
    p.keep_dims = keep;
    return tfl_node(b, row->op, &p, &x, 1, out);
  }
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, axes, count));
  tfl_arg_bool(&args, keep);
  tfl_arg_none(&args);
  return tfl_kernel(b, row->kernel, &x, 1, &args, &out, 1);
}

/* Extremes and truth: elements keep their meaning, so that 8-bit tensors are taken as they are. */
ew_status tfl_read_reduce(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE, count = 0;
  size_t axes[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_axes(b, tfl_value(b, x)->rank, axes, &count));
  EW_TRY(tfl_output(b, 0, &out));
  if (count == 0) return copy_through(b, x, out);
  EW_TRY(tfl_begin_move(b, x, out, &to));
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, axes, count));
  tfl_arg_bool(&args, ew_fb_u8(b->op->options, 0) != 0);
  EW_TRY(tfl_kernel(b, row->kernel, &x, 1, &args, &to, 1));
  return tfl_finish_move(b, to, out);
}

/* One dimension after the other, from the last, so that the others keep their places. */
ew_status tfl_read_product(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE, count = 0;
  size_t axes[EW_MAX_RANK];
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_axes(b, tfl_value(b, x)->rank, axes, &count));
  EW_TRY(tfl_output(b, 0, &out));
  if (count == 0) return copy_through(b, x, out);
  EW_TRY(tfl_to_float(b, x, &x));
  EW_TRY(tfl_from_float(b, out, &to));
  for (uint32_t i = count; i-- > 0;) {
    uint32_t next = to;
    if (i > 0) EW_TRY(tfl_temporary(b, tfl_value(b, x)->dtype, NULL, &next));
    tfl_args args = {.count = 0};
    tfl_arg_int(&args, (int64_t)axes[i]);
    tfl_arg_bool(&args, ew_fb_u8(b->op->options, 0) != 0);
    tfl_arg_none(&args);
    EW_TRY(tfl_kernel(b, row->kernel, &x, 1, &args, &next, 1));
    x = next;
  }
  return tfl_finish_float(b, to, out);
}

/* --- places of extremes ------------------------------------------------------------------------------- */

ew_status tfl_read_argument(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, dim = 0;
  int64_t axis = 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_int(b, 1, "the axis", &axis));
  EW_TRY(tfl_dim(b, axis, tfl_value(b, x)->rank, &dim));
  EW_TRY(tfl_output(b, 0, &out));
  const ew_dtype dtype = tfl_value(b, out)->dtype;
  TFL_CHECK(b, dtype == EW_I32 || dtype == EW_I64, EW_INVALID_TYPE, "the output is %s",
            ew_dtype_name(dtype));
  tfl_args args = {.count = 0};
  tfl_arg_int(&args, dim);
  tfl_arg_bool(&args, false);
  return tfl_kernel(b, row->kernel, &x, 1, &args, &out, 1);
}

/* The kernel counts in i64. */
ew_status tfl_read_topk(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, outputs[2], results[2];
  int64_t k = 0;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(tfl_int(b, 1, "the number of elements", &k));
  for (uint32_t i = 0; i < 2; i++) EW_TRY(tfl_output(b, i, &outputs[i]));
  TFL_CHECK(b, tfl_same_quant(tfl_value(b, x), tfl_value(b, outputs[0])), EW_NOT_SUPPORTED,
            "input and output have different scales");
  results[0] = outputs[0];
  EW_TRY(tfl_temporary(b, EW_I64, NULL, &results[1]));
  tfl_args args = {.count = 0};
  tfl_arg_int(&args, k);
  tfl_arg_int(&args, -1);
  tfl_arg_bool(&args, true);
  tfl_arg_bool(&args, true);
  EW_TRY(tfl_kernel(b, row->kernel, &x, 1, &args, results, 2));
  return cast_to(b, results[1], outputs[1]);
}

ew_status tfl_read_one_hot(tfl_builder *b, const tfl_row *row) {
  uint32_t inputs[3], out = EW_NONE;
  int64_t depth = 0;
  EW_TRY(tfl_input(b, 0, &inputs[0]));
  EW_TRY(tfl_int(b, 1, "the depth", &depth));
  EW_TRY(tfl_input(b, 2, &inputs[1]));
  EW_TRY(tfl_input(b, 3, &inputs[2]));
  EW_TRY(tfl_output(b, 0, &out));
  tfl_args args = {.count = 0};
  tfl_arg_int(&args, depth);
  tfl_arg_int(&args, ew_fb_i32(b->op->options, 0));
  return tfl_kernel(b, row->kernel, inputs, 3, &args, &out, 1);
}
