// pmax(a, b) is a where either is NaN. With the bits of a comparison added it is NaN, as in PyTorch, in three
// instructions instead of one, where wasm_f32x4_max takes eight on x86 (on ARM other kernels are chosen).
#pragma once
#include <wasm_simd128.h>

static inline v128_t ew_keep_nan(v128_t chosen, v128_t b) {
  return wasm_v128_or(chosen, wasm_f32x4_ne(b, b));
}
#define wasm_f32x4_pmax(a, b) ew_keep_nan(wasm_f32x4_pmax(a, b), b)
#define wasm_f32x4_pmin(a, b) ew_keep_nan(wasm_f32x4_pmin(a, b), b)
