/* Convolutions of floats by Winograd's method (fast_conv.h).
 *
 * Filters are kept as they are, only sorted, and transformed on the fly: a row of points of a block of output channels
 * at a time, into a scratch that stays in the cache. Over a chunk of tiles that costs a few percent, and saves the three
 * times larger copy. */
#include <string.h>

#include "exec/xnn/fast_conv.h"
#include "exec/xnn/fast_transforms.h"

enum {
  LANES = 8,        /* output channels of a panel */
  ROWS = 4,         /* tiles of a product */
  BLOCK = 2,        /* panels of a block */
  LEAST_TILES = 48, /* fewer would not repay the transforms of the filter */
  SKEW = 16         /* floats between points, so that they do not share the lines of a cache */
};

typedef struct fast_float {
  ew_fast_conv base;
  float *filter; /* [panels][in][9][LANES] */
  float *bias;   /* [out] */
  bool silu;     /* x * sigmoid(x) of every output */
  size_t panels, blocks;
  size_t parts, part; /* each block is worked off in this many runs of tiles, for more threads */
  size_t thread_floats;
} fast_float;

#define ALWAYS_INLINE static inline __attribute__((always_inline))

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* --- filters -------------------------------------------------------------------------------------- */

/* One tap of the channels [first, end) of a panel, of `lanes` output channels. A few input channels at a time, since both
 * sides are read or written in strides. */
static void sort_taps(const float *from, size_t lane_stride, size_t lanes, size_t first, size_t end,
                      float *to) {
  for (size_t lane = 0; lane < lanes; lane++) {
    const float *tap = from + lane * lane_stride;
    for (size_t c = first; c < end; c++) to[c * 9 * LANES + lane] = tap[c];
  }
}

static void sort_filter(fast_float *conv, const float *filter) {
  const size_t in = conv->base.in_channels, out = conv->base.out_channels, line = 16;
  for (size_t panel = 0; panel < conv->panels; panel++) {
    const size_t lanes = smaller(out - panel * LANES, LANES);
    float *to = conv->filter + panel * LANES * 9 * in;
    if (lanes < LANES) memset(to, 0, LANES * 9 * in * sizeof(float));
    for (size_t k = 0; k < 9; k++) {
      const float *from = filter + (panel * LANES * 9 + k) * in;
      for (size_t c = 0; c < in; c += line) {
        sort_taps(from, 9 * in, lanes, c, smaller(c + line, in), to + k * LANES);
      }
    }
  }
}

/* Four lanes of a row of points: G[row] g G^T, to `to`, `stride` floats apart. */
ALWAYS_INLINE void transform_taps(const float *taps, int size, size_t row, float *to,
                                  size_t stride) {
  ew_f32x4 column[3], all[6], line[3], points[6];
  EW_UNROLLED for (int x = 0; x < 3; x++) {
    EW_UNROLLED for (int y = 0; y < 3; y++) column[y] = ew_v4_load(taps + (y * 3 + x) * LANES);
    ew_filter_1d(size, column, all);
    line[x] = all[row];
  }
  ew_filter_1d(size, line, points);
  EW_UNROLLED for (int x = 0; x < size + 2; x++) ew_v4_store(to + (size_t)x * stride, points[x]);
}

ALWAYS_INLINE void transform_row(const float *filter, size_t in, int size, size_t row, float *to) {
  EW_ROLLED for (size_t c = 0; c < in; c++) {
    transform_taps(filter, size, row, to, in * LANES);
    transform_taps(filter + 4, size, row, to + 4, in * LANES);
    filter += 9 * LANES;
    to += LANES;
  }
}

/* One row of points of a panel: [size + 2][in][LANES]. A loop for each row, so that what it does not need is not computed. */
static void transform_panel(const fast_float *conv, size_t panel, size_t row, float *to) {
  const size_t in = conv->base.in_channels;
  const float *filter = conv->filter + panel * LANES * 9 * in;
  if (conv->base.size == 2) {
    if (row == 0) transform_row(filter, in, 2, 0, to);
    if (row == 1) transform_row(filter, in, 2, 1, to);
    if (row == 2) transform_row(filter, in, 2, 2, to);
    if (row == 3) transform_row(filter, in, 2, 3, to);
    return;
  }
  if (row == 0) transform_row(filter, in, 4, 0, to);
  if (row == 1) transform_row(filter, in, 4, 1, to);
  if (row == 2) transform_row(filter, in, 4, 2, to);
  if (row == 3) transform_row(filter, in, 4, 3, to);
  if (row == 4) transform_row(filter, in, 4, 4, to);
  if (row == 5) transform_row(filter, in, 4, 5, to);
}

/* --- inputs --------------------------------------------------------------------------------------- */

ALWAYS_INLINE void transform_tile(const ew_fast_conv *conv, size_t tile, int size) {
  const size_t channels = conv->in_channels, stride = conv->stride;
  const int side = size + 2;
  const void *pixels[EW_FAST_MOST_POINTS];
  ew_fast_inputs(conv, tile, pixels);
  float *to = (float *)conv->transformed + tile * channels;
  for (size_t c = 0; c < channels; c += 4) {
    ew_f32x4 rows[6][6], line[6], points[6];
    EW_ROLLED for (int i = 0; i < side; i++) {
      EW_UNROLLED for (int j = 0; j < side; j++) {
        line[j] = ew_v4_load((const float *)pixels[i * side + j] + c);
      }
      ew_input_1d(size, line, rows[i]);
    }
    EW_ROLLED for (int j = 0; j < side; j++) {
      EW_UNROLLED for (int i = 0; i < side; i++) line[i] = rows[i][j];
      ew_input_1d(size, line, points);
      EW_UNROLLED for (int i = 0; i < side; i++) {
        ew_v4_store(to + (size_t)(i * side + j) * stride + c, points[i]);
      }
    }
  }
}

static void transform_input(void *context, size_t tile) {
  const ew_fast_conv *conv = context;
  if (conv->size == 2) {
    transform_tile(conv, tile, 2);
  } else {
    transform_tile(conv, tile, 4);
  }
}

/* --- products ------------------------------------------------------------------------------------- */

/* ROWS tiles times one panel; a step of depth at a time, since the sums and what one step reads fill the registers. */
static void multiply(const float *tiles, size_t in, const float *w, float *sums, size_t stride) {
  const float *a[ROWS], *const end = tiles + in;
  ew_f32x4 low[ROWS], high[ROWS];
  EW_UNROLLED for (int r = 0; r < ROWS; r++) {
    a[r] = tiles + (size_t)r * in;
    low[r] = high[r] = ew_v4_splat(0);
  }
  EW_ROLLED while (a[0] != end) {
    const ew_f32x4 first = ew_v4_load(w), second = ew_v4_load(w + 4);
    w += LANES;
    EW_UNROLLED for (int r = 0; r < ROWS; r++) {
      const ew_f32x4 value = ew_v4_splat(*a[r]);
      low[r] = ew_v4_madd(value, first, low[r]);
      high[r] = ew_v4_madd(value, second, high[r]);
      a[r]++;
    }
  }
  EW_UNROLLED for (int r = 0; r < ROWS; r++) {
    ew_v4_store(sums + (size_t)r * stride, low[r]);
    ew_v4_store(sums + (size_t)r * stride + 4, high[r]);
  }
}

/* --- outputs -------------------------------------------------------------------------------------- */

/* Four channels of a tile. */
ALWAYS_INLINE void store_tile(const fast_float *own, const float *sums, size_t stride,
                              void *const *pixels, size_t channel, int size) {
  const ew_params *p = own->base.params;
  const ew_f32x4 low = ew_v4_splat(p->output_min), high = ew_v4_splat(p->output_max);
  const ew_f32x4 bias = ew_v4_load(own->bias + channel);
  const int side = size + 2;
  ew_f32x4 columns[4][6], line[6], out[4];
  EW_ROLLED for (int j = 0; j < side; j++) {
    EW_UNROLLED for (int i = 0; i < side; i++) {
      line[i] = ew_v4_load(sums + (size_t)(i * side + j) * stride);
    }
    ew_output_1d(size, line, out);
    EW_UNROLLED for (int i = 0; i < size; i++) columns[i][j] = out[i];
  }
  EW_ROLLED for (int i = 0; i < size; i++) {
    ew_output_1d(size, columns[i], out);
    EW_UNROLLED for (int j = 0; j < size; j++) {
      float *to = pixels[i * size + j];
      if (to == NULL) continue;
      ew_f32x4 value = out[j] + bias;
      value = ew_v4_min(ew_v4_max(value, low), high);
      ew_v4_store(to + channel, value);
    }
  }
}

/* Channels [first, end) of the tiles [start, start + count) of the chunk; sums: [points][part][BLOCK * LANES]. */
static void store_block(const fast_float *own, const float *sums, size_t stride, size_t first,
                        size_t end, size_t start, size_t count) {
  void *pixels[EW_FAST_MOST_SIZE * EW_FAST_MOST_SIZE];
  for (size_t tile = 0; tile < count; tile++, sums += BLOCK * LANES) {
    ew_fast_outputs(&own->base, start + tile, pixels);
    for (size_t channel = first; channel < end; channel += 4) {
      if (own->base.size == 2) {
        store_tile(own, sums + (channel - first), stride, pixels, channel, 2);
      } else {
        store_tile(own, sums + (channel - first), stride, pixels, channel, 4);
      }
    }
    for (size_t i = 0; own->silu && i < own->base.size * own->base.size; i++) {
      float *pixel = pixels[i];
      if (pixel != NULL) ew_silu(pixel + first, 1, pixel + first, end - first);
    }
  }
}

/* --- run ------------------------------------------------------------------------------------------ */

/* One block of output channels for one part of the chunk. */
static void run_part(void *context, size_t thread, size_t index) {
  const fast_float *own = context;
  const ew_fast_conv *conv = &own->base;
  const size_t in = conv->in_channels, side = conv->size + 2;
  const size_t panel = index / own->parts * BLOCK;
  const size_t panels = smaller(own->panels - panel, BLOCK);
  const size_t start = index % own->parts * own->part;
  if (start >= conv->count) return;
  const size_t count = smaller(conv->count - start, own->part);
  float *filter = (float *)conv->result + thread * own->thread_floats;
  float *sums = filter + BLOCK * side * in * LANES;
  const size_t stride = own->part * BLOCK * LANES + SKEW;
  for (size_t point = 0; point < conv->points; point++) {
    const size_t column = point % side;
    for (size_t i = 0; column == 0 && i < panels; i++) {
      transform_panel(own, panel + i, point / side, filter + i * side * in * LANES);
    }
    const float *tiles = (const float *)conv->transformed + point * conv->stride + start * in;
    /* Rows beyond the chunk's end compute with what lies there, for nobody. */
    for (size_t t = 0; t < count; t += ROWS) {
      for (size_t i = 0; i < panels; i++) {
        multiply(tiles + t * in, in, filter + (i * side + column) * in * LANES,
                 sums + point * stride + (t * BLOCK + i) * LANES, BLOCK * LANES);
      }
    }
  }
  store_block(own, sums, stride, panel * LANES,
              smaller((panel + panels) * LANES, conv->out_channels), start, count);
}

static void finish(ew_fast_conv *conv, pthreadpool_t threads) {
  fast_float *own = (fast_float *)conv;
  pthreadpool_parallelize_1d_with_thread(threads, run_part, own, own->blocks * own->parts, 0);
}

static void plan(ew_fast_conv *conv, size_t threads) {
  fast_float *own = (fast_float *)conv;
  ew_fast_set_chunk(conv, conv->points * conv->in_channels * sizeof(float), LEAST_TILES);
  conv->stride = conv->chunk * conv->in_channels + SKEW;
  /* Four pieces of work for each thread, of tiles enough. */
  const size_t most = conv->chunk / LEAST_TILES > 0 ? conv->chunk / LEAST_TILES : 1;
  const size_t wanted = threads < 2 ? 1 : (4 * threads + own->blocks - 1) / own->blocks;
  own->parts = smaller(wanted, most);
  own->part = ((conv->chunk + own->parts - 1) / own->parts + ROWS - 1) / ROWS * ROWS;
  own->thread_floats =
      BLOCK * LANES * ((conv->size + 2) * conv->in_channels + conv->points * own->part) +
      conv->points * SKEW;
  conv->scratch_bytes = threads * own->thread_floats * sizeof(float);
}

/* --- create --------------------------------------------------------------------------------------- */

static void destroy(ew_fast_conv *base) {
  fast_float *conv = (fast_float *)base;
  ew_free(conv->filter);
  ew_free(conv->bias);
  ew_free(conv);
}

static const ew_fast_type float_type = {.input_size = sizeof(float),
                                        .transformed_size = sizeof(float),
                                        .transform_input = transform_input,
                                        .plan = plan,
                                        .finish = finish,
                                        .destroy = destroy};

ew_status ew_fast_float_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                               ew_error *err) {
  const ew_node *node = ew_segment_node(graph, segment, 0);
  *out = ew_fast_conv_new(sizeof(fast_float), &float_type, node, ew_fast_float_size(graph, node));
  EW_CHECK(*out != NULL, err, EW_OUT_OF_MEMORY, "out of memory: a convolution");
  fast_float *conv = (fast_float *)*out;
  conv->silu = graph->segments[segment].num_nodes > 1;
  conv->panels = (conv->base.out_channels + LANES - 1) / LANES;
  conv->blocks = (conv->panels + BLOCK - 1) / BLOCK;
  conv->base.packed_bytes = conv->panels * LANES * 9 * conv->base.in_channels * sizeof(float);
  conv->filter = ew_alloc(conv->base.packed_bytes);
  conv->bias = ew_fast_bias(graph, node);
  EW_CHECK(conv->filter != NULL && conv->bias != NULL, err, EW_OUT_OF_MEMORY,
           "out of memory: a convolution");
  const uint32_t filter = graph->values[node->inputs[1]].constant;
  sort_filter(conv, (const float *)(const void *)graph->constants[filter].data);
  return EW_OK;
}
