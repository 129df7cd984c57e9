/* Private to convolutions by Winograd's method F(size x size, 3x3): what those of floats (fast_float.c) and of bytes
 * (fast_int8.c) share.
 *
 * The output is cut into tiles of size x size, 2 or 4. A tile needs (size + 2)^2 inputs, its points; both sides are
 * transformed so that one product per point and pair of channels replaces nine per output, and those are matrix
 * products over many tiles. A dilation only spreads the rows and columns of a tile. Tiles are worked off in chunks, which
 * bound the scratch. */
#ifndef EW_EXEC_XNN_FAST_CONV_H
#define EW_EXEC_XNN_FAST_CONV_H

#include "exec/xnn/internal.h"

enum { EW_FAST_MOST_SIZE = 4, EW_FAST_MOST_POINTS = 36 };

/* Before loops over what must stay in registers, and before those that would need too many when unrolled. */
#if defined(__clang__)
#define EW_UNROLLED _Pragma("clang loop unroll(full)")
#define EW_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define EW_UNROLLED
#define EW_ROLLED
#endif

/* What depends on the type of the elements. */
typedef struct ew_fast_type {
  size_t input_size, transformed_size; /* bytes of an element */
  /* Transforms the inputs of a tile, by its index in the chunk at work. */
  void (*transform_input)(void *conv, size_t tile);
  /* Tiles of a chunk, of all there are, and the bytes of scratch for one beside the transformed inputs. */
  void (*plan)(ew_fast_conv *conv, size_t threads);
  /* From transformed inputs to outputs, for the chunk at work. */
  void (*finish)(ew_fast_conv *conv, pthreadpool_t threads);
  void (*destroy)(ew_fast_conv *conv);
} ew_fast_type;

struct ew_fast_conv {
  const ew_fast_type *type;
  const ew_params *params;
  size_t in_channels, out_channels;
  size_t size, points; /* of a tile: outputs along an axis, and elements when transformed */
  size_t packed_bytes;
  int padding; /* byte that fills what lies around the map */
  size_t in_height, in_width, out_height, out_width;
  size_t rows, columns; /* tiles of one picture */
  size_t tiles;         /* of all pictures */
  size_t chunk;         /* tiles per chunk, a multiple of 4 */
  size_t stride;        /* elements from one point of the transformed inputs to the next */
  size_t scratch_bytes; /* for `result` */
  const void *in;       /* [N, H, W, C] */
  void *out;
  void *transformed;   /* scratch: [points][chunk][in], points `stride` apart */
  void *result;        /* scratch: the type's own */
  const void *outside; /* scratch: a pixel beside the map */
  size_t first, count; /* the chunk at work */
};

/* A zeroed object of `bytes` that begins with an ew_fast_conv, for the convolution of a segment; NULL: no memory. */
ew_fast_conv *ew_fast_conv_new(size_t bytes, const ew_fast_type *type, const ew_node *node,
                               size_t size);
/* A copy of the bias or as many zeros, four bytes each; NULL: no memory. */
void *ew_fast_bias(const ew_graph *graph, const ew_node *node);
/* Tiles of one picture with outputs of these sizes. */
size_t ew_fast_tiles(const ew_params *params, size_t size, size_t height, size_t width);
/* Sets conv->chunk, for tiles that take so many bytes of scratch each: chunks of equal size that stay in the cache but have
 * `least` tiles or more, unless there are fewer. */
void ew_fast_set_chunk(ew_fast_conv *conv, size_t tile_bytes, size_t least);

/* The size of the tiles with which a convolution of floats is the fastest at its declared shapes (fast_choice.c). */
size_t ew_fast_float_size(const ew_graph *graph, const ew_node *node);

/* The segment's first node is the convolution; the others, if any, are a SiLU. Copy filter and bias, which
 * must have arrived, in the form that the runs need. Destroy *out also after a failure. */
ew_status ew_fast_float_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                               ew_error *err);
ew_status ew_fast_int8_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                              ew_error *err);

/* Channels whose sums of 8-bit products fit the method, whatever the weights: 4 * 9 * 128 * 255 of each, in 32 bits. */
enum { EW_FAST_MOST_INT8_CHANNELS = 1824 };

/* Addresses of the pixels of a tile, row by row, and of its outputs; NULL: beside the map. */
void ew_fast_inputs(const ew_fast_conv *conv, size_t tile, const void *pixels[EW_FAST_MOST_POINTS]);
void ew_fast_outputs(const ew_fast_conv *conv, size_t tile,
                     void *pixels[EW_FAST_MOST_SIZE * EW_FAST_MOST_SIZE]);

#endif
