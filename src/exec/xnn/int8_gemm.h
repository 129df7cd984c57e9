/* Products of 8-bit matrices for WebAssembly, with the signatures of XNNPACK's microkernels and, to the bit, its
 * results: 4 or 5 rows, blocks of 8 output channels, no shuffling of weights (sr 1).
 *
 * A kernel lays its rows of activations side by side in a panel before it runs over all output channels, so that the
 * loop over the depth has one broadcast load per row and nothing that rearranges. Two steps of depth at once
 * would be slower: engines load first all that a loop's body needs, and there are 16 registers. An 8-bit dot product takes five
 * cycles on x86 and two begin in each, so only ten sums keep the processor busy: 5 rows of them, which
 * is as many as there are registers for. */
#ifndef EW_EXEC_XNN_INT8_GEMM_H
#define EW_EXEC_XNN_INT8_GEMM_H

#include <stddef.h>
#include <stdint.h>

#include "exec/xnn/int8_layout.h"
#include "xnnpack/microparams.h"

enum { EW_INT8_ROWS_C2 = 4, EW_INT8_ROWS_C4 = 5 }; /* of a tile */

/* rows x depth activations, a_stride bytes apart, times packed weights. */
typedef void ew_gemm_fn(size_t rows, size_t columns, size_t depth, const void *a, size_t a_stride,
                        const void *w, void *c, size_t row_stride, size_t column_stride,
                        const void *params);
/* pointers: for each tap of the filter the addresses of a tile's pixels, tap_bytes in all; what is not `zero`
 * is moved by offset bytes. */
typedef void ew_igemm_fn(size_t rows, size_t columns, size_t depth, size_t tap_bytes,
                         const void **pointers, const void *w, void *c, size_t row_stride,
                         size_t column_stride, size_t offset, const void *zero, const void *params);
/* The same for dynamically quantised activations: quant is per row, resp. that of the picture, whose padding is
 * zero_data. */
typedef void ew_dqgemm_fn(size_t rows, size_t columns, size_t depth, const void *a, size_t a_stride,
                          const void *w, void *c, size_t row_stride, size_t column_stride,
                          const void *params, const struct xnn_qd8_quantization_params *quant);
typedef void ew_dqigemm_fn(size_t rows, size_t columns, size_t depth, size_t tap_bytes,
                           const void **pointers, const void *w, void *c, size_t row_stride,
                           size_t column_stride, size_t offset, const void *zero,
                           const void *zero_data, const void *params,
                           const struct xnn_qd8_quantization_params *quant);

/* Weights in pairs of depth, for any hardware. */
ew_gemm_fn ew_qs8_gemm_c2, ew_qu8_gemm_c2;
ew_igemm_fn ew_qs8_igemm_c2, ew_qu8_igemm_c2;
ew_dqgemm_fn ew_qd8_gemm_c2;
ew_dqigemm_fn ew_qd8_igemm_c2;

#ifdef __wasm_relaxed_simd__
/* Weights in fours, for hardware with 8-bit dot products; unsigned ones where those take activations as unsigned bytes. */
ew_gemm_fn ew_qs8_gemm_c4, ew_qu8_gemm_c4;
ew_igemm_fn ew_qs8_igemm_c4, ew_qu8_igemm_c4;
ew_dqgemm_fn ew_qd8_gemm_c4;
ew_dqigemm_fn ew_qd8_igemm_c4;
/* 128 where the dot product takes activations as unsigned bytes, which are then 128 more; else 0. */
extern uint8_t ew_int8_bias;
#endif

#endif
