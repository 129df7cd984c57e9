/* Two of XNNPACK's WebAssembly kernels include <arm_neon.h> where they mean <wasm_simd128.h>. */
#ifndef EW_SHIM_ARM_NEON_H
#define EW_SHIM_ARM_NEON_H

#include <wasm_simd128.h>

#endif
