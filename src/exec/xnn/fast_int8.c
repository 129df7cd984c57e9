/* 8-bit convolutions by Winograd's method (fast_conv.h), to the bit what the plain sum gives.
 *
 * All is computed in integers. Filters are transformed by twice G per axis, so that there are no halves: sums are four
 * times those of the definition. 16 bits hold what is multiplied (filters 9 * 128, inputs 4 * 255), and sums wrap harmlessly
 * until the last step, which must fit 32 bits: four times what EW_FAST_MOST_INT8_CHANNELS can add up to. */
#include <string.h>

#include "exec/xnn/fast_conv.h"
#include "exec/xnn/int8_vectors.h"

enum { SIZE = 2, POINTS = 16, ROWS = 4, COLUMNS = 8, LEAST_TILES = 24 };

typedef struct fast_int8 {
  ew_fast_conv base;
  int16_t *filter; /* [16][out / 8][in / 2][8][2] */
  int32_t *bias;   /* [out] */
  float *scale;    /* [out]: of sums, in steps of the output */
  int16_t input_zero;
  ew_int8_range range;
} fast_int8;

/* --- filters -------------------------------------------------------------------------------------- */

static void filter_1d(const int32_t g[3], int32_t out[4]) {
  out[0] = 2 * g[0];
  out[1] = g[0] + g[1] + g[2];
  out[2] = g[0] - g[1] + g[2];
  out[3] = 2 * g[2];
}

/* The 3x3 weights of one pair of channels, `stride` bytes apart. */
static void transform_filter(const int8_t *filter, size_t stride, int32_t points[4][4]) {
  int32_t rows[3][4], column[3], line[4];
  for (size_t y = 0; y < 3; y++) {
    for (size_t x = 0; x < 3; x++) column[x] = filter[(y * 3 + x) * stride];
    filter_1d(column, rows[y]);
  }
  for (int x = 0; x < 4; x++) {
    for (int y = 0; y < 3; y++) column[y] = rows[y][x];
    filter_1d(column, line);
    for (int y = 0; y < 4; y++) points[y][x] = line[y];
  }
}

static void pack_filter(fast_int8 *conv, const int8_t *filter) {
  const size_t in = conv->base.in_channels, out = conv->base.out_channels;
  for (size_t o = 0; o < out; o++) {
    for (size_t c = 0; c < in; c++) {
      int32_t points[4][4];
      transform_filter(filter + o * 9 * in + c, in, points);
      int16_t *to =
          conv->filter + o / COLUMNS * COLUMNS * in + c / 2 * 2 * COLUMNS + o % COLUMNS * 2 + c % 2;
      for (size_t p = 0; p < POINTS; p++) to[p * in * out] = (int16_t)points[p / 4][p % 4];
    }
  }
}

/* --- inputs --------------------------------------------------------------------------------------- */

static inline void input_1d(const ew_i16x8 d[4], ew_i16x8 out[4]) {
  out[0] = d[0] - d[2];
  out[1] = d[1] + d[2];
  out[2] = d[2] - d[1];
  out[3] = d[1] - d[3];
}

static void transform_input(void *context, size_t tile) {
  const ew_fast_conv *conv = context;
  const size_t channels = conv->in_channels, stride = conv->stride;
  const void *pixels[EW_FAST_MOST_POINTS];
  ew_fast_inputs(conv, tile, pixels);
  /* Whatever is the same everywhere is in one point only, four times: the zero point, for one. */
  const ew_i16x8 zero = ew_i16x8_splat(4 * ((const fast_int8 *)conv)->input_zero);
  int16_t *to = (int16_t *)conv->transformed + tile * channels;
  for (size_t c = 0; c < channels; c += 8) {
    ew_i16x8 rows[4][4], line[4], points[4];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) line[j] = ew_i16x8_widen((const int8_t *)pixels[i * 4 + j] + c);
      input_1d(line, rows[i]);
    }
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) line[i] = rows[i][j];
      input_1d(line, points);
      if (j == 1) points[1] -= zero;
      for (int i = 0; i < 4; i++) ew_i16x8_store(to + (size_t)(i * 4 + j) * stride + c, points[i]);
    }
  }
}

/* --- products ------------------------------------------------------------------------------------- */

#define EACH_ROW(r) EW_UNROLLED for (int r = 0; r < ROWS; r++)

/* ROWS tiles, `in` apart, times COLUMNS channels: see int8_gemm.h for why it takes one step of depth at a time. */
static const int16_t *multiply_block(const int16_t *tiles, size_t in, const int16_t *w,
                                     int32_t *sums, size_t out) {
  const int16_t *a[ROWS], *const end = tiles + in;
  ew_u32x4 low[ROWS], high[ROWS];
  EACH_ROW(r) {
    a[r] = tiles + (size_t)r * in;
    low[r] = high[r] = (ew_u32x4){0};
  }
  EW_ROLLED
  while (a[0] != end) {
    const ew_i16x8 first = ew_i16x8_load(w), second = ew_i16x8_load(w + 8);
    w += 2 * COLUMNS;
    EACH_ROW(r) {
      const ew_i16x8 pair = ew_i16x8_splat_pair(a[r]);
      low[r] += ew_i16x8_dot(pair, first);
      high[r] += ew_i16x8_dot(pair, second);
      a[r] += 2;
    }
  }
  EACH_ROW(r) {
    memcpy(sums + (size_t)r * out, &low[r], sizeof low[r]);
    memcpy(sums + (size_t)r * out + 4, &high[r], sizeof high[r]);
  }
  return w;
}

/* One of the 16 products. Rows beyond the chunk's end compute with what lies there, for nobody. */
static void multiply_point(void *context, size_t point) {
  const fast_int8 *own = context;
  const ew_fast_conv *conv = &own->base;
  const size_t in = conv->in_channels, out = conv->out_channels;
  const int16_t *tiles = (const int16_t *)conv->transformed + point * conv->stride;
  int32_t *sums = (int32_t *)conv->result + point * conv->chunk * out;
  for (size_t t = 0; t < conv->count; t += ROWS) {
    const int16_t *w = own->filter + point * in * out;
    for (size_t o = 0; o < out; o += COLUMNS) {
      w = multiply_block(tiles + t * in, in, w, sums + t * out + o, out);
    }
  }
}

/* --- outputs -------------------------------------------------------------------------------------- */

static inline void output_1d(const ew_u32x4 m[4], ew_u32x4 out[2]) {
  out[0] = m[0] + m[1] + m[2];
  out[1] = m[1] - m[2] - m[3];
}

static void transform_output(void *context, size_t tile) {
  const fast_int8 *own = context;
  const ew_fast_conv *conv = &own->base;
  const size_t channels = conv->out_channels, stride = conv->chunk * channels;
  void *to[EW_FAST_MOST_SIZE * EW_FAST_MOST_SIZE];
  ew_fast_outputs(conv, tile, to);
  const int32_t *from = (const int32_t *)conv->result + tile * channels;
  for (size_t c = 0; c < channels; c += 4) {
    ew_u32x4 columns[2][4], line[4], sums[4];
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) {
        memcpy(&line[i], from + (size_t)(i * 4 + j) * stride + c, sizeof line[i]);
      }
      ew_u32x4 pair[2];
      output_1d(line, pair);
      columns[0][j] = pair[0];
      columns[1][j] = pair[1];
    }
    ew_u32x4 bias;
    memcpy(&bias, own->bias + c, sizeof bias);
    output_1d(columns[0], sums);
    output_1d(columns[1], sums + 2);
    for (int i = 0; i < 4; i++) sums[i] = (ew_u32x4)((ew_i32x4)sums[i] >> 2) + bias;
    ew_int8_store(sums, ew_v4_load(own->scale + c), &own->range, to, c);
  }
}

static void finish(ew_fast_conv *conv, pthreadpool_t threads) {
  pthreadpool_parallelize_1d(threads, multiply_point, conv, POINTS, 0);
  pthreadpool_parallelize_1d(threads, transform_output, conv, conv->count, 0);
}

static void plan(ew_fast_conv *conv, size_t threads) {
  (void)threads;
  const size_t in = conv->in_channels * sizeof(int16_t), out = conv->out_channels * sizeof(int32_t);
  ew_fast_set_chunk(conv, POINTS * (in + out), LEAST_TILES);
  conv->stride = conv->chunk * conv->in_channels;
  conv->scratch_bytes = POINTS * conv->chunk * out;
}

/* --- create --------------------------------------------------------------------------------------- */

static void destroy(ew_fast_conv *base) {
  fast_int8 *conv = (fast_int8 *)base;
  ew_free(conv->filter);
  ew_free(conv->bias);
  ew_free(conv->scale);
  ew_free(conv);
}

static const ew_fast_type int8_type = {.input_size = 1,
                                       .transformed_size = sizeof(int16_t),
                                       .transform_input = transform_input,
                                       .plan = plan,
                                       .finish = finish,
                                       .destroy = destroy};

static void set_ranges(fast_int8 *conv, const ew_graph *graph, const ew_node *node) {
  const ew_quant *y = &graph->values[node->outputs[0]].quant;
  conv->input_zero = (int16_t)graph->values[node->inputs[0]].quant.zero_point;
  conv->base.padding = conv->input_zero;
  conv->range = (ew_int8_range){.zero_point = y->zero_point,
                                .min = ew_quantise_bound(node->params->output_min, y),
                                .max = ew_quantise_bound(node->params->output_max, y)};
}

ew_status ew_fast_int8_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                              ew_error *err) {
  const ew_node *node = ew_segment_node(graph, segment, 0);
  *out = ew_fast_conv_new(sizeof(fast_int8), &int8_type, node, SIZE);
  EW_CHECK(*out != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a convolution");
  fast_int8 *conv = (fast_int8 *)*out;
  const size_t count = conv->base.out_channels;
  conv->base.packed_bytes = POINTS * conv->base.in_channels * count * sizeof(int16_t);
  conv->filter = ew_alloc(conv->base.packed_bytes);
  conv->bias = ew_fast_bias(graph, node);
  conv->scale = ew_alloc(count * sizeof(float));
  EW_CHECK(conv->filter != NULL && conv->bias != NULL && conv->scale != NULL, err, EW_OUT_OF_MEMORY,
           "out of memory: a convolution");
  set_ranges(conv, graph, node);
  ew_lowering low = {.graph = graph, .err = err};
  ew_arena_init(&low.arena);
  const ew_status status = ew_requantisation_scales(&low, node, count, conv->scale);
  ew_arena_free(&low.arena);
  EW_TRY(status);
  const uint32_t filter = graph->values[node->inputs[1]].constant;
  pack_filter(conv, (const int8_t *)graph->constants[filter].data);
  return EW_OK;
}
