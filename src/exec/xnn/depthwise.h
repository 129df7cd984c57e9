/* Private to the depthwise kernels for WebAssembly (depthwise.c, depthwise_int8.c): up to nine taps, whose inputs are named by
 * addresses.
 *
 * The addresses of a 3x3 window are stored column by column, and those of the next pixel begin one column (stride 1) or
 * two (stride 2) further on in the same list: inputs that neighbours share need to be loaded once only. */
#ifndef EW_EXEC_XNN_DEPTHWISE_H
#define EW_EXEC_XNN_DEPTHWISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EW_TAPS = 9, EW_TAP_ROWS = 3 /* taps of a column */, EW_TAP_PIXELS = 32 };

/* Pixels of a row whose addresses are known. */
typedef struct ew_tap_block {
  const char *columns[EW_TAP_PIXELS * EW_TAPS]; /* EW_TAP_ROWS addresses each */
  size_t step; /* columns from one pixel to the next; EW_TAP_ROWS: they share none */
  size_t pixels;
} ew_tap_block;

/* stride: addresses from one pixel to the next. What is not padding (`zero`) is moved by offset bytes. */
static inline void ew_find_taps(ew_tap_block *b, const void **input, size_t stride, size_t offset,
                                const void *zero) {
  const bool shares = stride == EW_TAP_ROWS || stride == 2 * EW_TAP_ROWS;
  const size_t step = shares ? stride : EW_TAPS;
  const size_t each = shares ? (b->pixels - 1) * stride + EW_TAPS : EW_TAPS;
  b->step = step / EW_TAP_ROWS;
  for (size_t pixel = 0; pixel < (shares ? 1 : b->pixels); pixel++) {
    for (size_t i = 0; i < each; i++) {
      const char *address = input[pixel * stride + i];
      b->columns[pixel * EW_TAPS + i] = address == zero ? address : address + offset;
    }
  }
}

#endif
