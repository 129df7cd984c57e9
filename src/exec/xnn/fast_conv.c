/* 3x3 convolutions of stride 1 by Winograd's method F(2x2, 3x3).
 *
 * The output is cut into tiles of 2x2. A tile needs 4x4 inputs; both sides are transformed so that 16
 * products per pair of channels replace 36, and those are 16 matrix products over many tiles, which
 * XNNPACK does. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), have the
 * transforms. A dilation only spreads the rows and columns of a tile. Tiles are worked off in chunks
 * whose transformed inputs and products stay in the cache and bound the scratch. */
#include <string.h>

#include "base/bytes.h"
#include "base/simd.h"
#include "exec/xnn/internal.h"

enum {
  POINTS = 16, /* elements of a transformed tile */
  /* Filters are transformed and packed a row of points at a time, to bound the memory that takes. */
  ROWS = 4,
  ROW_POINTS = 4,
  CHUNK_BYTES = 1 << 20,
  MIN_CHUNK = 24 /* fewer rows leave XNNPACK's product idle */
};

struct ew_fast_conv {
  xnn_operator_t products[ROWS]; /* [4][tiles, in] x [4][in, out], the right side packed */
  float *bias;                   /* [out] */
  const ew_params *params;
  size_t in_channels, out_channels;
  size_t in_height, in_width, out_height, out_width;
  size_t rows, columns; /* tiles of one picture */
  size_t tiles;         /* of all pictures */
  size_t chunk;         /* tiles per chunk */
  size_t shaped_for;    /* tiles that `products` are set up for */
  const float *in;      /* [N, H, W, C] */
  float *out;
  float *transformed, *result; /* scratch: [16][chunk][in] and [16][chunk][out] */
  const float *zeros;          /* scratch: [in] */
  size_t first, count;         /* the chunk at work */
  bool silu;                   /* x * sigmoid(x) of every output */
};

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

static ew_status pack_filter(ew_fast_conv *conv, const float *filter, ew_error *err) {
  const size_t in = conv->in_channels, out = conv->out_channels;
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

ew_status ew_fast_conv_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                              ew_error *err) {
  const ew_node *node = ew_segment_node(graph, segment, 0);
  ew_fast_conv *conv = ew_alloc(sizeof *conv);
  EW_CHECK(conv != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a convolution");
  memset(conv, 0, sizeof *conv);
  *out = conv;
  conv->params = node->params;
  conv->silu = graph->segments[segment].num_nodes > 1;
  conv->in_channels = node->params->group_input_channels;
  conv->out_channels = node->params->group_output_channels;
  conv->bias = ew_alloc(conv->out_channels * sizeof(float));
  EW_CHECK(conv->bias != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a convolution");
  memset(conv->bias, 0, conv->out_channels * sizeof(float));
  if (node->inputs[2] != EW_NONE) {
    memcpy(conv->bias, graph->constants[graph->values[node->inputs[2]].constant].data,
           conv->out_channels * sizeof(float));
  }
  const uint32_t filter = graph->values[node->inputs[1]].constant;
  return pack_filter(conv, (const float *)(const void *)graph->constants[filter].data, err);
}

void ew_fast_conv_destroy(ew_fast_conv *conv) {
  if (conv == NULL) return;
  for (int row = 0; row < ROWS; row++) {
    if (conv->products[row] != NULL) xnn_delete_operator(conv->products[row]);
  }
  ew_free(conv->bias);
  ew_free(conv);
}

size_t ew_fast_conv_packed_bytes(const ew_fast_conv *conv) {
  /* Each product has a column of zeros for the bias that it does not have. */
  return POINTS * (conv->in_channels + 1) * conv->out_channels * sizeof(float);
}

/* --- shapes --------------------------------------------------------------------------------------- */

/* A tile holds outputs p and p + dilation. Along one axis, tiles come in blocks of `dilation` tiles that
 * cover 2 * dilation outputs; those at the end may lack their second output. */
static size_t tiles_along(size_t outputs, size_t dilation) {
  const size_t rest = outputs % (2 * dilation);
  return outputs / (2 * dilation) * dilation + (rest < dilation ? rest : dilation);
}

static inline size_t tile_start(size_t tile, size_t dilation) {
  return tile / dilation * 2 * dilation + tile % dilation;
}

ew_status ew_fast_conv_reshape(ew_fast_conv *conv, const size_t in_dims[4], size_t out_dims[4],
                               size_t *out_scratch, ew_error *err) {
  const ew_params *p = conv->params;
  const size_t height = in_dims[1] + p->pad_top + p->pad_bottom;
  const size_t width = in_dims[2] + p->pad_left + p->pad_right;
  EW_CHECK(in_dims[3] == conv->in_channels && height > 2 * (size_t)p->dilation_h &&
               width > 2 * (size_t)p->dilation_w,
           err, EW_WRONG_DIMENSIONS, "a 3x3 convolution cannot take a map of %zu x %zu x %zu",
           in_dims[1], in_dims[2], in_dims[3]);
  conv->in_height = in_dims[1];
  conv->in_width = in_dims[2];
  conv->out_height = height - 2 * p->dilation_h;
  conv->out_width = width - 2 * p->dilation_w;
  conv->rows = tiles_along(conv->out_height, p->dilation_h);
  conv->columns = tiles_along(conv->out_width, p->dilation_w);
  conv->tiles = in_dims[0] * conv->rows * conv->columns;
  conv->shaped_for = 0;
  const size_t per_tile = POINTS * (conv->in_channels + conv->out_channels) * sizeof(float);
  const size_t fits = CHUNK_BYTES / per_tile;
  const size_t least = fits < MIN_CHUNK ? MIN_CHUNK : fits;
  /* Chunks of equal size. */
  const size_t chunks = (conv->tiles + least - 1) / least;
  conv->chunk = chunks == 0 ? 0 : (conv->tiles + chunks - 1) / chunks;
  out_dims[0] = in_dims[0];
  out_dims[1] = conv->out_height;
  out_dims[2] = conv->out_width;
  out_dims[3] = conv->out_channels;
  *out_scratch = conv->chunk * per_tile + conv->in_channels * sizeof(float);
  return EW_OK;
}

void ew_fast_conv_setup(ew_fast_conv *conv, const float *in, float *out) {
  conv->in = in;
  conv->out = out;
}

/* --- run ------------------------------------------------------------------------------------------ */

typedef struct tile_place {
  size_t image, y, x; /* the first output */
} tile_place;

static tile_place place_of(const ew_fast_conv *conv, size_t tile) {
  const size_t column = tile % conv->columns, row = tile / conv->columns;
  return (tile_place){.image = row / conv->rows,
                      .y = tile_start(row % conv->rows, conv->params->dilation_h),
                      .x = tile_start(column, conv->params->dilation_w)};
}

/* B^T d of F(2,3). */
static inline void input_1d(const ew_f32x4 d[4], ew_f32x4 out[4]) {
  out[0] = d[0] - d[2];
  out[1] = d[1] + d[2];
  out[2] = d[2] - d[1];
  out[3] = d[1] - d[3];
}

static void transform_input(void *context, size_t index) {
  const ew_fast_conv *conv = context;
  const ew_params *p = conv->params;
  const size_t channels = conv->in_channels;
  const tile_place at = place_of(conv, conv->first + index);
  const float *pixels[4][4];
  for (size_t i = 0; i < 4; i++) {
    /* Rows above the map wrap to huge numbers, beyond the height. */
    const size_t y = at.y + i * p->dilation_h - p->pad_top;
    for (size_t j = 0; j < 4; j++) {
      const size_t x = at.x + j * p->dilation_w - p->pad_left;
      pixels[i][j] =
          y < conv->in_height && x < conv->in_width
              ? conv->in + ((at.image * conv->in_height + y) * conv->in_width + x) * channels
              : conv->zeros;
    }
  }
  const size_t stride = conv->count * channels;
  float *to = conv->transformed + index * channels;
  for (size_t c = 0; c < channels; c += 4) {
    ew_f32x4 rows[4][4], line[4], points[4];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) line[j] = ew_v4_load(pixels[i][j] + c);
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

static void transform_output(void *context, size_t index) {
  const ew_fast_conv *conv = context;
  const ew_params *p = conv->params;
  const size_t channels = conv->out_channels;
  const tile_place at = place_of(conv, conv->first + index);
  const bool second_row = at.y + p->dilation_h < conv->out_height;
  const bool second_column = at.x + p->dilation_w < conv->out_width;
  const size_t step_y = p->dilation_h * conv->out_width * channels,
               step_x = p->dilation_w * channels;
  float *to =
      conv->out + ((at.image * conv->out_height + at.y) * conv->out_width + at.x) * channels;
  const ew_f32x4 low = ew_v4_splat(p->output_min), high = ew_v4_splat(p->output_max);
  const size_t stride = conv->count * channels;
  const float *from = conv->result + index * channels;
  for (size_t c = 0; c < channels; c += 4) {
    ew_f32x4 columns[2][4], line[4], pair[2], out[2][2];
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) line[i] = ew_v4_load(from + (size_t)(i * 4 + j) * stride + c);
      output_1d(line, pair);
      columns[0][j] = pair[0];
      columns[1][j] = pair[1];
    }
    const ew_f32x4 bias = ew_v4_load(conv->bias + c);
    for (int i = 0; i < 2; i++) {
      output_1d(columns[i], pair);
      for (int j = 0; j < 2; j++) {
        ew_f32x4 value = pair[j] + bias;
        value = ew_v4_select(value < low, low, value);
        value = ew_v4_select(value > high, high, value);
        out[i][j] = conv->silu ? ew_v4_silu(value) : value;
      }
    }
    ew_v4_store(to + c, out[0][0]);
    if (second_column) ew_v4_store(to + step_x + c, out[0][1]);
    if (!second_row) continue;
    ew_v4_store(to + step_y + c, out[1][0]);
    if (second_column) ew_v4_store(to + step_y + step_x + c, out[1][1]);
  }
}

static enum xnn_status multiply_row(ew_fast_conv *conv, int row, pthreadpool_t threads) {
  const size_t batch[1] = {ROW_POINTS};
  xnn_operator_t product = conv->products[row];
  enum xnn_status status = xnn_status_success;
  if (conv->shaped_for != conv->count) {
    size_t workspace = 0, alignment = 0;
    status = xnn_reshape_batch_matrix_multiply_nc_f32(product, 1, batch, batch, conv->count,
                                                      conv->in_channels, conv->out_channels,
                                                      &workspace, &alignment, threads);
  }
  const size_t points = (size_t)row * ROW_POINTS * conv->count;
  if (status == xnn_status_success) {
    status = xnn_setup_batch_matrix_multiply_nc_f32(
        product, NULL, conv->transformed + points * conv->in_channels, NULL,
        conv->result + points * conv->out_channels);
  }
  return status == xnn_status_success ? xnn_run_operator(product, threads) : status;
}

static ew_status multiply(ew_fast_conv *conv, pthreadpool_t threads, ew_error *err) {
  for (int row = 0; row < ROWS; row++) {
    const enum xnn_status status = multiply_row(conv, row, threads);
    if (status == xnn_status_success) continue;
    conv->shaped_for = 0;
    return ew_xnn_fail(err, status, "running a 3x3 convolution");
  }
  conv->shaped_for = conv->count;
  return EW_OK;
}

ew_status ew_fast_conv_run(ew_fast_conv *conv, float *scratch, pthreadpool_t threads,
                           ew_error *err) {
  memset(scratch, 0, conv->in_channels * sizeof(float));
  conv->zeros = scratch;
  conv->transformed = scratch + conv->in_channels;
  conv->result = conv->transformed + POINTS * conv->chunk * conv->in_channels;
  for (conv->first = 0; conv->first < conv->tiles; conv->first += conv->count) {
    const size_t left = conv->tiles - conv->first;
    conv->count = left < conv->chunk ? left : conv->chunk;
    pthreadpool_parallelize_1d(threads, transform_input, conv, conv->count, 0);
    EW_TRY(multiply(conv, threads, err));
    pthreadpool_parallelize_1d(threads, transform_output, conv, conv->count, 0);
  }
  return EW_OK;
}
