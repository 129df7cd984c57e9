/* 16-bit floats: IEEE half precision and bfloat16. Results round to the nearest, ties to even. */
#ifndef EW_BASE_HALF_H
#define EW_BASE_HALF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t ew_float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline float ew_bits_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline float ew_bf16_to_f32(uint16_t value) { return ew_bits_float((uint32_t)value << 16); }

static inline uint16_t ew_f32_to_bf16(float value) {
  const uint32_t bits = ew_float_bits(value);
  if (value != value) return (uint16_t)(bits >> 16 | 0x40); /* a quiet NaN */
  return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static inline float ew_f16_to_f32(uint16_t value) {
  const uint32_t sign = (uint32_t)(value & 0x8000) << 16, rest = value & 0x7FFF;
  if (rest >= 0x7C00) return ew_bits_float(sign | 0x7F800000 | (rest & 0x3FF) << 13);
  /* The exponent moves to its new bias by a product, which also gives subnormals their leading one. */
  const float magnitude = ew_bits_float(rest << 13) * 0x1p112f;
  return ew_bits_float(sign | ew_float_bits(magnitude));
}

static inline uint16_t ew_f32_to_f16(float value) {
  const uint32_t bits = ew_float_bits(value), magnitude = bits & 0x7FFFFFFF;
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  if (magnitude > 0x7F800000) return (uint16_t)(sign | 0x7E00);
  /* 65520 and above round to infinity. */
  if (magnitude >= 0x477FF000) return (uint16_t)(sign | 0x7C00);
  if (magnitude < 0x38800000) {
    /* Subnormal: adding 0.5 leaves the bits of the result, rounded, at the end of the sum. */
    const float sum = ew_bits_float(magnitude) + 0.5f;
    return (uint16_t)(sign | (ew_float_bits(sum) - 0x3F000000));
  }
  const uint32_t rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
  return (uint16_t)(sign | (rounded - 0x38000000) >> 13);
}

#endif
