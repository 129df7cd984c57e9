/* Private to the depthwise kernels for WebAssembly: depthwise.c and depthwise_int8.c for up to nine taps, depthwise_wide.c
 * for up to 25, whose inputs are named by addresses.
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

/* Of an f32 kernel: channels, pixels of the row, addresses, packed weights, output, bytes between the addresses of one pixel and the next, bytes
 * between the end of a pixel and the next one, what addresses are short of, padding's address, least and largest value. */
#define EW_DEPTHWISE                                                                          \
  size_t channels, size_t width, const float **input, const float *weights, float *output,    \
      intptr_t input_stride, size_t output_increment, size_t input_offset, const float *zero, \
      const float *range
typedef void ew_depthwise_fn(EW_DEPTHWISE);

/* Puts run(..., tile), of the same file, in the place of one of XNNPACK's kernels (--wrap, src/CMakeLists.txt). tile: channels
 * per block of packed weights: their biases, then their weights tap by tap. */
#define EW_DEPTHWISE_KERNEL(name, tile)                                                        \
  ew_depthwise_fn __wrap_xnn_f32_dwconv_minmax_ukernel_##name;                                 \
  void __wrap_xnn_f32_dwconv_minmax_ukernel_##name(EW_DEPTHWISE) {                             \
    run(channels, width, input, weights, output, input_stride, output_increment, input_offset, \
        zero, range, tile);                                                                    \
  }

#endif
