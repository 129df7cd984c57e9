/* XNNPACK's packing functions (__real_) and what stands in for them (__wrap_), for the linker and the test. */
#ifndef EW_XNN_XNN_PACK_H
#define EW_XNN_XNN_PACK_H

#include <stddef.h>
#include <stdint.h>

/* As in XNNPACK. */
struct xnn_qs8_packing_params {
  int8_t input_zero_point;
};

typedef void ew_pack_f32_filter_fn(size_t groups, size_t outputs, size_t taps, size_t inputs,
                                   size_t nr, size_t kr, size_t sr, const float *filter,
                                   const float *bias, const void *scale, float *packed,
                                   size_t extra_bytes, const void *params);

#define EW_PACK_MATRIX                                                             \
  size_t groups, size_t outputs, size_t inputs, size_t nr, size_t kr, size_t sr,   \
      const int8_t *matrix, const int32_t *bias, const float *scale, void *packed, \
      size_t extra_bytes, const struct xnn_qs8_packing_params *params
#define EW_PACK_FILTER                                                                        \
  size_t groups, size_t outputs, size_t taps, size_t inputs, size_t nr, size_t kr, size_t sr, \
      const int8_t *matrix, const int32_t *bias, const float *scale, void *packed,            \
      size_t extra_bytes, const struct xnn_qs8_packing_params *params

typedef void ew_pack_int8_matrix_fn(EW_PACK_MATRIX);
typedef void ew_pack_int8_filter_fn(EW_PACK_FILTER);

ew_pack_f32_filter_fn __real_xnn_pack_f32_conv_goki_w, __wrap_xnn_pack_f32_conv_goki_w;
ew_pack_int8_matrix_fn __real_xnn_pack_qs8_gemm_goi_w, __wrap_xnn_pack_qs8_gemm_goi_w;
ew_pack_int8_matrix_fn __real_xnn_pack_qs8_to_qu8_gemm_goi_w, __wrap_xnn_pack_qs8_to_qu8_gemm_goi_w;
ew_pack_int8_filter_fn __real_xnn_pack_qs8_conv_goki_w, __wrap_xnn_pack_qs8_conv_goki_w;
ew_pack_int8_filter_fn __real_xnn_pack_qs8_to_qu8_conv_goki_w,
    __wrap_xnn_pack_qs8_to_qu8_conv_goki_w;

#endif
