/* Convolutions of floats by Winograd's method (fast_conv.h); XNNPACK does the products. */

#include "base/simd.h"
#include "exec/xnn/fast_conv.h"

enum {
  /* Filters are transformed and packed a row of points at a time, to bound the memory that takes. */
  ROWS = 4,
  ROW_POINTS = 4
};

typedef struct fast_float {
  ew_fast_conv base;
  xnn_operator_t products[ROWS]; /* [4][tiles, in] x [4][in, out], the right side packed */
  float *bias;                   /* [out] */
  size_t shaped_for;             /* tiles that `products` are set up for */
  bool silu;                     /* x * sigmoid(x) of every output */
} fast_float;

/* --- filters -------------------------------------------------------------------------------------- */

/* G g of F(2,3), of three vectors into four. */
static inline void filter_1d(const ew_f32x4 g[3], ew_f32x4 out[4]) {
  const ew_f32x4 half = ew_v4_splat(0.5f);
  const ew_f32x4 even = (g[0] + g[2]) * half, odd = g[1] * half;
  out[0] = g[0];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = g[2];
}

/* One output channel [3][3][in] into one row of its points: [4] times in, stride floats apart. */
static void transform_filter(const float *filter, size_t in, int row, float *out, size_t stride) {
  for (size_t c = 0; c < in; c += 4) {
    ew_f32x4 rows[3][4], column[3], points[4];
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 3; x++) column[x] = ew_v4_load(filter + (y * 3 + x) * in + c);
      filter_1d(column, rows[y]);
    }
    for (int x = 0; x < 4; x++) {
      for (int y = 0; y < 3; y++) column[y] = rows[y][x];
      filter_1d(column, points);
      ew_v4_store(out + (size_t)x * stride + c, points[row]);
    }
  }
}

static ew_status pack_filter(fast_float *conv, const float *filter, ew_error *err) {
  const size_t in = conv->base.in_channels, out = conv->base.out_channels;
  float *points = ew_alloc(ROW_POINTS * in * out * sizeof(float));
  EW_CHECK(points != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a transformed filter");
  enum xnn_status status = xnn_status_success;
  for (int row = 0; row < ROWS && status == xnn_status_success; row++) {
    for (size_t o = 0; o < out; o++) {
      transform_filter(filter + o * 9 * in, in, row, points + o * in, in * out);
    }
    status = xnn_create_batch_matrix_multiply_nc_f32_const_weights(
        ROW_POINTS, in, out, points, XNN_FLAG_TRANSPOSE_B, &conv->products[row]);
  }
  ew_free(points);
  if (status != xnn_status_success) return ew_xnn_fail(err, status, "packing a 3x3 convolution");
  return EW_OK;
}

static void destroy(ew_fast_conv *base) {
  fast_float *conv = (fast_float *)base;
  for (int row = 0; row < ROWS; row++) {
    if (conv->products[row] != NULL) xnn_delete_operator(conv->products[row]);
  }
  ew_free(conv->bias);
  ew_free(conv);
}

/* --- run ------------------------------------------------------------------------------------------ */

/* B^T d of F(2,3). */
static inline void input_1d(const ew_f32x4 d[4], ew_f32x4 out[4]) {
  out[0] = d[0] - d[2];
  out[1] = d[1] + d[2];
  out[2] = d[2] - d[1];
  out[3] = d[1] - d[3];
}

static void transform_input(void *context, size_t tile) {
  const ew_fast_conv *conv = context;
  const size_t channels = conv->in_channels, stride = conv->count * channels;
  const void *pixels[EW_FAST_POINTS];
  ew_fast_inputs(conv, tile, pixels);
  float *to = (float *)conv->transformed + tile * channels;
  for (size_t c = 0; c < channels; c += 4) {
    ew_f32x4 rows[4][4], line[4], points[4];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) line[j] = ew_v4_load((const float *)pixels[i * 4 + j] + c);
      input_1d(line, rows[i]);
    }
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) line[i] = rows[i][j];
      input_1d(line, points);
      for (int i = 0; i < 4; i++) ew_v4_store(to + (size_t)(i * 4 + j) * stride + c, points[i]);
    }
  }
}

/* A^T m of F(2,3). */
static inline void output_1d(const ew_f32x4 m[4], ew_f32x4 out[2]) {
  out[0] = m[0] + m[1] + m[2];
  out[1] = m[1] - m[2] - m[3];
}

static void transform_output(void *context, size_t tile) {
  const ew_fast_conv *conv = context;
  const fast_float *own = context;
  const ew_params *p = conv->params;
  const size_t channels = conv->out_channels, stride = conv->count * channels;
  void *to[4];
  ew_fast_outputs(conv, tile, to);
  const ew_f32x4 low = ew_v4_splat(p->output_min), high = ew_v4_splat(p->output_max);
  const float *from = (const float *)conv->result + tile * channels;
  for (size_t c = 0; c < channels; c += 4) {
    ew_f32x4 columns[2][4], line[4], pair[2], out[4];
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) line[i] = ew_v4_load(from + (size_t)(i * 4 + j) * stride + c);
      output_1d(line, pair);
      columns[0][j] = pair[0];
      columns[1][j] = pair[1];
    }
    const ew_f32x4 bias = ew_v4_load(own->bias + c);
    for (int i = 0; i < 2; i++) {
      output_1d(columns[i], pair);
      for (int j = 0; j < 2; j++) {
        ew_f32x4 value = pair[j] + bias;
        value = ew_v4_select(value < low, low, value);
        value = ew_v4_select(value > high, high, value);
        out[i * 2 + j] = own->silu ? ew_v4_silu(value) : value;
      }
    }
    for (int i = 0; i < 4; i++) {
      if (to[i] != NULL) ew_v4_store((float *)to[i] + c, out[i]);
    }
  }
}

static enum xnn_status multiply_row(fast_float *own, int row, pthreadpool_t threads) {
  const ew_fast_conv *conv = &own->base;
  const size_t batch[1] = {ROW_POINTS};
  xnn_operator_t product = own->products[row];
  enum xnn_status status = xnn_status_success;
  if (own->shaped_for != conv->count) {
    size_t workspace = 0, alignment = 0;
    status = xnn_reshape_batch_matrix_multiply_nc_f32(product, 1, batch, batch, conv->count,
                                                      conv->in_channels, conv->out_channels,
                                                      &workspace, &alignment, threads);
  }
  const size_t points = (size_t)row * ROW_POINTS * conv->count;
  if (status == xnn_status_success) {
    status = xnn_setup_batch_matrix_multiply_nc_f32(
        product, NULL, (const float *)conv->transformed + points * conv->in_channels, NULL,
        (float *)conv->result + points * conv->out_channels);
  }
  return status == xnn_status_success ? xnn_run_operator(product, threads) : status;
}

static ew_status multiply(ew_fast_conv *conv, pthreadpool_t threads, ew_error *err) {
  fast_float *own = (fast_float *)conv;
  for (int row = 0; row < ROWS; row++) {
    const enum xnn_status status = multiply_row(own, row, threads);
    if (status == xnn_status_success) continue;
    own->shaped_for = 0;
    return ew_xnn_fail(err, status, "running a 3x3 convolution");
  }
  own->shaped_for = conv->count;
  return EW_OK;
}

/* --- create --------------------------------------------------------------------------------------- */

static const ew_fast_type float_type = {.input_size = sizeof(float),
                                        .transformed_size = sizeof(float),
                                        .transform_input = transform_input,
                                        .transform_output = transform_output,
                                        .multiply = multiply,
                                        .destroy = destroy};

ew_status ew_fast_float_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                               ew_error *err) {
  const ew_node *node = ew_segment_node(graph, segment, 0);
  *out = ew_fast_conv_new(sizeof(fast_float), &float_type, node);
  EW_CHECK(*out != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a convolution");
  fast_float *conv = (fast_float *)*out;
  conv->silu = graph->segments[segment].num_nodes > 1;
  /* Each product has a column of zeros for the bias that it does not have. */
  conv->base.packed_bytes =
      EW_FAST_POINTS * (conv->base.in_channels + 1) * conv->base.out_channels * sizeof(float);
  conv->bias = ew_fast_bias(graph, node);
  EW_CHECK(conv->bias != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a convolution");
  const uint32_t filter = graph->values[node->inputs[1]].constant;
  return pack_filter(conv, (const float *)(const void *)graph->constants[filter].data, err);
}
