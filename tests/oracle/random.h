/* A small deterministic random generator (xorshift64*), the same on every machine. */
#ifndef EW_TESTS_ORACLE_RANDOM_H
#define EW_TESTS_ORACLE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct random_state {
  uint64_t bits;
} random_state;

static inline random_state random_seed(uint64_t seed) {
  return (random_state){(seed + 1) * 0x9E3779B97F4A7C15u};
}

static inline uint32_t random_bits(random_state *r) {
  r->bits ^= r->bits >> 12;
  r->bits ^= r->bits << 25;
  r->bits ^= r->bits >> 27;
  return (uint32_t)(r->bits * 0x2545F4914F6CDD1Du >> 32);
}

/* From low to high, both included. */
static inline uint32_t random_range(random_state *r, uint32_t low, uint32_t high) {
  return low + random_bits(r) % (high - low + 1);
}

static inline bool random_chance(random_state *r, uint32_t percent) {
  return random_bits(r) % 100 < percent;
}

/* From low (included) to high. */
static inline double random_real(random_state *r, double low, double high) {
  return low + (high - low) * (random_bits(r) / 4294967296.0);
}

#endif
