/* Private to convolutions by Winograd's method F(2x2, 3x3): what those of floats (fast_float.c) and of bytes (fast_int8.c)
 * share.
 *
 * The output is cut into tiles of 2x2. A tile needs 4x4 inputs; both sides are transformed so that 16
 * products per pair of channels replace 36, and those are 16 matrix products over many tiles. Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks" (2015), have the transforms. A dilation only spreads the rows and columns
 * of a tile. Tiles are worked off in chunks whose transformed inputs and products stay in the cache and bound the
 * scratch. */
#ifndef EW_EXEC_XNN_FAST_CONV_H
#define EW_EXEC_XNN_FAST_CONV_H

#include "exec/xnn/internal.h"

enum { EW_FAST_POINTS = 16 /* elements of a transformed tile */ };

/* What depends on the type of the elements. Functions of a tile take its index in the chunk at work. */
typedef struct ew_fast_type {
  size_t input_size, transformed_size; /* bytes of an element; sums take four */
  void (*transform_input)(void *conv, size_t tile);
  void (*transform_output)(void *conv, size_t tile);
  ew_status (*multiply)(ew_fast_conv *conv, pthreadpool_t threads, ew_error *err);
  void (*destroy)(ew_fast_conv *conv);
} ew_fast_type;

struct ew_fast_conv {
  const ew_fast_type *type;
  const ew_params *params;
  size_t in_channels, out_channels;
  size_t packed_bytes;
  int padding; /* byte that fills what lies around the map */
  size_t in_height, in_width, out_height, out_width;
  size_t rows, columns; /* tiles of one picture */
  size_t tiles;         /* of all pictures */
  size_t chunk;         /* tiles per chunk, a multiple of 4 but for maps of fewer */
  const void *in;       /* [N, H, W, C] */
  void *out;
  void *transformed, *result; /* scratch: [16][chunk][in] and [16][chunk][out] */
  const void *outside;        /* scratch: a pixel beside the map */
  size_t first, count;        /* the chunk at work */
};

/* A zeroed object of `size` bytes that begins with an ew_fast_conv, for the convolution of a segment; NULL: no memory. */
ew_fast_conv *ew_fast_conv_new(size_t size, const ew_fast_type *type, const ew_node *node);
/* A copy of the bias or as many zeros, four bytes each; NULL: no memory. */
void *ew_fast_bias(const ew_graph *graph, const ew_node *node);

/* The segment's first node is the convolution; the others, if any, are a SiLU. Copy filter and bias, which
 * must have arrived, in transformed and packed form. Destroy *out also after a failure. */
ew_status ew_fast_float_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                               ew_error *err);
ew_status ew_fast_int8_create(const ew_graph *graph, uint32_t segment, ew_fast_conv **out,
                              ew_error *err);

/* Channels whose sums of 8-bit products fit the method, whatever the weights: 4 * 9 * 128 * 255 of each, in 32 bits. */
enum { EW_FAST_MOST_INT8_CHANNELS = 1824 };

/* Addresses of the 4x4 pixels of a tile, row by row, and of its 2x2 outputs; NULL: beside the map. */
void ew_fast_inputs(const ew_fast_conv *conv, size_t tile, const void *pixels[EW_FAST_POINTS]);
void ew_fast_outputs(const ew_fast_conv *conv, size_t tile, void *pixels[4]);

#endif
