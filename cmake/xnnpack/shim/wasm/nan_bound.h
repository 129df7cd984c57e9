// Kernels that keep results between bounds write pmax(bound, result), which is the bound where the result is NaN.
// The other way round it is NaN, as in PyTorch, in as many instructions (one, on x86; on ARM other kernels are
// chosen). Results of -0 stay -0 where a bound is 0.
#pragma once
#include <wasm_simd128.h>

#define wasm_f32x4_pmax(bound, result) wasm_f32x4_pmax(result, bound)
#define wasm_f32x4_pmin(bound, result) wasm_f32x4_pmin(result, bound)
