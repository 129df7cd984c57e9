/* Included before gemm-config.c, which defines hardware_concurrency() by EM_JS as
 * navigator.hardwareConcurrency. On x86 the plain SIMD build takes its faster matrix kernels only
 * when that is more than four, as a guess at whether the processor has AVX. Laptops with two to four
 * cores have AVX too and would lose a quarter of their speed, so the answer is always "many". Nothing
 * else in that file uses EM_JS. */
#ifndef EW_SHIM_MANY_CORES_H
#define EW_SHIM_MANY_CORES_H

#include <emscripten.h>

#undef EM_JS
#define EM_JS(result, name, parameters, ...) \
  static result name parameters { return 64; }

#endif
