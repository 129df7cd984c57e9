/* Loops over tensors of any strides and data types. Internal to kernels/.
 *
 * Two engines carry most kernels: ew_copy moves elements between two strided tensors, and ew_map
 * applies a flat loop to blocks of broadcast operands. Both convert data types on the way, so that a
 * kernel is written once for the few types it computes in. */
#ifndef EW_KERNELS_STRIDED_H
#define EW_KERNELS_STRIDED_H

#include <stddef.h>
#include <stdint.h>

#include "base/tensor.h"

/* A tensor with signed strides in elements: flips and broadcasts are strides. */
typedef struct ew_strided {
  uint8_t *data;
  ew_dtype dtype;
  uint32_t rank;
  size_t dims[EW_MAX_RANK];
  ptrdiff_t strides[EW_MAX_RANK];
} ew_strided;

ew_strided ew_strided_of(const ew_tensor *tensor);
/* The tensor broadcast to a shape that ew_broadcast_dims found. */
ew_strided ew_strided_broadcast(const ew_tensor *tensor, const ew_tensor *to);
/* Moves the start by index elements along dim. */
void ew_strided_advance(ew_strided *view, uint32_t dim, size_t index);
/* Removes a dimension: what is left is its element 0. */
void ew_strided_drop(ew_strided *view, uint32_t dim);

/* dst[i * dst_stride] = (dst type) src[i * src_stride]. Floats become integers by truncation (NaN 0,
 * out of range saturated to 64 bit, then wrapped); anything but zero becomes true. */
void ew_convert(void *dst, ew_dtype dst_dtype, ptrdiff_t dst_stride, const void *src,
                ew_dtype src_dtype, ptrdiff_t src_stride, size_t n);

/* Copies elements of equal shapes; dst supplies the shape. */
void ew_copy(const ew_strided *dst, const ew_strided *src);
/* Whole tensors of equal shape. */
void ew_copy_tensor(const ew_tensor *dst, const ew_tensor *src);
/* All of dst := the value at scalar (of type dtype). */
void ew_fill(const ew_strided *dst, const void *scalar, ew_dtype dtype);

/* dst += src, in dst's type; equal shapes. Truth values: either. */
void ew_add_to(const ew_strided *dst, const ew_strided *src);

/* --- map ------------------------------------------------------------------------------------------ */

enum { EW_MAP_BLOCK = 256, EW_MAP_INPUTS = 3 };

/* Constants of a map, and what went wrong inside it. */
typedef struct ew_map_params {
  double a, b, c;
  int64_t i, j;
  double (*fn)(double); /* for loops over a scalar function */
  bool failed;          /* an integer division by zero */
} ew_map_params;

/* Computes n elements; in[] and out have the types that the map states, densely packed. out may be
 * in[0]. */
typedef void (*ew_map_fn)(const void *const *in, void *out, size_t n, ew_map_params *params);

typedef struct ew_map {
  uint32_t num_inputs;
  ew_strided inputs[EW_MAP_INPUTS]; /* of the output's shape */
  ew_dtype compute[EW_MAP_INPUTS];  /* types that fn reads */
  ew_strided output;
  ew_dtype result; /* type that fn writes */
  ew_map_fn fn;
  ew_map_params params;
} ew_map;

void ew_map_run(ew_map *map);

#endif
