/* Convolutions by Winograd's method, whatever their elements: fast_conv.h. */
#include "exec/xnn/fast_conv.h"

#include <string.h>

#include "base/bytes.h"

enum { CHUNK_BYTES = 1 << 20 };

ew_fast_conv *ew_fast_conv_new(size_t bytes, const ew_fast_type *type, const ew_node *node,
                               size_t size) {
  ew_fast_conv *conv = ew_alloc(bytes);
  if (conv == NULL) return NULL;
  memset(conv, 0, bytes);
  conv->type = type;
  conv->size = size;
  conv->points = (size + 2) * (size + 2);
  conv->params = node->params;
  conv->in_channels = node->params->group_input_channels;
  conv->out_channels = node->params->group_output_channels;
  return conv;
}

void *ew_fast_bias(const ew_graph *graph, const ew_node *node) {
  const size_t size = node->params->group_output_channels * sizeof(float);
  void *bias = ew_alloc(size);
  if (bias == NULL) return NULL;
  memset(bias, 0, size);
  if (node->inputs[2] != EW_NONE) {
    memcpy(bias, graph->constants[graph->values[node->inputs[2]].constant].data, size);
  }
  return bias;
}

void ew_fast_conv_destroy(ew_fast_conv *conv) {
  if (conv != NULL) conv->type->destroy(conv);
}

size_t ew_fast_conv_packed_bytes(const ew_fast_conv *conv) { return conv->packed_bytes; }

/* --- shapes --------------------------------------------------------------------------------------- */

/* A tile holds the outputs p, p + dilation, ... Along one axis, tiles come in blocks of `dilation` tiles that cover
 * size * dilation outputs; those at the end may lack some. */
static size_t tiles_along(size_t outputs, size_t size, size_t dilation) {
  const size_t rest = outputs % (size * dilation);
  return outputs / (size * dilation) * dilation + (rest < dilation ? rest : dilation);
}

static inline size_t tile_start(size_t tile, size_t size, size_t dilation) {
  return tile / dilation * size * dilation + tile % dilation;
}

size_t ew_fast_tiles(const ew_params *p, size_t size, size_t height, size_t width) {
  return tiles_along(height, size, p->dilation_h) * tiles_along(width, size, p->dilation_w);
}

void ew_fast_set_chunk(ew_fast_conv *conv, size_t tile_bytes, size_t least) {
  const size_t fits = CHUNK_BYTES / tile_bytes;
  if (least < fits) least = fits;
  const size_t chunks = conv->tiles < 2 * least ? 1 : conv->tiles / least;
  conv->chunk = ((conv->tiles + chunks - 1) / chunks + 3) / 4 * 4;
}

ew_status ew_fast_conv_reshape(ew_fast_conv *conv, const size_t in_dims[4], size_t threads,
                               size_t out_dims[4], size_t *out_scratch, ew_error *err) {
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
  conv->rows = tiles_along(conv->out_height, conv->size, p->dilation_h);
  conv->columns = tiles_along(conv->out_width, conv->size, p->dilation_w);
  conv->tiles = in_dims[0] * conv->rows * conv->columns;
  conv->type->plan(conv, threads);
  out_dims[0] = in_dims[0];
  out_dims[1] = conv->out_height;
  out_dims[2] = conv->out_width;
  out_dims[3] = conv->out_channels;
  const size_t channels = conv->in_channels * conv->type->transformed_size;
  EW_CHECK(ew_mul_size(conv->points * conv->stride, conv->type->transformed_size, out_scratch) &&
               *out_scratch <= EW_MAX_PLANNED_BYTES && conv->scratch_bytes <= EW_MAX_PLANNED_BYTES,
           err, EW_OUT_OF_RESOURCES, "a 3x3 convolution needs too much working memory");
  *out_scratch += channels + conv->scratch_bytes;
  return EW_OK;
}

void ew_fast_conv_setup(ew_fast_conv *conv, const void *in, void *out) {
  conv->in = in;
  conv->out = out;
}

/* --- run ------------------------------------------------------------------------------------------ */

typedef struct tile_place {
  size_t image, y, x; /* the first output */
} tile_place;

static tile_place place_of(const ew_fast_conv *conv, size_t tile) {
  tile += conv->first;
  const size_t column = tile % conv->columns, row = tile / conv->columns;
  return (tile_place){.image = row / conv->rows,
                      .y = tile_start(row % conv->rows, conv->size, conv->params->dilation_h),
                      .x = tile_start(column, conv->size, conv->params->dilation_w)};
}

void ew_fast_inputs(const ew_fast_conv *conv, size_t tile,
                    const void *pixels[EW_FAST_MOST_POINTS]) {
  const ew_params *p = conv->params;
  const tile_place at = place_of(conv, tile);
  const size_t pixel_bytes = conv->in_channels * conv->type->input_size, side = conv->size + 2;
  for (size_t i = 0; i < conv->points; i++) {
    /* Rows above the map wrap to huge numbers, beyond the height. */
    const size_t y = at.y + i / side * p->dilation_h - p->pad_top;
    const size_t x = at.x + i % side * p->dilation_w - p->pad_left;
    const size_t place = (at.image * conv->in_height + y) * conv->in_width + x;
    const bool is_inside = y < conv->in_height && x < conv->in_width;
    pixels[i] = is_inside ? (const char *)conv->in + place * pixel_bytes : conv->outside;
  }
}

void ew_fast_outputs(const ew_fast_conv *conv, size_t tile,
                     void *pixels[EW_FAST_MOST_SIZE * EW_FAST_MOST_SIZE]) {
  const ew_params *p = conv->params;
  const tile_place at = place_of(conv, tile);
  const size_t pixel_bytes = conv->out_channels * conv->type->input_size, side = conv->size;
  for (size_t i = 0; i < side * side; i++) {
    const size_t y = at.y + i / side * p->dilation_h, x = at.x + i % side * p->dilation_w;
    const size_t place = (at.image * conv->out_height + y) * conv->out_width + x;
    const bool is_inside = y < conv->out_height && x < conv->out_width;
    pixels[i] = is_inside ? (char *)conv->out + place * pixel_bytes : NULL;
  }
}

void ew_fast_conv_run(ew_fast_conv *conv, void *scratch, pthreadpool_t threads) {
  const size_t channels = conv->in_channels * conv->type->transformed_size;
  char *at = scratch;
  memset(at, conv->padding, channels);
  conv->outside = at;
  conv->transformed = at + channels;
  conv->result = at + channels + conv->points * conv->stride * conv->type->transformed_size;
  for (conv->first = 0; conv->first < conv->tiles; conv->first += conv->count) {
    const size_t left = conv->tiles - conv->first;
    conv->count = left < conv->chunk ? left : conv->chunk;
    pthreadpool_parallelize_1d(threads, conv->type->transform_input, conv, conv->count, 0);
    conv->type->finish(conv, threads);
  }
}
