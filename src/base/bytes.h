/* Bounded little-endian reads and overflow-checked sizes. */
#ifndef EW_BASE_BYTES_H
#define EW_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed range of bytes. */
typedef struct ew_bytes {
  const uint8_t *data;
  size_t size;
} ew_bytes;

/* True when [offset, offset + size) lies inside [0, limit); never wraps. */
static inline bool ew_in_range(uint64_t offset, uint64_t size, uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

/* Products and sums that report overflow; *out is only written on success. */
static inline bool ew_mul_size(size_t a, size_t b, size_t *out) {
  if (b != 0 && a > SIZE_MAX / b) return false;
  *out = a * b;
  return true;
}
static inline bool ew_add_size(size_t a, size_t b, size_t *out) {
  if (a > SIZE_MAX - b) return false;
  *out = a + b;
  return true;
}

/* Unaligned little-endian loads. The caller has checked the range. */
static inline uint16_t ew_load_u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static inline uint32_t ew_load_u32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t ew_load_u64(const uint8_t *p) {
  return (uint64_t)ew_load_u32(p) | (uint64_t)ew_load_u32(p + 4) << 32;
}
static inline float ew_load_f32(const uint8_t *p) {
  const uint32_t bits = ew_load_u32(p);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static inline double ew_load_f64(const uint8_t *p) {
  const uint64_t bits = ew_load_u64(p);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif
