/* Convolutions, matrix products, pooling. */
#include <math.h>

#include "format/tflite/builder.h"
#include "format/tflite/quant.h"

enum { PADDING_SAME = 0 };

/* Padding before and behind one dimension. */
typedef struct padding {
  uint32_t before, behind;
} padding;

static ew_status place_window(const tfl_builder *b, bool same, uint64_t in, uint64_t kernel,
                              uint64_t stride, uint64_t dilation, padding *out) {
  const uint64_t span = (kernel - 1) * dilation + 1;
  *out = (padding){0, 0};
  if (!same) {
    TFL_CHECK(b, in >= span, EW_INVALID_PROGRAM, "a window of %llu does not fit into %llu",
              (unsigned long long)span, (unsigned long long)in);
    return EW_OK;
  }
  const uint64_t count = (in + stride - 1) / stride, need = (count - 1) * stride + span;
  const uint64_t total = need > in ? need - in : 0;
  *out = (padding){(uint32_t)(total / 2), (uint32_t)(total - total / 2)};
  return EW_OK;
}

/* Reads a positive number of the options. */
static ew_status read_size(const tfl_builder *b, uint32_t field, uint32_t fallback,
                           const char *what, uint32_t *out) {
  const bool present = ew_fb_present(b->op->options, field);
  const int32_t value = present ? ew_fb_i32(b->op->options, field) : (int32_t)fallback;
  TFL_CHECK(b, value >= 1 && value <= EW_MAX_SIDE, EW_INVALID_PROGRAM, "%s is %d", what, value);
  *out = (uint32_t)value;
  return EW_OK;
}

static ew_status set_padding(tfl_builder *b, const ew_value *x, bool same, ew_params *p) {
  padding rows, columns;
  TFL_CHECK(b, x->rank == 4, EW_INVALID_PROGRAM, "the input has rank %u, needs 4", x->rank);
  EW_TRY(place_window(b, same, x->dims[1], p->kernel_h, p->stride_h, p->dilation_h, &rows));
  EW_TRY(place_window(b, same, x->dims[2], p->kernel_w, p->stride_w, p->dilation_w, &columns));
  p->pad_top = rows.before;
  p->pad_bottom = rows.behind;
  p->pad_left = columns.before;
  p->pad_right = columns.behind;
  return EW_OK;
}

/* --- weights ---------------------------------------------------------------------------------------- */

/* How a product of input and filter is computed. */
typedef enum scheme { SCHEME_FLOAT, SCHEME_INTEGER, SCHEME_DYNAMIC } scheme;

typedef struct weights {
  scheme scheme;
  uint32_t input, filter, bias; /* values; bias may be EW_NONE */
} weights;

static ew_status check_filter(tfl_builder *b, uint32_t index, uint32_t rank) {
  TFL_CHECK(b, tfl_is_constant(b, index), EW_NOT_SUPPORTED,
            "the filter is not a constant, which is not supported");
  const tfl_tensor *filter = tfl_source(b, index, NULL);
  TFL_CHECK(b, filter->rank == rank, EW_INVALID_PROGRAM, "the filter has rank %u, needs %u",
            filter->rank, rank);
  for (uint32_t i = 0; i < rank; i++) {
    TFL_CHECK(b, filter->dims[i] >= 1 && filter->dims[i] <= EW_MAX_SIDE, EW_INVALID_PROGRAM,
              "the filter has size %zu in dimension %u", filter->dims[i], i);
  }
  return EW_OK;
}

/* Scales of an integer bias. The file may state others; they are the products of the other two. */
static ew_status bias_quant(tfl_builder *b, uint32_t index, const ew_value *x, const ew_quant *f,
                            ew_quant *out) {
  float *scale = NULL;
  TFL_CHECK(b, tfl_is_constant(b, index) && tfl_source(b, index, NULL)->dtype == EW_I32,
            EW_NOT_SUPPORTED, "the bias of an integer product is not a constant of type i32");
  EW_TRY(ew_arena_alloc(b->arena, f->count, sizeof *scale, &scale, b->err));
  for (uint32_t i = 0; i < f->count; i++) scale[i] = x->quant.scale[0] * f->scale[i];
  *out = (ew_quant){.kind = f->kind, .count = f->count, .scale_constant = EW_NONE};
  return tfl_scales(b, scale, f->count, &out->scale);
}

/* True when integers can compute the product exactly as TensorFlow Lite does: the executor's factors from sums to
 * outputs have limits. */
static ew_status fits_integers(tfl_builder *b, const ew_value *x, const ew_value *f, bool *out) {
  const uint32_t index = b->op->outputs[0];
  ew_quant result;
  EW_TRY(tfl_read_quant(&b->model->tensors[index], index, b->arena, &result, b->err));
  *out = f->dtype == EW_U8 || f->quant.zero_point == 0;
  for (uint32_t i = 0; i < f->quant.count && result.kind == EW_QUANT_TENSOR; i++) {
    const float ratio = x->quant.scale[0] * f->quant.scale[i] / result.scale[0];
    *out = *out && ratio >= 0x1p-32f && ratio < 0x1p8f;
  }
  return EW_OK;
}

static ew_status integer_weights(tfl_builder *b, uint32_t filter, uint32_t bias, weights *w) {
  ew_quant quant;
  bool fits = false;
  EW_TRY(tfl_input(b, filter, &w->filter));
  const ew_value f = *tfl_value(b, w->filter), x = *tfl_value(b, w->input);
  TFL_CHECK(b, f.dtype == x.dtype && f.quant.kind != EW_QUANT_NONE, EW_NOT_SUPPORTED,
            "the filter is %s%s, the input %s", ew_dtype_name(f.dtype),
            f.quant.kind == EW_QUANT_NONE ? " without a scale" : "", ew_dtype_name(x.dtype));
  const bool has_bias = tfl_has_input(b, bias);
  if (has_bias) EW_TRY(bias_quant(b, bias, &x, &f.quant, &quant));
  EW_TRY(fits_integers(b, &x, &f, &fits));
  if (!fits) {
    w->scheme = SCHEME_FLOAT;
    EW_TRY(tfl_to_float(b, w->input, &w->input));
    EW_TRY(tfl_constant_as_f32(b, filter, &w->filter));
    return has_bias ? tfl_constant_times(b, bias, &quant, &w->bias) : EW_OK;
  }
  if (!has_bias) return EW_OK;
  EW_TRY(tfl_input(b, bias, &w->bias));
  return tfl_with_quant(b, w->bias, &quant, &w->bias);
}

static ew_status float_bias(tfl_builder *b, uint32_t bias, weights *w) {
  if (!tfl_has_input(b, bias)) return EW_OK;
  if (tfl_is_constant(b, bias)) return tfl_constant_as_f32(b, bias, &w->bias);
  return tfl_input(b, bias, &w->bias);
}

/* Integer weights (w->filter) of a float product: the input is quantised while the model runs, one scale for each
 * picture or row. share: trailing dimensions of the input that have one scale. */
static ew_status dynamic_weights(tfl_builder *b, uint32_t bias, uint32_t share, weights *w) {
  const ew_value f = *tfl_value(b, w->filter);
  if (f.quant.kind == EW_QUANT_TENSOR) {
    /* The kernels know scales per channel only. */
    const uint32_t count = (uint32_t)f.dims[0];
    ew_quant quant = {.kind = EW_QUANT_CHANNEL, .count = count, .scale_constant = EW_NONE};
    float *scale = NULL;
    EW_TRY(ew_arena_alloc(b->arena, count, sizeof *scale, &scale, b->err));
    for (uint32_t i = 0; i < count; i++) scale[i] = f.quant.scale[0];
    EW_TRY(tfl_scales(b, scale, count, &quant.scale));
    EW_TRY(tfl_with_quant(b, w->filter, &quant, &w->filter));
  }
  const ew_quant quant = {
      .kind = EW_QUANT_TOKEN, .num_nonbatch_dims = share, .scale_constant = EW_NONE};
  const uint32_t from = w->input;
  const ew_params params = tfl_params();
  EW_TRY(tfl_temporary(b, EW_QD8, &quant, &w->input));
  EW_TRY(tfl_node(b, EW_OP_CONVERT, &params, &from, 1, w->input));
  return float_bias(b, bias, w);
}

/* Products of f32 and 8 bits. share 0: never quantise dynamically. TensorFlow Lite reads such filters as i8 with zero
 * point 0, whatever the file says: the first converters (TensorFlow 1.10 to 1.13) called their signed weights u8. */
static ew_status hybrid_weights(tfl_builder *b, uint32_t filter, uint32_t bias, uint32_t share,
                                weights *w) {
  const ew_value *x = tfl_value(b, w->input);
  const tfl_tensor *stated = &b->model->tensors[b->op->inputs[filter]];
  const bool one_picture = x->rank != 4 || x->dims[0] == 1;
  const bool dense = tfl_source(b, filter, NULL)->sparsity.position == 0;
  TFL_CHECK(b, stated->dtype != EW_U8 || share > 0, EW_NOT_SUPPORTED,
            "the filter is u8, the input f32, which TensorFlow Lite does not compute either");
  if (share > 0 && dense && one_picture) {
    EW_TRY(tfl_constant_from_i8(b, filter, EW_I8, &w->filter));
    const ew_quant *quant = &tfl_value(b, w->filter)->quant;
    TFL_CHECK(b, quant->kind != EW_QUANT_CHANNEL || quant->channel_dim == 0, EW_NOT_SUPPORTED,
              "the filter has scales along dimension %u", quant->channel_dim);
    if (quant->kind != EW_QUANT_NONE) {
      w->scheme = SCHEME_DYNAMIC;
      return dynamic_weights(b, bias, share, w);
    }
  }
  EW_TRY(tfl_constant_from_i8(b, filter, EW_F32, &w->filter));
  return float_bias(b, bias, w);
}

/* w->input is set. share: as of hybrid_weights. */
static ew_status read_weights(tfl_builder *b, uint32_t filter, uint32_t bias, uint32_t share,
                              weights *w) {
  const ew_value *x = tfl_value(b, w->input);
  /* Weights that DEQUANTIZE has made f32 of are f32 by the model's own wish. */
  const ew_dtype stated = b->model->tensors[b->op->inputs[filter]].dtype;
  w->bias = EW_NONE;
  w->scheme = SCHEME_INTEGER;
  if (tfl_is_q8(x)) return integer_weights(b, filter, bias, w);
  TFL_CHECK(b, x->dtype == EW_F32, EW_NOT_SUPPORTED, "the input is %s", ew_dtype_name(x->dtype));
  w->scheme = SCHEME_FLOAT;
  if (stated == EW_I8 || stated == EW_U8) return hybrid_weights(b, filter, bias, share, w);
  EW_TRY(tfl_constant_as_f32(b, filter, &w->filter));
  return float_bias(b, bias, w);
}

/* The node, and the activation behind it where that is no range. */
static ew_status emit(tfl_builder *b, ew_op op, ew_params *params, const weights *w,
                      uint8_t activation, uint32_t out) {
  const uint32_t inputs[3] = {w->input, w->filter, w->bias};
  const uint32_t count = w->bias == EW_NONE ? 2 : 3;
  if (tfl_activation_range(activation, &params->output_min, &params->output_max)) {
    uint32_t to = out;
    if (w->scheme == SCHEME_FLOAT) EW_TRY(tfl_from_float(b, out, &to));
    EW_TRY(tfl_node(b, op, params, inputs, count, to));
    return tfl_finish_float(b, to, out);
  }
  params->output_min = -INFINITY;
  params->output_max = INFINITY;
  uint32_t to = EW_NONE;
  EW_TRY(tfl_begin_activation(b, activation, out, &to));
  EW_TRY(tfl_node(b, op, params, inputs, count, to));
  return tfl_finish_activation(b, activation, to, out);
}

/* --- CONV_2D, DEPTHWISE_CONV_2D ---------------------------------------------------------------------- */

static ew_status read_strides(const tfl_builder *b, uint32_t dilation_w_field, ew_params *p) {
  EW_TRY(read_size(b, 1, 0, "the stride", &p->stride_w));
  EW_TRY(read_size(b, 2, 0, "the stride", &p->stride_h));
  EW_TRY(read_size(b, dilation_w_field, 1, "the dilation", &p->dilation_w));
  return read_size(b, dilation_w_field + 1, 1, "the dilation", &p->dilation_h);
}

static bool is_pointwise(const ew_params *p) {
  return p->kernel_h == 1 && p->kernel_w == 1 && p->stride_h == 1 && p->stride_w == 1 &&
         p->groups == 1;
}

/* A pointwise convolution with a scale for each pixel is a product of rows and a matrix. */
static ew_status multiply_pixels(tfl_builder *b, weights *w, uint8_t activation, uint32_t out) {
  ew_params p = tfl_params();
  const ew_quant quant = tfl_value(b, w->filter)->quant;
  EW_TRY(tfl_with_quant(b, w->filter, &quant, &w->filter));
  ew_value *filter = &b->graph->values[w->filter];
  filter->rank = 2;
  filter->dims[1] = filter->dims[3];
  return emit(b, EW_OP_FULLY_CONNECTED, &p, w, activation, out);
}

/* Input, filter size, strides, dilations (options from dilation_w_field on) and padding of a convolution. */
static ew_status read_window(tfl_builder *b, uint32_t dilation_w_field, uint32_t *input,
                             ew_params *p) {
  EW_TRY(tfl_input(b, 0, input));
  EW_TRY(check_filter(b, 1, 4));
  const size_t *filter = tfl_source(b, 1, NULL)->dims;
  p->kernel_h = (uint32_t)filter[1];
  p->kernel_w = (uint32_t)filter[2];
  EW_TRY(read_strides(b, dilation_w_field, p));
  return set_padding(b, tfl_value(b, *input), ew_fb_u8(b->op->options, 0) == PADDING_SAME, p);
}

ew_status tfl_read_conv(tfl_builder *b, const tfl_row *row) {
  weights w;
  uint32_t out = EW_NONE;
  ew_params p = tfl_params();
  EW_TRY(read_window(b, 4, &w.input, &p));
  const ew_value *x = tfl_value(b, w.input);
  const size_t *filter = tfl_source(b, 1, NULL)->dims;
  const size_t channels = x->dims[3];
  TFL_CHECK(b, channels % filter[3] == 0 && filter[0] % (channels / filter[3]) == 0,
            EW_INVALID_PROGRAM, "a filter of %zu x %zu channels for an input of %zu", filter[0],
            filter[3], channels);
  p.groups = (uint32_t)(channels / filter[3]);
  p.group_input_channels = (uint32_t)filter[3];
  p.group_output_channels = (uint32_t)filter[0] / p.groups;
  /* Inputs that are quantised while the model runs have a scale for each pixel where LiteRT gives them one. */
  const bool pointwise = is_pointwise(&p);
  const uint8_t activation = ew_fb_u8(b->op->options, 3);
  EW_TRY(read_weights(b, 1, 2, pointwise ? 1 : 3, &w));
  EW_TRY(tfl_output(b, 0, &out));
  if (pointwise && w.scheme == SCHEME_DYNAMIC) return multiply_pixels(b, &w, activation, out);
  return emit(b, row->op, &p, &w, activation, out);
}

ew_status tfl_read_depthwise(tfl_builder *b, const tfl_row *row) {
  weights w;
  uint32_t out = EW_NONE;
  ew_params p = tfl_params();
  EW_TRY(read_window(b, 5, &w.input, &p));
  const ew_value *x = tfl_value(b, w.input);
  const size_t *filter = tfl_source(b, 1, NULL)->dims;
  TFL_CHECK(b, filter[0] == 1 && x->dims[3] > 0 && filter[3] % x->dims[3] == 0, EW_INVALID_PROGRAM,
            "a filter of %zu x %zu channels for an input of %zu", filter[0], filter[3], x->dims[3]);
  p.groups = (uint32_t)x->dims[3];
  p.group_input_channels = 1;
  p.group_output_channels = (uint32_t)(filter[3] / x->dims[3]);
  EW_TRY(read_weights(b, 1, 2, 0, &w));
  EW_TRY(tfl_output(b, 0, &out));
  return emit(b, row->op, &p, &w, ew_fb_u8(b->op->options, 4), out);
}

/* --- TRANSPOSE_CONV and MediaPipe's Convolution2DTransposeBias ---------------------------------------- */

/* How an output of `out` pixels hangs over what the windows cover, or falls short of it. */
static ew_status place_transposed(const tfl_builder *b, bool same, uint64_t in, uint64_t kernel,
                                  uint64_t stride, uint64_t out, padding *pad, uint32_t *adjust) {
  const uint64_t covered = (in - 1) * stride + kernel;
  TFL_CHECK(b, out >= 1 && (same || out >= covered) && out < covered + stride, EW_INVALID_PROGRAM,
            "%llu pixels cannot become %llu at stride %llu", (unsigned long long)in,
            (unsigned long long)out, (unsigned long long)stride);
  const uint64_t total = covered > out ? covered - out : 0;
  *pad = (padding){(uint32_t)(total / 2), (uint32_t)(total - total / 2)};
  *adjust = (uint32_t)(out > covered ? out - covered : 0);
  return EW_OK;
}

static ew_status place_transposed_map(const tfl_builder *b, const ew_value *x, bool same,
                                      uint64_t height, uint64_t width, ew_params *p) {
  padding rows, columns;
  EW_TRY(
      place_transposed(b, same, x->dims[1], p->kernel_h, p->stride_h, height, &rows, &p->adjust_h));
  EW_TRY(place_transposed(b, same, x->dims[2], p->kernel_w, p->stride_w, width, &columns,
                          &p->adjust_w));
  p->pad_top = rows.before;
  p->pad_bottom = rows.behind;
  p->pad_left = columns.before;
  p->pad_right = columns.behind;
  return EW_OK;
}

static ew_status transposed_filter(tfl_builder *b, uint32_t index, const ew_value *x,
                                   ew_params *p) {
  EW_TRY(check_filter(b, index, 4));
  const size_t *filter = tfl_source(b, index, NULL)->dims;
  TFL_CHECK(b, x->rank == 4 && x->dims[3] == filter[3], EW_INVALID_PROGRAM,
            "a filter for %zu channels does not fit the input", filter[3]);
  p->kernel_h = (uint32_t)filter[1];
  p->kernel_w = (uint32_t)filter[2];
  p->dilation_h = p->dilation_w = p->groups = 1;
  p->group_input_channels = (uint32_t)filter[3];
  p->group_output_channels = (uint32_t)filter[0];
  return EW_OK;
}

ew_status tfl_read_transpose_conv(tfl_builder *b, const tfl_row *row) {
  weights w;
  uint32_t out = EW_NONE, count = 0;
  const int64_t *size = NULL;
  ew_params p = tfl_params();
  EW_TRY(tfl_ints(b, 0, "the output's sizes", &size, &count));
  EW_TRY(tfl_input(b, 2, &w.input));
  const ew_value *x = tfl_value(b, w.input);
  EW_TRY(transposed_filter(b, 1, x, &p));
  EW_TRY(read_size(b, 1, 0, "the stride", &p.stride_w));
  EW_TRY(read_size(b, 2, 0, "the stride", &p.stride_h));
  TFL_CHECK(b,
            count == 4 && size[0] == (int64_t)x->dims[0] && size[1] >= 1 && size[2] >= 1 &&
                size[3] == p.group_output_channels,
            EW_INVALID_PROGRAM, "the output's sizes do not fit input and filter");
  EW_TRY(place_transposed_map(b, x, ew_fb_u8(b->op->options, 0) == PADDING_SAME, (uint64_t)size[1],
                              (uint64_t)size[2], &p));
  EW_TRY(read_weights(b, 1, 3, 0, &w));
  EW_TRY(tfl_output(b, 0, &out));
  return emit(b, row->op, &p, &w, ew_fb_u8(b->op->options, 3), out);
}

/* Words of the raw options of MediaPipe's operators. */
static ew_status read_words(const tfl_builder *b, uint32_t count, uint32_t *out) {
  TFL_CHECK(b, b->op->custom.size >= 4 * (size_t)count, EW_INVALID_PROGRAM,
            "%zu bytes of options, needs %u", b->op->custom.size, 4 * count);
  for (uint32_t i = 0; i < count; i++) out[i] = ew_load_u32(b->op->custom.data + 4 * i);
  return EW_OK;
}

/* MediaPipe's padding: 1 same, 2 valid. */
static ew_status read_custom_padding(const tfl_builder *b, uint32_t word, bool *same) {
  TFL_CHECK(b, word == 1 || word == 2, EW_INVALID_PROGRAM, "padding %u is unknown", word);
  *same = word == 1;
  return EW_OK;
}

static uint64_t transposed_size(bool same, uint64_t in, uint64_t kernel, uint64_t stride) {
  const uint64_t rest = (in - 1) % stride + 1;
  const uint64_t total = same && kernel > rest ? kernel - rest : 0;
  return stride * (in - 1) + kernel - total;
}

ew_status tfl_read_transpose_bias(tfl_builder *b, const tfl_row *row) {
  (void)row;
  weights w;
  uint32_t out = EW_NONE, words[3];
  bool same = false;
  ew_params p = tfl_params();
  EW_TRY(tfl_input(b, 0, &w.input));
  const ew_value *x = tfl_value(b, w.input);
  EW_TRY(transposed_filter(b, 1, x, &p));
  EW_TRY(read_words(b, 3, words));
  EW_TRY(read_custom_padding(b, words[0], &same));
  TFL_CHECK(b, words[1] >= 1 && words[1] <= EW_MAX_SIDE && words[2] >= 1 && words[2] <= EW_MAX_SIDE,
            EW_INVALID_PROGRAM, "strides %u and %u", words[1], words[2]);
  p.stride_w = words[1];
  p.stride_h = words[2];
  EW_TRY(place_transposed_map(b, x, same, transposed_size(same, x->dims[1], p.kernel_h, p.stride_h),
                              transposed_size(same, x->dims[2], p.kernel_w, p.stride_w), &p));
  EW_TRY(read_weights(b, 1, 2, 0, &w));
  EW_TRY(tfl_output(b, 0, &out));
  return emit(b, EW_OP_CONV_TRANSPOSE_2D, &p, &w, 0, out);
}

/* --- FULLY_CONNECTED, BATCH_MATMUL --------------------------------------------------------------------- */

/* The input as rows of as many elements as the filter has inputs. */
static ew_status as_rows(tfl_builder *b, size_t width, bool keep, uint32_t *inout) {
  const ew_value *x = tfl_value(b, *inout);
  size_t total = 1;
  for (uint32_t i = 0; i < x->rank; i++) total *= x->dims[i];
  TFL_CHECK(
      b,
      x->rank >= 1 && width > 0 && total % width == 0 && (!keep || x->dims[x->rank - 1] == width),
      EW_INVALID_PROGRAM, "an input of %zu elements for a filter of %zu", total, width);
  if (keep || (x->rank == 2 && x->dims[1] == width)) return EW_OK;
  const size_t dims[2] = {total / width, width};
  const ew_quant quant = x->quant;
  const uint32_t from = *inout;
  EW_TRY(tfl_temporary(b, x->dtype, &quant, inout));
  return tfl_reshape(b, from, 2, dims, *inout);
}

/* A filter that another operator computes: a matrix product, with the bias added behind it. */
static ew_status product_of_two(tfl_builder *b, uint32_t x, uint8_t activation, uint32_t out) {
  uint32_t inputs[2] = {x, EW_NONE}, sum[2], to = EW_NONE;
  ew_params p = tfl_params();
  EW_TRY(tfl_input(b, 1, &inputs[1]));
  TFL_CHECK(b, tfl_value(b, x)->dtype == EW_F32 && tfl_value(b, inputs[1])->dtype == EW_F32,
            EW_NOT_SUPPORTED, "an integer product with a filter that is not a constant");
  EW_TRY(tfl_begin_activation(b, activation, out, &to));
  p.transpose_weights = true;
  sum[0] = to;
  if (tfl_has_input(b, 2)) EW_TRY(tfl_temporary(b, EW_F32, NULL, &sum[0]));
  EW_TRY(tfl_node(b, EW_OP_BATCH_MATRIX_MULTIPLY, &p, inputs, 2, sum[0]));
  if (tfl_has_input(b, 2)) {
    p = tfl_params();
    EW_TRY(tfl_input(b, 2, &sum[1]));
    EW_TRY(tfl_node(b, EW_OP_ADD, &p, sum, 2, to));
  }
  return tfl_finish_activation(b, activation, to, out);
}

ew_status tfl_read_fully_connected(tfl_builder *b, const tfl_row *row) {
  weights w;
  uint32_t out = EW_NONE;
  ew_params p = tfl_params();
  const uint8_t activation = ew_fb_u8(b->op->options, 0);
  const bool keep = ew_fb_u8(b->op->options, 2) != 0;
  TFL_CHECK(b, ew_fb_u8(b->op->options, 1) == 0, EW_NOT_SUPPORTED,
            "shuffled weights are not supported");
  EW_TRY(tfl_input(b, 0, &w.input));
  if (!tfl_is_constant(b, 1)) {
    uint32_t filter = EW_NONE;
    EW_TRY(tfl_input(b, 1, &filter));
    TFL_CHECK(b, tfl_value(b, filter)->rank == 2, EW_INVALID_PROGRAM, "the filter is no matrix");
    EW_TRY(as_rows(b, tfl_value(b, filter)->dims[1], keep, &w.input));
    EW_TRY(tfl_output(b, 0, &out));
    return product_of_two(b, w.input, activation, out);
  }
  EW_TRY(check_filter(b, 1, 2));
  EW_TRY(as_rows(b, tfl_source(b, 1, NULL)->dims[1], keep, &w.input));
  EW_TRY(read_weights(b, 1, 2, 1, &w));
  EW_TRY(tfl_output(b, 0, &out));
  return emit(b, row->op, &p, &w, activation, out);
}

static ew_status swap_last(tfl_builder *b, uint32_t *inout) {
  const ew_value *x = tfl_value(b, *inout);
  size_t order[EW_MAX_RANK];
  TFL_CHECK(b, x->rank >= 2, EW_INVALID_PROGRAM, "an input of rank %u is no matrix", x->rank);
  for (uint32_t i = 0; i < x->rank; i++) order[i] = i;
  order[x->rank - 1] = x->rank - 2;
  order[x->rank - 2] = x->rank - 1;
  const uint32_t from = *inout;
  EW_TRY(tfl_temporary(b, x->dtype, NULL, inout));
  return tfl_permute(b, from, order, *inout);
}

static ew_status raise_rank(tfl_builder *b, uint32_t rank, uint32_t *inout) {
  const ew_value *x = tfl_value(b, *inout);
  if (x->rank >= rank) return EW_OK;
  size_t dims[EW_MAX_RANK];
  const uint32_t more = rank - x->rank;
  for (uint32_t i = 0; i < rank; i++) dims[i] = i < more ? 1 : x->dims[i - more];
  const uint32_t from = *inout;
  EW_TRY(tfl_temporary(b, x->dtype, NULL, inout));
  return tfl_reshape(b, from, rank, dims, *inout);
}

/* In floats: there are no integer kernels for products of two tensors. */
ew_status tfl_read_batch_matmul(tfl_builder *b, const tfl_row *row) {
  uint32_t inputs[2], out = EW_NONE, to = EW_NONE;
  ew_params p = tfl_params();
  for (uint32_t i = 0; i < 2; i++) {
    EW_TRY(tfl_input(b, i, &inputs[i]));
    EW_TRY(tfl_to_float(b, inputs[i], &inputs[i]));
    TFL_CHECK(b, tfl_value(b, inputs[i])->dtype == EW_F32, EW_NOT_SUPPORTED, "input %u is %s", i,
              ew_dtype_name(tfl_value(b, inputs[i])->dtype));
  }
  if (ew_fb_u8(b->op->options, 0) != 0) EW_TRY(swap_last(b, &inputs[0]));
  if (ew_fb_u8(b->op->options, 1) != 0) p.transpose_weights = true;
  EW_TRY(raise_rank(b, tfl_value(b, inputs[1])->rank, &inputs[0]));
  EW_TRY(raise_rank(b, tfl_value(b, inputs[0])->rank, &inputs[1]));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_from_float(b, out, &to));
  EW_TRY(tfl_node(b, row->op, &p, inputs, 2, to));
  return tfl_finish_float(b, to, out);
}

/* --- pooling ------------------------------------------------------------------------------------------- */

/* The range of an activation in units of the tensor. */
static void add_range(const ew_value *value, const ew_params *p, tfl_args *args) {
  const bool q8 = tfl_is_q8(value);
  const float bounds[2] = {p->output_min, p->output_max};
  for (uint32_t i = 0; i < 2; i++) {
    if (isinf(bounds[i])) {
      tfl_arg_none(args);
    } else if (!q8) {
      tfl_arg_double(args, (double)bounds[i]);
    } else {
      const float q = roundf(bounds[i] / value->quant.scale[0]) + (float)value->quant.zero_point;
      tfl_arg_double(args, (double)fminf(fmaxf(q, value->dtype == EW_U8 ? 0 : -128),
                                         value->dtype == EW_U8 ? 255 : 127));
    }
  }
}

static ew_status window_args(tfl_builder *b, const ew_params *p, tfl_args *args) {
  const size_t kernel[2] = {p->kernel_h, p->kernel_w}, stride[2] = {p->stride_h, p->stride_w};
  const size_t pad[4] = {p->pad_top, p->pad_bottom, p->pad_left, p->pad_right};
  EW_TRY(tfl_arg_sizes(b, args, kernel, 2));
  EW_TRY(tfl_arg_sizes(b, args, stride, 2));
  return tfl_arg_sizes(b, args, pad, 4);
}

/* Executors have no mean of integers that rounds as TensorFlow Lite does, no windows of one cell, and no
 * maximum over windows that leave cells out. */
static bool executor_pools(const tfl_row *row, const ew_value *x, const ew_params *p) {
  if (row->op == EW_OP_COUNT || !tfl_is_executable(x) || p->kernel_h * p->kernel_w == 1)
    return false;
  if (row->op == EW_OP_AVG_POOL_2D) return x->dtype == EW_F32;
  return p->stride_h <= p->kernel_h && p->stride_w <= p->kernel_w;
}

ew_status tfl_read_pool(tfl_builder *b, const tfl_row *row) {
  uint32_t x = EW_NONE, out = EW_NONE, to = EW_NONE;
  ew_params p = tfl_params();
  const ew_fb_table options = b->op->options;
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(read_size(b, 1, 0, "the stride", &p.stride_w));
  EW_TRY(read_size(b, 2, 0, "the stride", &p.stride_h));
  EW_TRY(read_size(b, 3, 0, "the window", &p.kernel_w));
  EW_TRY(read_size(b, 4, 0, "the window", &p.kernel_h));
  p.dilation_h = p.dilation_w = 1;
  EW_TRY(set_padding(b, tfl_value(b, x), ew_fb_u8(options, 0) == PADDING_SAME, &p));
  TFL_CHECK(b, tfl_activation_range(ew_fb_u8(options, 5), &p.output_min, &p.output_max),
            EW_NOT_SUPPORTED, "activation %u is not supported", ew_fb_u8(options, 5));
  EW_TRY(tfl_output(b, 0, &out));
  EW_TRY(tfl_begin_move(b, x, out, &to));
  if (executor_pools(row, tfl_value(b, x), &p)) {
    EW_TRY(tfl_node(b, row->op, &p, &x, 1, to));
  } else {
    tfl_args args = {.count = 0};
    EW_TRY(window_args(b, &p, &args));
    add_range(tfl_value(b, x), &p, &args);
    EW_TRY(tfl_kernel(b, row->kernel, &x, 1, &args, &to, 1));
  }
  return tfl_finish_move(b, to, out);
}

/* MediaPipe's options: padding, stride w and h, window w and h, activation. */
static ew_status custom_window(tfl_builder *b, const ew_value *x, ew_params *p,
                               uint8_t *activation) {
  uint32_t words[6];
  bool same = false;
  EW_TRY(read_words(b, 6, words));
  EW_TRY(read_custom_padding(b, words[0], &same));
  for (uint32_t i = 1; i < 5; i++) {
    TFL_CHECK(b, words[i] >= 1 && words[i] <= EW_MAX_SIDE, EW_INVALID_PROGRAM,
              "a window or stride is %u", words[i]);
  }
  p->stride_w = words[1];
  p->stride_h = words[2];
  p->kernel_w = words[3];
  p->kernel_h = words[4];
  p->dilation_h = p->dilation_w = 1;
  TFL_CHECK(b, words[5] <= 3, EW_NOT_SUPPORTED, "activation %u is not supported", words[5]);
  *activation = (uint8_t)words[5];
  return x == NULL ? EW_OK : set_padding(b, x, same, p);
}

ew_status tfl_read_pool_argmax(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t x = EW_NONE, outputs[2];
  uint8_t activation = 0;
  ew_params p = tfl_params();
  EW_TRY(tfl_input(b, 0, &x));
  EW_TRY(custom_window(b, tfl_value(b, x), &p, &activation));
  tfl_activation_range(activation, &p.output_min, &p.output_max);
  for (uint32_t i = 0; i < 2; i++) EW_TRY(tfl_output(b, i, &outputs[i]));
  tfl_args args = {.count = 0};
  EW_TRY(window_args(b, &p, &args));
  add_range(tfl_value(b, x), &p, &args);
  return tfl_kernel(b, "tfl::max_pool_2d_with_argmax", &x, 1, &args, outputs, 2);
}

/* The map is the window times as large; its own padding, were it pooled, is what the places count from. */
ew_status tfl_read_unpool(tfl_builder *b, const tfl_row *row) {
  (void)row;
  uint32_t inputs[2], out = EW_NONE;
  uint8_t activation = 0;
  ew_params p = tfl_params();
  for (uint32_t i = 0; i < 2; i++) EW_TRY(tfl_input(b, i, &inputs[i]));
  EW_TRY(custom_window(b, NULL, &p, &activation));
  ew_value map = *tfl_value(b, inputs[0]);
  TFL_CHECK(b, map.rank == 4, EW_INVALID_PROGRAM, "the input has rank %u, needs 4", map.rank);
  map.dims[1] *= p.kernel_h;
  map.dims[2] *= p.kernel_w;
  EW_TRY(custom_window(b, &map, &p, &activation));
  EW_TRY(tfl_output(b, 0, &out));
  tfl_args args = {.count = 0};
  EW_TRY(window_args(b, &p, &args));
  return tfl_kernel(b, "tfl::max_unpool_2d", inputs, 2, &args, &out, 1);
}
