/* Puts the kernels of int8_gemm.c where XNNPACK's configuration names its own (--wrap, src/CMakeLists.txt); those are
 * then not linked. */
#include "exec/xnn/int8_gemm.h"
#include "exec/xnn/internal.h"
#include "xnnpack/config.h"
#include "xnnpack/hardware-config.h"
#include "xnnpack/microparams-init.h"
#include "xnnpack/pack.h"

const struct xnn_gemm_config *__wrap_xnn_init_qs8_qc8w_gemm_config(void);
const struct xnn_gemm_config *__wrap_xnn_init_qu8_gemm_config(void);
const struct xnn_gemm_config *__wrap_xnn_init_qd8_f32_qc8w_gemm_config(void);

/* Returns the rows of a tile. */
static size_t set_shape(struct xnn_gemm_config *config, uint8_t log2_kr) {
  config->mr = log2_kr == 1 ? EW_INT8_ROWS_C2 : EW_INT8_ROWS_C4;
  config->nr = EW_INT8_COLUMNS;
  config->log2_kr = log2_kr;
  return config->mr;
}

/* A tile of one row is the same kernel: it takes an easier loop. Convolutions have whole tiles only, because their
 * kernels are handed the addresses of one. */
static void set_kernels(struct xnn_gemm_config *config, uint8_t log2_kr, ew_gemm_fn *gemm,
                        ew_igemm_fn *igemm) {
  const size_t rows = set_shape(config, log2_kr);
  config->minmax.gemm[0] = config->minmax.gemm[rows - 1] = xnn_init_hmp_gemm_ukernel(gemm);
  config->minmax.igemm[rows - 1] = xnn_init_hmp_igemm_ukernel(igemm);
}

static void set_dynamic_kernels(struct xnn_gemm_config *config, uint8_t log2_kr, ew_dqgemm_fn *gemm,
                                ew_dqigemm_fn *igemm) {
  const size_t rows = set_shape(config, log2_kr);
  config->minmax.dqgemm[0] = config->minmax.dqgemm[rows - 1] = xnn_init_hmp_dqgemm_ukernel(gemm);
  config->minmax.dqigemm[rows - 1] = xnn_init_hmp_dqigemm_ukernel(igemm);
}

/* Sums of weights times the zero point of the input go into the biases. */
static void set_signed_packing(struct xnn_gemm_config *config) {
  config->pack_gemm_gio = (xnn_packw_gemm_gio_ukernel_fn)xnn_pack_qs8_gemm_gio_w;
  config->pack_gemm_goi = (xnn_packw_gemm_goi_ukernel_fn)xnn_pack_qs8_gemm_goi_w;
  config->pack_igemm_goki = (xnn_pack_conv_goki_w_fn)xnn_pack_qs8_conv_goki_w;
  config->pack_igemm_kgo = (xnn_pack_conv_kgo_w_fn)xnn_pack_qs8_conv_kgo_w;
  config->pack_deconv_goki = (xnn_pack_deconv_goki_w_fn)xnn_pack_qs8_deconv_goki_w;
}

#ifdef __wasm_relaxed_simd__
/* The same with zero points 128 higher. */
static void set_unsigned_packing(struct xnn_gemm_config *config) {
  config->pack_gemm_gio = (xnn_packw_gemm_gio_ukernel_fn)xnn_pack_qs8_to_qu8_gemm_gio_w;
  config->pack_gemm_goi = (xnn_packw_gemm_goi_ukernel_fn)xnn_pack_qs8_to_qu8_gemm_goi_w;
  config->pack_igemm_goki = (xnn_pack_conv_goki_w_fn)xnn_pack_qs8_to_qu8_conv_goki_w;
  config->pack_igemm_kgo = (xnn_pack_conv_kgo_w_fn)xnn_pack_qs8_to_qu8_conv_kgo_w;
  config->pack_deconv_goki = (xnn_pack_deconv_goki_w_fn)xnn_pack_qs8_to_qu8_deconv_goki_w;
}

/* Then also how they take activations. */
bool ew_xnn_has_dot(void) {
  const struct xnn_hardware_config *hardware = xnn_init_hardware_config();
  if (hardware->use_wasm_sdot) return true;
  if (hardware->use_wasm_usdot) ew_int8_bias = 128;
  return hardware->use_wasm_usdot;
}
#endif

const struct xnn_gemm_config *__wrap_xnn_init_qs8_qc8w_gemm_config(void) {
  static struct xnn_gemm_config config;
  if (config.mr != 0) return &config;
  config.init.qs8_qc8w = xnn_init_qs8_qc8w_conv_minmax_fp32_scalar_params;
  set_signed_packing(&config);
#ifdef __wasm_relaxed_simd__
  if (ew_xnn_has_dot()) {
    if (ew_int8_bias != 0) set_unsigned_packing(&config);
    set_kernels(&config, 2, ew_qs8_gemm_c4, ew_qs8_igemm_c4);
    return &config;
  }
#endif
  set_kernels(&config, 1, ew_qs8_gemm_c2, ew_qs8_igemm_c2);
  return &config;
}

const struct xnn_gemm_config *__wrap_xnn_init_qu8_gemm_config(void) {
  static struct xnn_gemm_config config;
  if (config.mr != 0) return &config;
  config.init.qu8 = xnn_init_qu8_conv_minmax_fp32_scalar_params;
  config.pack_gemm_gio = (xnn_packw_gemm_gio_ukernel_fn)xnn_pack_qu8_gemm_gio_w;
  config.pack_gemm_goi = (xnn_packw_gemm_goi_ukernel_fn)xnn_pack_qu8_gemm_goi_w;
#ifdef __wasm_relaxed_simd__
  if (ew_xnn_has_dot() && ew_int8_bias != 0) {
    set_kernels(&config, 2, ew_qu8_gemm_c4, ew_qu8_igemm_c4);
    return &config;
  }
#endif
  set_kernels(&config, 1, ew_qu8_gemm_c2, ew_qu8_igemm_c2);
  return &config;
}

const struct xnn_gemm_config *__wrap_xnn_init_qd8_f32_qc8w_gemm_config(void) {
  static struct xnn_gemm_config config;
  if (config.mr != 0) return &config;
  config.init.f32 = xnn_init_f32_minmax_scalar_params;
  set_signed_packing(&config);
#ifdef __wasm_relaxed_simd__
  if (ew_xnn_has_dot()) {
    set_dynamic_kernels(&config, 2, ew_qd8_gemm_c4, ew_qd8_igemm_c4);
    return &config;
  }
#endif
  set_dynamic_kernels(&config, 1, ew_qd8_gemm_c2, ew_qd8_igemm_c2);
  return &config;
}
