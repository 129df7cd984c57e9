/* memcpy, memmove and memset, in place of the C library's: those that go with -Oz copy byte by byte, and
 * took a third of the time of loading a model.
 *
 * Large blocks go to the bulk instructions of WebAssembly, which every engine with SIMD has. Engines leave
 * compiled code for them, so small blocks, such as the rows that kernels copy, are copied here. */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

enum { BULK_LEAST = 256, VECTOR = 16 };

typedef uint64_t __attribute__((aligned(1), may_alias)) word64;
typedef uint32_t __attribute__((aligned(1), may_alias)) word32;

/* In each of the functions, the last vector or word overlaps the one before where the size is no multiple. */

static inline void copy_below_vector(char *to, const char *from, size_t size) {
  if (size >= 8) {
    const uint64_t head = *(const word64 *)from, tail = *(const word64 *)(from + size - 8);
    *(word64 *)to = head;
    *(word64 *)(to + size - 8) = tail;
  } else if (size >= 4) {
    const uint32_t head = *(const word32 *)from, tail = *(const word32 *)(from + size - 4);
    *(word32 *)to = head;
    *(word32 *)(to + size - 4) = tail;
  } else if (size > 0) {
    const char first = from[0], middle = from[size / 2], last = from[size - 1];
    to[0] = first;
    to[size / 2] = middle;
    to[size - 1] = last;
  }
}

static inline void copy_vectors(char *to, const char *from, size_t size) {
  for (size_t i = 0; i < size - VECTOR; i += VECTOR) {
    wasm_v128_store(to + i, wasm_v128_load(from + i));
  }
  wasm_v128_store(to + size - VECTOR, wasm_v128_load(from + size - VECTOR));
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  if (size < VECTOR) {
    copy_below_vector(to, from, size);
  } else if (size < BULK_LEAST) {
    copy_vectors(to, from, size);
  } else {
    __builtin_memcpy(to, from, size);
  }
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  const uintptr_t distance = (uintptr_t)to - (uintptr_t)from;
  if (size < VECTOR) {
    copy_below_vector(to, from, size);
  } else if (size < BULK_LEAST && distance >= size && -distance >= size) {
    copy_vectors(to, from, size);
  } else {
    __builtin_memmove(to, from, size);
  }
  return to;
}

void *memset(void *to, int value, size_t size) {
  char *out = to;
  if (size < VECTOR) {
    for (size_t i = 0; i < size; i++) out[i] = (char)value;
  } else if (size < BULK_LEAST) {
    const v128_t vector = wasm_i8x16_splat((signed char)value);
    for (size_t i = 0; i < size - VECTOR; i += VECTOR) wasm_v128_store(out + i, vector);
    wasm_v128_store(out + size - VECTOR, vector);
  } else {
    __builtin_memset(to, value, size);
  }
  return to;
}
