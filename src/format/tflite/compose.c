/* What many operators are made of: conversions, reshapes, permutations, slices, joins, activations. */
#include "format/tflite/builder.h"

#include <math.h>
#include <string.h>

ew_status tfl_to_float(tfl_builder *b, uint32_t in, uint32_t *out) {
  *out = in;
  if (!tfl_is_q8(tfl_value(b, in))) return EW_OK;
  const ew_params params = tfl_params();
  EW_TRY(tfl_temporary(b, EW_F32, NULL, out));
  return tfl_node(b, EW_OP_CONVERT, &params, &in, 1, *out);
}

ew_status tfl_from_float(tfl_builder *b, uint32_t out, uint32_t *from) {
  *from = out;
  return tfl_is_q8(tfl_value(b, out)) ? tfl_temporary(b, EW_F32, NULL, from) : EW_OK;
}

ew_status tfl_finish_float(tfl_builder *b, uint32_t from, uint32_t out) {
  const ew_params params = tfl_params();
  return from == out ? EW_OK : tfl_node(b, EW_OP_CONVERT, &params, &from, 1, out);
}

ew_status tfl_begin_move(tfl_builder *b, uint32_t in, uint32_t out, uint32_t *to) {
  const ew_value *from = tfl_value(b, in), *result = tfl_value(b, out);
  *to = out;
  if (tfl_same_quant(from, result)) return EW_OK;
  TFL_CHECK(b, tfl_is_q8(from) && tfl_is_q8(result), EW_INVALID_TYPE,
            "the input is %s, the output %s", ew_dtype_name(from->dtype),
            ew_dtype_name(result->dtype));
  const ew_quant quant = from->quant;
  return tfl_temporary(b, from->dtype, &quant, to);
}

ew_status tfl_finish_move(tfl_builder *b, uint32_t to, uint32_t out) {
  return tfl_finish_float(b, to, out);
}

ew_status tfl_requantise(tfl_builder *b, uint32_t in, uint32_t like, uint32_t *out) {
  const ew_value *from = tfl_value(b, in), *wanted = tfl_value(b, like);
  *out = in;
  if (tfl_same_quant(from, wanted)) return EW_OK;
  TFL_CHECK(b, tfl_is_q8(from) && tfl_is_q8(wanted), EW_INVALID_TYPE, "%s and %s do not mix",
            ew_dtype_name(from->dtype), ew_dtype_name(wanted->dtype));
  const ew_quant quant = wanted->quant;
  const ew_params params = tfl_params();
  EW_TRY(tfl_temporary(b, wanted->dtype, &quant, out));
  return tfl_node(b, EW_OP_CONVERT, &params, &in, 1, *out);
}

ew_status tfl_reshape(tfl_builder *b, uint32_t in, uint32_t rank, const size_t *dims, uint32_t to) {
  size_t before = 1, after = 1;
  const ew_value *value = tfl_value(b, in);
  for (uint32_t i = 0; i < value->rank; i++) before *= value->dims[i];
  for (uint32_t i = 0; i < rank; i++) after *= dims[i];
  TFL_CHECK(b, before == after, EW_INVALID_PROGRAM, "%zu elements do not fit a shape of %zu",
            before, after);
  if (tfl_is_executable(value) && rank > 0 && rank <= EW_XNN_MAX_RANK) {
    ew_params params = tfl_params();
    params.rank = rank;
    memcpy(params.shape, dims, rank * sizeof *dims);
    return tfl_node(b, EW_OP_RESHAPE, &params, &in, 1, to);
  }
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, dims, rank));
  return tfl_kernel(b, "aten::view_copy.out", &in, 1, &args, &to, 1);
}

ew_status tfl_permute(tfl_builder *b, uint32_t in, const size_t *order, uint32_t to) {
  const ew_value *value = tfl_value(b, in);
  const uint32_t rank = value->rank;
  if (tfl_is_executable(value) && rank > 0) {
    ew_params params = tfl_params();
    params.rank = rank;
    memcpy(params.shape, order, rank * sizeof *order);
    return tfl_node(b, EW_OP_TRANSPOSE, &params, &in, 1, to);
  }
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, order, rank));
  return tfl_kernel(b, "aten::permute_copy.out", &in, 1, &args, &to, 1);
}

ew_status tfl_take_slice(tfl_builder *b, uint32_t in, const size_t *begin, const size_t *size,
                         uint32_t to) {
  const ew_value *value = tfl_value(b, in);
  const uint32_t rank = value->rank;
  if (tfl_is_executable(value) && rank > 0) {
    ew_params params = tfl_params();
    params.rank = rank;
    memcpy(params.shape, begin, rank * sizeof *begin);
    memcpy(params.shape2, size, rank * sizeof *size);
    return tfl_node(b, EW_OP_SLICE, &params, &in, 1, to);
  }
  size_t ones[EW_MAX_RANK];
  for (uint32_t i = 0; i < rank; i++) ones[i] = 1;
  tfl_args args = {.count = 0};
  EW_TRY(tfl_arg_sizes(b, &args, begin, rank));
  EW_TRY(tfl_arg_sizes(b, &args, size, rank));
  EW_TRY(tfl_arg_sizes(b, &args, ones, rank));
  return tfl_kernel(b, "tfl::strided_slice", &in, 1, &args, &to, 1);
}

/* XNNPACK joins five at most: the first five, then the result with the next four, and so on. */
static ew_status join_by_fives(tfl_builder *b, const uint32_t *parts, uint32_t count, uint32_t axis,
                               uint32_t to) {
  enum { MOST = 5 };
  ew_params params = tfl_params();
  params.axis = axis;
  uint32_t group[MOST], used = 0;
  for (uint32_t i = 0; i < count; i++) {
    group[used++] = parts[i];
    if (used < MOST || i + 1 == count) continue;
    const ew_value *like = tfl_value(b, to);
    const ew_dtype dtype = like->dtype;
    const ew_quant quant = like->quant;
    uint32_t joined = EW_NONE;
    EW_TRY(tfl_temporary(b, dtype, &quant, &joined));
    EW_TRY(tfl_node(b, EW_OP_CONCATENATE, &params, group, used, joined));
    group[0] = joined;
    used = 1;
  }
  return tfl_node(b, EW_OP_CONCATENATE, &params, group, used, to);
}

ew_status tfl_join(tfl_builder *b, const uint32_t *parts, uint32_t count, uint32_t axis,
                   uint32_t to) {
  bool executable = tfl_value(b, parts[0])->rank > 0;
  for (uint32_t i = 0; i < count; i++) {
    executable = executable && tfl_is_executable(tfl_value(b, parts[i]));
  }
  if (executable) return join_by_fives(b, parts, count, axis, to);
  tfl_args args = {.count = 0};
  tfl_arg_int(&args, axis);
  return tfl_kernel(b, "aten::cat.out", parts, count, &args, &to, 1);
}

enum { ACT_NONE = 0, ACT_RELU, ACT_RELU_N1, ACT_RELU6, ACT_TANH };

bool tfl_activation_range(uint8_t activation, float *low, float *high) {
  *low = activation == ACT_NONE ? -INFINITY : activation == ACT_RELU_N1 ? -1.0f : 0.0f;
  *high = activation == ACT_RELU_N1 ? 1.0f : activation == ACT_RELU6 ? 6.0f : INFINITY;
  return activation <= ACT_RELU6;
}

ew_status tfl_begin_activation(tfl_builder *b, uint8_t activation, uint32_t out, uint32_t *to) {
  TFL_CHECK(b, activation <= ACT_TANH, EW_NOT_SUPPORTED, "activation %u is not supported",
            activation);
  *to = out;
  if (activation == ACT_NONE) return EW_OK;
  const ew_value *value = tfl_value(b, out);
  const ew_quant quant = value->quant;
  return tfl_temporary(b, value->dtype, &quant, to);
}

ew_status tfl_finish_activation(tfl_builder *b, uint8_t activation, uint32_t to, uint32_t out) {
  if (to == out) return EW_OK;
  ew_params params = tfl_params();
  if (activation == ACT_TANH) return tfl_node(b, EW_OP_TANH, &params, &to, 1, out);
  tfl_activation_range(activation, &params.output_min, &params.output_max);
  if (tfl_is_executable(tfl_value(b, to))) return tfl_node(b, EW_OP_CLAMP, &params, &to, 1, out);
  tfl_args args = {.count = 0};
  tfl_arg_double(&args, (double)params.output_min);
  tfl_arg_double(&args, (double)params.output_max);
  return tfl_kernel(b, "aten::clamp.out", &to, 1, &args, &out, 1);
}

ew_status tfl_dim(const tfl_builder *b, int64_t dim, uint32_t rank, uint32_t *out) {
  const int64_t wrapped = dim < 0 ? dim + rank : dim;
  TFL_CHECK(b, wrapped >= 0 && wrapped < rank, EW_INVALID_PROGRAM,
            "axis %lld of a tensor of rank %u", (long long)dim, rank);
  *out = (uint32_t)wrapped;
  return EW_OK;
}
