/* How filters of whole steps of depth lie in a block of packed weights for int8_gemm.c: for pack.c and the kernels.
 *
 * XNNPACK rounds the depth of each tap up to whole steps. Where that is more than to do so for all taps together (three
 * channels in steps of four), pack.c packs them without a gap ("dense"), at the front of the same room, and marks
 * the block in its last byte, which belongs to the filling of the last tap otherwise, and is zero. */
#ifndef EW_EXEC_XNN_INT8_LAYOUT_H
#define EW_EXEC_XNN_INT8_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum { EW_INT8_COLUMNS = 8, EW_INT8_MARK = 1 };

static inline size_t ew_int8_round_up(size_t depth, size_t step) {
  return (depth + step - 1) / step * step;
}

/* Where a block has the mark. */
static inline size_t ew_int8_mark(size_t taps, size_t depth, size_t step) {
  return EW_INT8_COLUMNS * (sizeof(int32_t) + taps * ew_int8_round_up(depth, step)) - 1;
}

#endif
